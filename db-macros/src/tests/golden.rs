//! Expansions, word for word. They are what a user steps through in a debugger
//! and what the compiler has to check for each function, so they stay short.

use super::{expand, flat};
use proc_macro2::TokenStream;

#[track_caller]
fn expands(item: &str, expected: &str) {
    let expanded = expand(item);
    let expected: TokenStream = expected.parse().unwrap();
    let shown = expanded.to_string();
    assert_eq!(flat(expanded), flat(expected), "expanded to:\n{shown}");
}

#[test]
fn a_reader() {
    expands(
        r#"
        #[reader]
        fn stock(db: &Reader, sku: &str) -> Result<i64> {
            Ok(db.query_row("SELECT 1", [sku], |row| row.get(0))?)
        }
        "#,
        r#"
        fn stock(db: &impl ::db_core::ReadFrom, sku: &str) -> Result<i64> {
            ::db_core::__private::read(
                db,
                const {
                    ::db_core::__private::Site::new(
                        ::core::concat!(::core::module_path!(), "::", "stock")
                    )
                },
                ::db_core::__private::Snapshot,
                |db: &Reader<'_>| -> Result<i64> {
                    Ok(db.query_row("SELECT 1", [sku], |row| row.get(0))?)
                },
                |__error| {
                    use ::db_core::__private::see::*;
                    (&&&Seen(__error)).see()
                },
            )
        }
        "#,
    );
}

#[test]
fn a_once_only_writer() {
    expands(
        r#"
        #[writer(timeout = 1.5s)]
        /// Sells.
        #[inline]
        pub(crate) fn sell<T: Send>(db: &db_core::Writer, mut what: Vec<T>, (a, b): (i64, i64)) -> Result<()>
        where
            T: ToSql,
        {
            what.clear();
            db.execute("UPDATE stock SET qty = ?1", [a + b])?;
            Ok(())
        }
        "#,
        r#"
        /// Sells.
        #[inline]
        pub(crate) fn sell<T: Send>(
            db: &impl ::db_core::WriteTo<::db_core::effect::Once>,
            mut what: Vec<T>,
            (a, b): (i64, i64)
        ) -> Result<()>
        where
            T: ToSql,
        {
            ::db_core::__private::write(
                db,
                const {
                    ::db_core::__private::Site::new(
                        ::core::concat!(::core::module_path!(), "::", "sell")
                    )
                },
                ::core::option::Option::Some(::core::time::Duration::from_millis(1500u64)),
                |db: &db_core::Writer<'_, ::db_core::effect::Once>| -> Result<()> {
                    what.clear();
                    db.execute("UPDATE stock SET qty = ?1", [a + b])?;
                    Ok(())
                },
                |__error| {
                    use ::db_core::__private::see::*;
                    (&&&Seen(__error)).see()
                },
            )
        }
        "#,
    );
}

const RETRIED: &str = r#"
    fn set_stock(
        db: &impl ::db_core::WriteTo<::db_core::effect::Idempotent>,
        sku: &str,
        qty: i64
    ) -> Result<()> {
        ::db_core::__private::write_retried(
            db,
            const {
                ::db_core::__private::Site::new(
                    ::core::concat!(::core::module_path!(), "::", "set_stock")
                )
            },
            ::core::option::Option::None,
            &::db_core::RetryPolicy::attempts(4u32)
                .base_delay(::core::time::Duration::from_millis(250u64))
                .max_delay(LONGEST)
                .jitter(true)
                .deadline(::core::time::Duration::from_secs(60u64)),
            move |db: &Writer<'_, ::db_core::effect::Idempotent>| -> Result<()> {
                let qty = ::db_core::__private::again(&qty);
                '__body: {
                    db.execute("UPDATE stock SET qty = ?2", (sku, qty))?;
                    Ok(())
                }
            },
        )
    }
"#;

#[test]
fn a_retried_writer() {
    let expected = format!("#[db_core::retry_on_locked(__absorbed)] {RETRIED}");
    expands(
        r#"
        #[writer]
        #[db_core::retry_on_locked(max_attempts = 4, idempotent, deadline = 1min, base_delay = 250ms, max_delay = LONGEST, jitter)]
        fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?2", (sku, qty))?;
            Ok(())
        }
        "#,
        &expected,
    );
}

#[test]
fn the_order_of_the_attributes_does_not_matter() {
    let expected = format!("#[writer(__absorbed)] {RETRIED}");
    expands(
        r#"
        #[retry_on_locked(max_attempts = 4, idempotent, deadline = 1min, base_delay = 250ms, max_delay = LONGEST, jitter)]
        #[writer]
        fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?2", (sku, qty))?;
            Ok(())
        }
        "#,
        &expected,
    );
}

#[test]
fn an_absorbed_attribute_does_nothing() {
    let item = "#[retry_on_locked(__absorbed)] fn f(db: &impl X) -> Result<()> { soup + }";
    expands(item, "fn f(db: &impl X) -> Result<()> { soup + }");
}

#[test]
fn a_bare_function() {
    expands(
        r#"
        #[retry_on_locked(idempotent = "the id is unique")]
        fn import(conn: &mut rusqlite::Connection, rows: &[Row]) -> rusqlite::Result<()> {
            conn.transaction()?.commit()
        }
        "#,
        r#"
        fn import(conn: &mut rusqlite::Connection, rows: &[Row]) -> rusqlite::Result<()> {
            ::db_core::__private::retry_mut(
                conn,
                const {
                    ::db_core::__private::Site::new(
                        ::core::concat!(::core::module_path!(), "::", "import")
                    )
                },
                &::db_core::RetryPolicy::attempts(3u32),
                move |conn: &mut rusqlite::Connection| -> rusqlite::Result<()> {
                    conn.transaction()?.commit()
                },
            )
        }
        "#,
    );
}

#[test]
fn a_method_over_a_connection_that_callers_do_not_pass() {
    expands(
        r#"
        #[reader(db = db_core::global()?, autocommit, crate = my::db)]
        #[retry_on_locked]
        fn count(&self, conn: &Connection, _: u8, _skipped: u8, mut n: u8, mut s: &str, [a, b]: [u8; 2])
            -> rusqlite::Result<impl Iterator<Item = impl Debug>> { body }
        "#,
        r#"
        #[retry_on_locked(__absorbed)]
        fn count(&self, _: u8, __arg3: u8, n: u8, s: &str, __arg6: [u8; 2])
            -> rusqlite::Result<impl Iterator<Item = impl Debug>>
        {
            my::db::__private::read_retried(
                &db_core::global()?,
                const {
                    my::db::__private::Site::new(
                        ::core::concat!(::core::module_path!(), "::", "count")
                    )
                },
                my::db::__private::Autocommit,
                &my::db::RetryPolicy::attempts(3u32),
                move |__handle: &my::db::Reader<'_>| -> rusqlite::Result<_> {
                    let conn: &Connection = ::core::ops::Deref::deref(__handle);
                    let _skipped = my::db::__private::again(&__arg3);
                    let mut n = my::db::__private::again(&n);
                    let mut s = s;
                    let [a, b] = my::db::__private::again(&__arg6);
                    '__body: { body }
                },
            )
        }
        "#,
    );
}

#[test]
fn a_method_without_a_body() {
    expands(
        "#[writer] fn set(&self, db: &Writer, n: i64) -> Result<()>;",
        "fn set(&self, db: &impl ::db_core::WriteTo<::db_core::effect::Once>, n: i64) -> Result<()>
         where for<'__call> Writer<'__call, ::db_core::effect::Once>: ::core::marker::Sized;",
    );
    expands(
        "#[reader(db = self.db)] fn get(&self, db: &db_core::Reader) -> Result<i64>;",
        "fn get(&self) -> Result<i64>;",
    );
}

#[test]
fn inner_attributes_stay_at_the_start_of_the_function() {
    let expanded = expand("#[reader] fn f(db: &Reader) -> Result<i64> { #![allow(unused)] Ok(1) }");
    let text = flat(expanded).join(" ");
    assert!(text.contains("Result < i64 > { # ! [ allow ( unused ) ] : : db_core"), "{text}");
    assert!(text.contains("- > Result < i64 > { Ok ( 1 ) }"), "{text}");
}

#[test]
fn a_wrong_function_is_still_there_for_its_callers() {
    expands(
        "#[writer(timeout = 10)] fn set(db: &Writer, n: i64) -> Result<()> { body }",
        r#"
        ::core::compile_error! { "write the unit: `10s` or `10ms`" }
        fn set(db: &impl ::db_core::WriteTo<::db_core::effect::Once>, n: i64) -> Result<()> {
            let db: &Writer<'_, ::db_core::effect::Once> = {
                let _ = db;
                ::core::option::Option::unwrap(::core::option::Option::None)
            };
            '__body: { body }
        }
        "#,
    );
}

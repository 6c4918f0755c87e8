//! Items of the user's that have the names of the prelude's, of the runtime's and of its
//! crates, next to annotated functions: an expansion finds its own all the same.

use super::{Connection, Database, Runs, TestDb};

mod by_types {
    #![allow(dead_code, non_camel_case_types)]

    use db_core::{Reader, Writer, reader, retry_on_locked, writer};

    // Nothing of these is what it is called.
    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Duration;
    pub(super) struct Site;
    pub(super) struct RetryPolicy;
    pub(super) struct Seen;
    pub(super) struct Idempotent;
    pub(super) struct Once;
    pub(super) struct str;
    pub(super) struct u32;
    pub(super) enum Error {}
    pub(super) trait Fn {}
    pub(super) trait Clone {}
    pub(super) trait Deref {}
    pub(super) trait Sized {}
    pub(super) trait From {}
    pub(super) trait AsError {}
    pub(super) trait ReadFrom {}
    pub(super) trait WriteTo {}
    pub(super) trait Outcome {}

    type Answer = ::core::result::Result<i64, ::db_core::Error>;

    #[reader]
    pub(super) fn read(db: &Reader, n: i64) -> Answer {
        super::super::answer(db, n).map_err(::core::convert::From::from)
    }

    #[writer(timeout = 1s)]
    pub(super) fn write(db: &Writer, mut n: i64) -> Answer {
        n += 1;
        super::super::answer(db, n).map_err(::core::convert::From::from)
    }

    #[writer(timeout = 1s)]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms, deadline = 1min, jitter)]
    pub(super) fn again(
        db: &Writer,
        n: ::std::vec::Vec<i64>,
        on: (&super::Runs, &super::Database),
    ) -> Answer {
        super::super::until(2, on.0, on.1)?;
        super::super::answer(db, n[0]).map_err(::core::convert::From::from)
    }

    #[retry_on_locked(max_attempts = 2, idempotent)]
    pub(super) fn bare(conn: &super::Connection, n: (i64, Site)) -> Answer
    where
        Site: ::core::clone::Clone,
    {
        super::super::answer(conn, n.0).map_err(::core::convert::From::from)
    }

    impl ::core::clone::Clone for Site {
        fn clone(&self) -> Self {
            Self
        }
    }

    pub(super) trait Stock {
        #[reader]
        fn count(&self, db: &Reader) -> Answer;

        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer) -> Answer;
    }

    impl Stock for () {
        #[reader]
        fn count(&self, db: &Reader) -> Answer {
            read(db, 1)
        }

        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer) -> Answer {
            self.count(db)
        }
    }
}

mod by_values {
    #![allow(dead_code, non_snake_case, non_upper_case_globals, unused_macros)]

    use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

    // Functions and constants where the prelude has variants.
    fn Some(_: i64) {}
    fn Err(_: i64) {}
    fn Autocommit() {}
    fn Snapshot() {}
    fn again() {}
    const None: i64 = 1;
    static attempts: i64 = 2;

    macro_rules! concat {
        ($($any:tt)*) => {
            compile_error!("the user's")
        };
    }
    macro_rules! module_path {
        () => {
            compile_error!("the user's")
        };
    }

    #[reader(autocommit)]
    pub(super) fn read(db: &Reader, n: i64) -> Result<i64> {
        Ok(super::super::answer(db, n + None + attempts)?)
    }

    #[writer]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    pub(super) fn write(
        db: &Writer,
        n: Vec<i64>,
        on: (&super::Runs, &super::Database),
    ) -> Result<i64> {
        super::super::until(2, on.0, on.1)?;
        read(db, n[0])
    }
}

mod by_modules {
    // Crates are found from the root, whatever is around.
    mod core {}
    mod std {}
    mod alloc {}
    mod db_core {
        pub(super) use ::db_core::*;
    }
    mod rusqlite {}

    use self::db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

    #[reader]
    pub(super) fn read(db: &Reader, n: i64) -> Result<i64> {
        Ok(super::super::answer(db, n)?)
    }

    #[writer]
    #[db_core::retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    pub(super) fn write(
        db: &db_core::Writer,
        n: Vec<i64>,
        on: (&super::Runs, &super::Database),
    ) -> Result<i64> {
        super::super::until(2, on.0, on.1)?;
        read(db, n[0])
    }

    // By the local module of the same name, and by a path through it.
    #[writer(crate = db_core, timeout = 1s)]
    #[retry_on_locked(idempotent, crate = db_core)]
    pub(super) fn by_the_local_one(db: &Writer, n: i64) -> Result<i64> {
        read(db, n)
    }

    #[retry_on_locked(idempotent, crate = self::db_core)]
    pub(super) fn bare(conn: &super::Connection, n: i64) -> Result<i64> {
        Ok(super::super::answer(conn, n)?)
    }
}

mod by_methods {
    use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

    /// Of everything, under the names of methods that an expansion calls.
    trait Everything {
        fn base_delay(self, _: i64) -> i64;
        fn max_delay(&self) -> i64;
        fn jitter(&mut self) -> i64;
        fn deadline(&self) -> i64;
        fn into_result(self) -> i64;
        fn deref(&self) -> i64;
        fn see(&self) -> i64;
    }

    impl<T> Everything for T {
        fn base_delay(self, n: i64) -> i64 {
            n
        }
        fn max_delay(&self) -> i64 {
            2
        }
        fn jitter(&mut self) -> i64 {
            3
        }
        fn deadline(&self) -> i64 {
            4
        }
        fn into_result(self) -> i64 {
            5
        }
        fn deref(&self) -> i64 {
            6
        }
        fn see(&self) -> i64 {
            0
        }
    }

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 1ms, max_delay = 2ms, jitter, deadline = 1min)]
    pub(super) fn write(db: &Writer, n: i64) -> Result<i64> {
        read(
            db,
            n.base_delay(1)
                + n.max_delay()
                + { n }.jitter()
                + n.deadline()
                + n.into_result()
                + n.see(),
        )
    }

    #[reader]
    fn read(db: &Reader, n: i64) -> Result<i64> {
        Ok(super::super::answer(db, n + Everything::deref(&n))?)
    }
}

#[test]
fn what_is_hidden_is_found() {
    use by_types::Stock as _;

    let (db, runs) = (TestDb::new(), [(); 3].map(|()| Runs::new()));
    let conn = Connection::open_in_memory().unwrap();
    assert_eq!(by_types::read(&*db, 1).unwrap(), 1);
    assert_eq!(by_types::write(&*db, 1).unwrap(), 2);
    assert_eq!(by_types::again(&*db, vec![3], (&runs[0], &db)).unwrap(), 3);
    assert_eq!(by_types::bare(&conn, (4, by_types::Site)).unwrap(), 4);
    assert_eq!(().set(&*db).unwrap() + ().count(&*db).unwrap(), 2);
    assert_eq!(by_values::read(&*db, 1).unwrap(), 4);
    assert_eq!(by_values::write(&*db, vec![2], (&runs[1], &db)).unwrap(), 5);
    assert_eq!(by_modules::read(&*db, 1).unwrap(), 1);
    assert_eq!(by_modules::write(&*db, vec![2], (&runs[2], &db)).unwrap(), 2);
    assert_eq!(by_modules::by_the_local_one(&*db, 3).unwrap(), 3);
    assert_eq!(by_modules::bare(&conn, 4).unwrap(), 4);
    assert_eq!(by_methods::write(&*db, 1).unwrap(), 21);
    assert_eq!(runs.map(|runs| runs.count()), [2; 3]);
}

//! Twins of `signature/*`: generics, lifetimes, names, blocks in blocks.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use std::fmt::Display;

use db_core::rusqlite::Connection;
use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

/// Documented.
#[must_use = "it may have failed"]
#[writer]
#[retry_on_locked(idempotent)]
#[inline]
pub(crate) fn generic<'a, T, const N: usize>(
    db: &Writer,
    items: &'a [T; N],
    what: impl Display + Clone,
) -> Result<&'a T>
where
    T: Send + 'a,
{
    db.execute("UPDATE stock SET sku = ?1", [what.to_string()])?;
    Ok(&items[0])
}

#[reader]
#[retry_on_locked]
fn raw_names(r#type: &Reader, r#fn: i64, __db: i64, conn: i64, db: i64) -> Result<i64> {
    r#type.query_row("SELECT 1", (), |_| Ok(()))?;
    Ok(r#fn + __db + conn + db)
}

#[reader]
#[retry_on_locked]
fn our_names(_: &Reader, __db: i64, (__arg2, __arg3): (i64, i64), __handle: i64) -> Result<i64> {
    Ok(__db + __arg2 + __arg3 + __handle)
}

#[reader]
fn our_names_over_a_connection(__handle: &Connection, __db: i64) -> Result<i64> {
    __handle.query_row("SELECT 1", (), |_| Ok(()))?;
    Ok(__db)
}

#[reader]
fn unused(_db: &Reader, _sku: &str) -> Result<i64> {
    Ok(1)
}

#[reader]
fn rebound(mut db: &Reader, other: bool) -> Result<i64> {
    #![expect(unused_assignments)]
    let first = db;
    if other {
        db = first;
    }
    db = first;
    unused(db, "")
}

#[reader]
fn early(db: &Reader, stop: bool) -> Result<i64> {
    fn nested(db: &Reader<'_>) -> Result<i64> {
        #[reader]
        fn annotated(db: &Reader) -> Result<i64> {
            unused(db, "")
        }
        annotated(db)
    }
    if stop {
        return Ok(0);
    }
    for n in 0..3 {
        if n == nested(db)? {
            return Ok(n);
        }
    }
    Ok(1)
}

struct Shop<T> {
    name: String,
    value: T,
}

impl<T: Clone> Shop<T> {
    #[reader]
    fn elided(&self, db: &Reader, _sku: &str) -> Result<&str> {
        db.query_row("SELECT 1", (), |_| Ok(()))?;
        Ok(&self.name)
    }

    #[reader]
    fn value(&self, _: &Reader) -> Result<T> {
        Ok(self.value.clone())
    }

    #[writer]
    fn create(db: &Writer, name: String, value: T) -> Result<Self> {
        db.execute("INSERT INTO shop VALUES (?1)", [&name])?;
        Ok(Self { name, value })
    }
}

fn caller(db: &Database) -> Result<i64> {
    let shop = Shop::create(db, "s".into(), 3)?;
    shop.elided(db, "")?;
    generic(db, &[1, 2], 'x')?;
    our_names(db, 1, (2, 3), 4)?;
    our_names_over_a_connection(db, 1)?;
    Ok(rebound(db, true)? + early(db, true)? + raw_names(db, 1, 2, 3, 4)? + shop.value(db)?)
}

fn main() {
    let _ = caller;
}

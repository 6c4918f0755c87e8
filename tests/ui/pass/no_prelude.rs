//! Expansions need nothing of the prelude and no name that the user can hide; the
//! runtime may be found under another one.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]
#![no_implicit_prelude]

mod facade {
    pub(crate) mod store {
        pub(crate) use ::db_core::*;
    }
}

mod core {}

mod orders {
    use super::facade::store;
    use store::{reader, retry_on_locked, writer};

    #[reader(crate = store, autocommit)]
    pub(crate) fn get(db: &store::Reader) -> store::Result<i64> {
        ::core::result::Result::Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[writer(crate = super::facade::store, timeout = 10s)]
    #[retry_on_locked(idempotent, base_delay = 1ms, jitter)]
    pub(crate) fn set(db: &store::Writer, mut qty: i64) -> store::Result<i64> {
        qty += get(db)?;
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        ::core::result::Result::Ok(qty)
    }

    #[retry_on_locked(idempotent, crate = crate::facade::store)]
    pub(crate) fn bare(conn: &store::rusqlite::Connection) -> store::rusqlite::Result<()> {
        conn.execute_batch("UPDATE stock SET qty = 0")
    }
}

#[::db_core::reader(db = ::db_core::global()?)]
fn qualified(conn: &::db_core::rusqlite::Connection) -> ::db_core::Result<i64> {
    ::core::result::Result::Ok(conn.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &::db_core::Database) -> ::db_core::Result<i64> {
    let conn = ::db_core::rusqlite::Connection::open_in_memory()?;
    orders::bare(&conn)?;
    ::core::result::Result::Ok(orders::get(db)? + orders::set(db, 1)? + qualified()?)
}

fn main() {
    let _ = caller;
}

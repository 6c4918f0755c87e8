//! Without the prelude, run: that it compiles is said by `ui/pass/no_prelude`.
#![no_implicit_prelude]

use ::core::convert::From;
use ::core::result::Result::{Err, Ok};
use ::db_core::{Reader, Writer};
use ::std::{assert_eq, string::String};

use super::{Database, Runs, TestDb};

#[::db_core::reader]
fn read(db: &Reader, text: &str) -> ::db_core::Result<String> {
    Ok(db.query_row("SELECT ?1", [text], |row| row.get(0))?)
}

#[::db_core::writer(timeout = 1s)]
#[::db_core::retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms, jitter)]
fn write(
    db: &Writer,
    mut text: String,
    (runs, on): (&Runs, &Database),
) -> ::db_core::Result<String> {
    text.push('!');
    super::until(2, runs, on)?;
    read(db, &text)
}

#[::db_core::writer]
fn once(conn: &::db_core::rusqlite::Connection, text: String) -> ::db_core::Result<String> {
    super::answer(conn, 1)?;
    Ok(text)
}

#[::db_core::retry_on_locked(max_attempts = 2, idempotent)]
fn bare(conn: &::db_core::rusqlite::Connection, text: String) -> ::db_core::Result<String> {
    match super::answer(conn, 1) {
        Ok(_) => Ok(text),
        Err(error) => Err(From::from(error)),
    }
}

#[::core::prelude::v1::test]
fn nothing_of_the_prelude_is_needed() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let text = || String::from("text");
    assert_eq!(read(&*db, "text").unwrap(), "text");
    assert_eq!(write(&*db, text(), (&runs, &db)).unwrap(), "text!");
    assert_eq!(once(&*db, text()).unwrap(), "text");
    let conn = ::db_core::rusqlite::Connection::open_in_memory().unwrap();
    assert_eq!(bare(&conn, text()).unwrap(), "text");
    assert_eq!(runs.count(), 2);
}

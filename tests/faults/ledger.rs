//! What the processes write, and what must be true of it in the end: the rows of a
//! transaction are in two tables, and any of them without the others shows.

use std::collections::BTreeMap;
use std::path::Path;

use db_core::{Result, Writer, writer};
use rusqlite::Connection;

/// Each transaction of a writer has a number, counted from 1; it books that amount
/// twice, in and out, and counts itself for the writer and for all.
const SCHEMA: &str = "
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        writer INTEGER NOT NULL,
        n INTEGER NOT NULL,
        amount INTEGER NOT NULL
    );
    CREATE TABLE total (writer INTEGER PRIMARY KEY, booked INTEGER NOT NULL);
    INSERT INTO total VALUES (-1, 0);";

const ENTRY: &str = "INSERT INTO entry (writer, n, amount) VALUES (?1, ?2, ?3)";

pub(crate) fn make(path: &Path) {
    super::options().migrations(&[SCHEMA]).open(path).unwrap();
}

#[writer]
pub(crate) fn book(db: &Writer, writer: usize, n: u64) -> Result<()> {
    let (writer, n) = (writer as i64, n as i64);
    let mut entry = db.prepare_cached(ENTRY)?;
    entry.execute([writer, n, n])?;
    db.prepare_cached(
        "INSERT INTO total VALUES (?1, 1) ON CONFLICT DO UPDATE SET booked = booked + 1",
    )?
    .execute([writer])?;
    entry.execute([writer, n, -n])?;
    db.prepare_cached("UPDATE total SET booked = booked + 1 WHERE writer = -1")?.execute([])?;
    Ok(())
}

/// Asks the file, as somebody who does not use db-core: every transaction is there as a
/// whole or not at all, and none is missing before another of its writer. Returns how
/// many each writer has.
pub(crate) fn check(path: &Path) -> BTreeMap<usize, u64> {
    super::common::assert_whole(path);
    let conn = Connection::open(path).unwrap();
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let halves = "SELECT count(*) FROM (
        SELECT 1 FROM entry GROUP BY writer, n
        HAVING count(*) <> 2 OR sum(amount) <> 0 OR max(amount) <> n)";
    assert_eq!(count(halves), 0, "transactions have half of their entries");
    let apart = "SELECT count(*) FROM
        (SELECT writer, count(*) / 2 AS pairs, max(n) AS last FROM entry GROUP BY writer)
        FULL JOIN (SELECT * FROM total WHERE writer <> -1) USING (writer)
        WHERE pairs IS NOT booked OR last IS NOT booked";
    assert_eq!(count(apart), 0, "writers have other entries than were counted");
    let all = "SELECT booked - (SELECT count(*) / 2 FROM entry) FROM total WHERE writer = -1";
    assert_eq!(count(all), 0, "the count of all is not that of the entries");

    let mut totals = conn.prepare("SELECT writer, booked FROM total WHERE writer <> -1").unwrap();
    let rows = totals.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    rows.unwrap().map(|row| row.map(|(who, n)| (who as usize, n as u64)).unwrap()).collect()
}

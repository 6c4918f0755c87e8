//! Three programs that do the same on files of their own, with the same settings and the
//! same statements: `ours` is db-core, `plain` hand-written rusqlite, `python` Python's
//! sqlite3. `holder` is a fourth that they wait for; `plan` gives them their turns, and
//! `record` has what comes of it.

mod case;
mod files;
mod holder;
mod ours;
mod plain;
mod plan;
mod python;
mod record;

pub use case::Case;
pub use files::Files;
pub use holder::{Holder, Holding};
pub use ours::Ours;
pub use plain::Plain;
pub use plan::Plan;
pub use python::Python;
pub use record::Record;

use std::time::{Duration, SystemTime};

use db_core::rusqlite::types::Value;
use db_core::rusqlite::{Connection, Result};

/// How many rows a batch writes.
pub const BATCH: u32 = 1000;
/// How many rows the long query reads.
pub const ROWS: usize = 10_000;
pub const ALL: &str = "SELECT id, name, qty FROM product";

/// What all three must have alike. `busy_timeout` is 5,000 ms in all of them, but while
/// db-core waits it is its own.
pub const ASKED: &str = "foreign_keys journal_mode synchronous temp_store cache_size \
                         journal_size_limit trusted_schema";

/// One of the three.
pub trait Program {
    /// What [`ASKED`] is on the connections that write, of `Files::normal` and `Files::full`.
    fn settings(&mut self) -> [String; 2];

    /// Does `case` so many times; how long all of them took.
    fn time(&mut self, case: Case, calls: u32) -> Duration;

    /// Takes the write lock of `Files::lock`, and lets it go; when it had it.
    fn lock(&mut self) -> SystemTime;
}

/// What [`ASKED`] is on a connection, in one line.
fn asked(conn: &Connection) -> Result<String> {
    let mut values = Vec::new();
    for pragma in ASKED.split_whitespace() {
        let value = conn.pragma_query_value(None, pragma, |row| row.get(0))?;
        values.push(match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        });
    }
    Ok(values.join(" "))
}

type Product = (i64, String, i64);

/// All rows of the long query, as values of the program.
fn products(conn: &Connection) -> Result<Vec<Product>> {
    let mut all = conn.prepare_cached(ALL)?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

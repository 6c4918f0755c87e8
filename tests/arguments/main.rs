//! What a function's parameters go through on their way into its body: copies for each
//! attempt, patterns, names, generics, macros. An expansion is to behave as the function
//! that was written, in a crate that denies every warning and clippy's pedantic lints.
#![deny(warnings, clippy::pedantic)]

#[allow(clippy::pedantic)]
#[path = "../common/mod.rs"]
mod common;

#[allow(clippy::non_minimal_cfg, reason = "conditions that always or never hold")]
mod conditional;
mod copies;
mod drops;
mod generics;
mod hidden;
mod macros;
mod names;
mod no_prelude;
#[allow(
    clippy::needless_pass_by_value,
    clippy::used_underscore_binding,
    reason = "what is not consumed, and what is used, by an option alone"
)]
mod options;
#[allow(
    clippy::many_single_char_names,
    clippy::redundant_at_rest_pattern,
    clippy::redundant_pattern,
    clippy::too_many_arguments,
    clippy::toplevel_ref_arg,
    reason = "every pattern there is, also those that can be written shorter"
)]
mod patterns;
mod receivers;

use common::{Runs, TestDb, busy};
use db_core::rusqlite::{self, Connection};
use db_core::{Database, Error, Reader, Result, Writer, reader, retry_on_locked, writer};

/// Counts the run, and fails with a lock error until the `attempts`-th.
fn until(attempts: usize, runs: &Runs, db: &Database) -> Result<usize> {
    let run = runs.run();
    if run < attempts { Err(busy_elsewhere(db).into()) } else { Ok(run) }
}

/// A real lock error, whoever holds the lock.
fn busy_elsewhere(db: &Database) -> rusqlite::Error {
    let holder = Connection::open(db.path()).unwrap();
    // Fails where the caller's own transaction holds it already.
    let _ = holder.busy_timeout(std::time::Duration::ZERO);
    let _ = holder.execute_batch("BEGIN IMMEDIATE");
    busy(db.path())
}

/// A query without a table.
fn answer(conn: &Connection, n: i64) -> rusqlite::Result<i64> {
    conn.query_row("SELECT ?1", [n], |row| row.get(0))
}

//! Upkeep: statistics, indexes, VACUUM and checkpoints do what they are for, beside writers
//! and readers that meet nothing of it, and end at their deadline if somebody else is in the
//! way.

mod beside_writers;
mod checkpoints;
mod closing;
#[path = "../common/mod.rs"]
mod common;
mod copies;
mod deadlines;
mod left_alone;
mod nested;
mod waits;
mod without_log;
mod works;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::{Foreign, ForeignLock, Lock, PATIENCE, Process, TestDb, received, wait_until};
use db_core::{
    Checkpoint, Checkpointed, Database, Error, Holder, Invariant, JournalMode, Maintenance,
    OpenProblem, Options, Result, RetryPolicy, Synchronous, WaitedFor,
};
use rusqlite::Connection;

/// Whoever has a lock can be named.
const TELLS: bool = cfg!(target_os = "linux");

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn number(db: &Database, sql: &str) -> i64 {
    db.read(|r| r.query_row(sql, [], |row| row.get(0))).unwrap()
}

fn insert(db: &Database, name: &str) -> Result<()> {
    db.write(|w| w.execute("INSERT INTO item (name) VALUES (?1)", [name]).map(drop))?;
    Ok(())
}

/// Adds so many items at once, 1 kB each.
fn fill(db: &Database, items: u32) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
               INSERT INTO item (name, qty) SELECT hex(randomblob(500)), i FROM n";
    db.write(|w| w.execute(sql, [items])).unwrap();
}

/// Each operation that has a writer's turn, by its name.
type Operation = (&'static str, fn(Maintenance<'_>) -> Result<()>);

const OPERATIONS: [Operation; 6] = [
    ("optimize", |upkeep| upkeep.optimize()),
    ("analyze", |upkeep| upkeep.analyze()),
    ("reindex", |upkeep| upkeep.reindex()),
    ("vacuum", |upkeep| upkeep.vacuum()),
    ("passive checkpoint", |upkeep| upkeep.checkpoint(Checkpoint::Passive).map(drop)),
    ("checkpoint", |upkeep| upkeep.checkpoint(Checkpoint::Truncate).map(drop)),
];

/// Sets it at its end, whatever comes of the test: so threads that ask for it end.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

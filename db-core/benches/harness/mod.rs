//! Measures contenders against each other in one run: their samples alternate, so
//! that drift of the machine meets all of them alike, and what counts is the ratio of
//! the medians.
//!
//! Here is what they work on. `compare` times single calls; `slice` lets workers write
//! for a while, `contenders` are who writes, `crew` writers in processes of their own,
//! `process` one that is told what to do; `measured` has the medians, `report` prints them
//! beside what was aimed at.

#![allow(dead_code, unused_imports, unreachable_pub, clippy::print_stdout, clippy::unwrap_used)]

mod compare;
mod contenders;
mod crew;
mod measured;
mod process;
mod report;
mod slice;

pub use compare::compare;
pub use contenders::{Behind, Contender, Mode, OurWriter, Ours, Own, make_file};
pub use crew::{Crew, Member};
pub use measured::{Measured, median};
pub use process::Process;
pub use report::{Limit, Plan, Report};
pub use slice::{Slice, Work, slice, work};

use std::path::{Path, PathBuf};

use db_core::rusqlite::Connection;

/// A folder on the disk of the build, not in memory; gone when dropped.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub const SCHEMA: &str = "
    CREATE TABLE orders (id INTEGER PRIMARY KEY, sku INTEGER NOT NULL, qty INTEGER NOT NULL);
    CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    INSERT INTO counter VALUES (1, 0);
    CREATE TABLE stock (sku INTEGER PRIMARY KEY, name TEXT NOT NULL, qty INTEGER NOT NULL);
    WITH RECURSIVE skus (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM skus WHERE n < 1000)
        INSERT INTO stock SELECT n, 'product ' || n, n % 50 FROM skus;";

pub const INSERT: &str = "INSERT INTO orders (sku, qty) VALUES (?1, ?2)";
pub const COUNT: &str = "UPDATE counter SET n = n + 1 WHERE id = 1";
pub const READ: &str = "SELECT qty FROM stock WHERE sku = ?1";

/// A connection as one is set up by hand, with the settings that db-core has.
pub fn by_hand(path: &Path, synchronous: &str) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    conn.execute_batch(&settings(synchronous)).unwrap();
    conn.set_prepared_statement_cache_capacity(128);
    conn
}

/// The settings that db-core has, without the journal mode, which is the file's.
pub fn settings(synchronous: &str) -> String {
    format!(
        "PRAGMA foreign_keys = 1; PRAGMA synchronous = {synchronous}; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -64000; PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = 0;",
    )
}

//! Whether a database is sound: what is checked when it is opened, on demand, and before each
//! commit; and that what is found is told with its place, and leaves the file as it was.

mod before_commit;
#[path = "../common/mod.rs"]
mod common;
mod foreign_keys;
mod invariants;
mod newest_backup;
mod on_demand;
mod startup;

use std::fs;
use std::path::{Path, PathBuf};

use common::{TestDb, wait_until};
use db_core::{
    Database, Error, Finding, FindingKind, IntegrityCheck, Invariant, JournalMode, Options, Result,
};
use rusqlite::Connection;
use tempfile::TempDir;

/// A file that a program has made which knows nothing of db-core.
struct Made {
    folder: TempDir,
}

impl Made {
    fn of(sql: &str) -> Self {
        let made = Self { folder: tempfile::tempdir().unwrap() };
        made.by_hand(sql);
        made
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    /// Without foreign keys, as they are off where nobody turns them on.
    fn by_hand(&self, sql: &str) {
        let conn = Connection::open(self.path()).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON").unwrap();
        conn.execute_batch(sql).unwrap();
    }

    fn open(&self, options: Options) -> Result<Database> {
        options.open(self.path())
    }

    /// The findings of the error of opening it so.
    #[track_caller]
    fn refused(&self, options: Options) -> Vec<Finding> {
        findings(self.open(options).unwrap_err())
    }
}

#[track_caller]
fn findings(error: Error) -> Vec<Finding> {
    match error {
        Error::CheckFailed(failed) => failed.findings,
        Error::Corrupt(corrupt) => corrupt.findings,
        Error::InvariantBroken(broken) => broken.findings,
        error => panic!("{error}"),
    }
}

fn told(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.what.as_str()).collect()
}

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

/// Puts these bytes over the same word in the file, wherever it is.
fn overwrite(path: &Path, word: &[u8], by: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let places: Vec<_> =
        (0..=bytes.len() - word.len()).filter(|&at| bytes[at..].starts_with(word)).collect();
    assert!(!places.is_empty(), "the file has no such bytes");
    for at in places {
        bytes[at..at + by.len()].copy_from_slice(by);
    }
    fs::write(path, bytes).unwrap();
}

/// Overwrites all but the head of a page, counted from 1.
fn ruin_page(path: &Path, page: usize) {
    let mut bytes = fs::read(path).unwrap();
    let size = 4096;
    bytes[(page - 1) * size..page * size].fill(0x5a);
    fs::write(path, bytes).unwrap();
}

const QUICK: fn() -> Options = || Options::new().startup_check(IntegrityCheck::Quick);
const FULL: fn() -> Options = || Options::new().startup_check(IntegrityCheck::Full);

const STOCK: &str = "CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER, counted TEXT);
                     INSERT INTO stock VALUES ('A-1', 5, '2026-11-28'), ('B-2', 0, NULL);";

fn never_negative() -> Invariant {
    Invariant::new("stock is never negative", "SELECT sku, qty FROM stock WHERE qty < 0")
}

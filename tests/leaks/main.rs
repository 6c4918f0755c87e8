//! no-leaks while it happens: what stays open for long is reported, once and with its place;
//! what takes too long is interrupted, and only that; the thread that sees to both sleeps
//! while nothing is open.
//!
//! That something is not said is known from [`looks`]: it counts how often that thread has
//! looked meanwhile, instead of waiting for a time in which it may not have run at all. (What
//! is said is said on threads of their own, so a word too many may be missed in one run; not
//! in all of them.)

#[path = "../common/mod.rs"]
mod common;
mod connections;
mod errors;
#[cfg(target_os = "linux")]
mod forked;
mod groups;
mod listeners;
mod pinned;
mod reported;
mod stress;
mod timeouts;
mod told;
#[cfg(target_os = "linux")]
mod watcher;

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{
    Dice, ForeignLock, Lock, PATIENCE, Process, Runs, TestDb, names, quick, received, wait_until,
    without_processes, without_times,
};
use db_core::{
    BodyTimeout, Database, Error, Kind, LockHolder, OpenGuard, Options, PinnedBy, Reader, Result,
    RetryPolicy, Warning, Writer, reader, retry_on_locked, writer,
};
use rusqlite::Connection;

/// A statement that has no end of its own.
const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                       SELECT count(*) FROM n";

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name]).map(drop)
}

fn count(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))
}

fn run_endless(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row(ENDLESS, [], |row| row.get(0))
}

/// What was heard of one warning.
#[derive(Clone, Debug)]
struct Heard {
    line: String,
    report: String,
    path: PathBuf,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Leak(OpenGuard),
    PinnedByGuard(u64, OpenGuard),
    PinnedByProcesses(u64, Vec<LockHolder>),
}

impl From<&Warning> for Heard {
    fn from(warning: &Warning) -> Self {
        let (path, what) = match warning {
            Warning::Leak { path, guard } => (path, What::Leak((**guard).clone())),
            Warning::WalPinned { path, wal_bytes, by: PinnedBy::Guard(guard) } => {
                (path, What::PinnedByGuard(*wal_bytes, (**guard).clone()))
            }
            Warning::WalPinned { path, wal_bytes, by: PinnedBy::Processes(processes) } => {
                (path, What::PinnedByProcesses(*wal_bytes, processes.clone()))
            }
            other => panic!("nobody expects {other}"),
        };
        let (line, report) = (warning.to_string(), format!("{warning:#}"));
        Self { line, report, path: path.clone(), what }
    }
}

impl Heard {
    #[track_caller]
    fn leak(&self) -> &OpenGuard {
        match &self.what {
            What::Leak(guard) => guard,
            other => panic!("{other:?}"),
        }
    }
}

/// A listener that notes what it hears.
#[derive(Clone)]
struct Ear {
    heard: Arc<Mutex<Vec<Heard>>>,
    /// Which leaks it notes.
    notes: fn(&OpenGuard) -> bool,
}

impl Ear {
    fn new() -> Self {
        Self::of(|_| true)
    }

    /// Only of these leaks: on a slow machine others may be open for long too.
    fn of(notes: fn(&OpenGuard) -> bool) -> Self {
        Self { heard: Arc::default(), notes }
    }

    fn listens(&self, options: Options) -> Options {
        let Self { heard, notes } = self.clone();
        options.on_warning(move |warning| {
            if !matches!(warning, Warning::Leak { guard, .. } if !notes(guard)) {
                heard.lock().unwrap().push(warning.into());
            }
        })
    }

    /// A database that reports to it what is open for longer than that.
    fn open(&self, leak_after: Duration) -> TestDb {
        TestDb::with(self.listens(Options::new().leak_after(leak_after)))
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// The first warning, when it comes.
    #[track_caller]
    fn first(&self) -> Heard {
        self.number(1)
    }

    /// Of that number, counted from 1.
    #[track_caller]
    fn number(&self, number: usize) -> Heard {
        wait_until("it is warned", || self.count() >= number);
        self.heard()[number - 1].clone()
    }

    /// So many are said and nothing more, however often it is looked.
    #[track_caller]
    fn stays_at(&self, number: usize) {
        wait_until("it is warned", || self.count() >= number);
        looks(5);
        assert_eq!(self.count(), number, "{:#?}", self.heard());
    }
}

/// As [`Probe::looks`].
#[track_caller]
fn looks(times: usize) {
    Probe::new().looks(times);
}

/// A database that is told of everything, and so sees how often the watcher looks.
struct Probe {
    ear: Ear,
    db: TestDb,
}

impl Probe {
    fn new() -> Self {
        let ear = Ear::new();
        Self { db: ear.open(ms(1)), ear }
    }

    /// Returns when the watcher has looked at everything that is open that many times since
    /// this was called.
    #[track_caller]
    fn looks(&self, times: usize) {
        let before = self.ear.count();
        // Each report comes of another look. In that of the first, other databases may have
        // had their turn before the call, and in that of the last have it after this one.
        for number in 1..=times + 2 {
            let guard = self.db.reader().unwrap();
            self.ear.number(before + number);
            drop(guard);
        }
    }
}

#[track_caller]
fn timeout<T>(result: Result<T>) -> Box<BodyTimeout> {
    match result {
        Err(Error::BodyTimeout(timeout)) => timeout,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was not interrupted"),
    }
}

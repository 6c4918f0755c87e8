//! The run that is recorded: several threads write through db-core, while others read
//! and make checkpoints; the database is closed and opened again in between.
//!
//! Each transaction takes the next number from a counter, so that the order of commits is
//! in the file, and all that is in it follows from the newest number: [`Check`] needs no
//! other witness.
//!
//! [`Check`]: super::check::Check

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use db_core::{Database, Options, Reader, Result, Synchronous, Writer};
use db_core::{reader, retry_on_locked, writer};
use rusqlite::Connection;
use tempfile::TempDir;

use super::vfs::{By, Disk, Event, Name, Note, Random};

/// The newest so many rows are kept, so that the file stays small and pages come free.
pub const KEPT: i64 = 30;

const TABLES: &str = "
    CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    INSERT INTO counter VALUES (1, 0);
    CREATE TABLE head (n INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE line (n INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE INDEX line_of ON line (n, part);";

pub struct Recording {
    pub mode: Synchronous,
    pub events: Vec<Event>,
    /// How many shared the transaction of another.
    pub grouped: u64,
    pub path: PathBuf,
    _folder: TempDir,
}

/// What transaction `n` writes: of very different lengths.
pub fn text(n: i64, part: i64) -> String {
    let length = usize::try_from((n * 37 + part * 101) % 7).unwrap();
    format!("{n}/{part} {}", "x".repeat(length * length * 25))
}

/// How many lines it has.
pub fn parts(n: i64) -> i64 {
    1 + n % 4
}

#[writer]
pub fn add(db: &Writer) -> Result<i64> {
    write(db)
}

/// In a transaction with others, if they meet.
#[writer(group)]
#[retry_on_locked(idempotent)]
pub fn add_grouped(db: &Writer) -> Result<i64> {
    write(db)
}

fn write(db: &Connection) -> Result<i64> {
    db.execute("UPDATE counter SET n = n + 1", [])?;
    let n = db.query_row("SELECT n FROM counter", [], |row| row.get(0))?;
    db.execute("INSERT INTO head VALUES (?1, ?2)", (n, text(n, 0)))?;
    for part in 1..=parts(n) {
        db.execute("INSERT INTO line VALUES (?1, ?2, ?3)", (n, part, text(n, part)))?;
    }
    db.execute("DELETE FROM line WHERE n <= ?1", [n - KEPT])?;
    db.execute("DELETE FROM head WHERE n <= ?1", [n - KEPT])?;
    Ok(n)
}

#[reader]
fn newest(db: &Reader) -> Result<i64> {
    let n = db.query_row("SELECT n FROM counter", [], |row| row.get(0))?;
    // The WAL can't be begun anew meanwhile.
    thread::sleep(Duration::from_micros(200));
    Ok(n)
}

pub fn options(mode: Synchronous) -> Options {
    Options::new()
        .synchronous(mode)
        .journal_size_limit(Some(12_000))
        .max_group_age(Duration::from_secs(10))
        .migrations(&[TABLES])
        .on_connect(|conn| {
            conn.execute_batch("PRAGMA page_size = 1024; PRAGMA wal_autocheckpoint = 25")
        })
}

impl Recording {
    pub fn make(mode: Synchronous, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let disk = Disk::watch(folder.path());
        let mut random = Random(seed);
        let mut grouped = 0;
        for _ in 0..4 {
            let db = options(mode).open(&path).unwrap();
            run(&db, &disk, &mut random);
            grouped += db.stats().grouped;
            let newest = newest(&db).unwrap();
            // The reader's connection goes too, so this folds the WAL in.
            db.close().unwrap();
            disk.note(Note::Checkpointed(newest));
        }
        Self { grouped, ..Self::of(mode, disk.take(), path, folder) }
    }

    pub fn of(mode: Synchronous, events: Vec<Event>, path: PathBuf, folder: TempDir) -> Self {
        Self { mode, events, grouped: 0, path, _folder: folder }
    }

    /// There is in it what it is made for.
    pub fn is_worth_it(&self) {
        let count = |what: fn(&Event) -> bool| self.events.iter().filter(|at| what(at)).count();
        assert!(count(|at| matches!(at, Event::Noted(Note::Acked(_)))) >= 100);
        // Of each of the four times that it was open.
        assert!(self.grouped >= 12, "{} shared a transaction", self.grouped);
        let database_synced =
            count(|at| matches!(at, Event::Synced { name: Name::Database, by: By::Sqlite, .. }));
        assert!(database_synced >= 8, "{database_synced} checkpoints");
        let begun =
            count(|at| matches!(at, Event::Written { at: 0, bytes, .. } if bytes.len() == 32));
        assert!(begun >= 6, "the WAL was begun {begun} times");
        let deleted = |at: &Event| matches!(at, Event::Deleted { path } if path.to_str().unwrap().ends_with("-wal"));
        assert!(count(deleted) >= 4);
        let shared = count(|at| matches!(at, Event::Synced { by: By::Shared, .. }));
        assert_eq!(shared > 10, self.mode == Synchronous::Shared, "{shared} shared syncs");
    }

    /// Keeps the log of a recording that can't be made again.
    pub fn keep(&self) -> String {
        let path = std::env::temp_dir().join(format!("power_loss_{:?}.log", self.mode));
        let log: Vec<String> = self.events.iter().map(brief).collect();
        std::fs::write(&path, log.join("\n")).unwrap();
        format!("its log is {}", path.display())
    }
}

fn brief(event: &Event) -> String {
    match event {
        Event::Written { file, at, bytes } => format!("written {file} {at}+{}", bytes.len()),
        other => format!("{other:?}"),
    }
}

/// Four calls that wait while somebody else has the turn, and so share a transaction.
fn add_together(db: &Database, disk: &Disk) {
    thread::scope(|all| {
        let other = db.writer().unwrap();
        for n in 0..4 {
            all.spawn(|| disk.note(Note::Acked(add_grouped(db).unwrap())));
            while db.stats().waiting != n + 1 {
                thread::sleep(Duration::from_micros(200));
            }
        }
        drop(other);
    });
}

fn run(db: &Database, disk: &Arc<Disk>, random: &mut Random) {
    add_together(db, disk);
    let done = AtomicBool::new(false);
    let seed = random.next();
    thread::scope(|all| {
        let writers: Vec<_> = (0..6)
            .map(|thread| {
                all.spawn(move || {
                    for _ in 0..8 {
                        let n = if thread < 2 { add(db) } else { add_grouped(db) };
                        disk.note(Note::Acked(n.unwrap()));
                        thread::sleep(Duration::from_micros(200));
                    }
                })
            })
            .collect();
        all.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                newest(db).unwrap();
                thread::sleep(Duration::from_millis(1));
            }
        });
        all.spawn(|| checkpoints(db, disk, seed, &done));
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "a writer failed");
    });
}

/// Checkpoints by somebody who knows nothing of db-core.
fn checkpoints(db: &Database, disk: &Disk, seed: u64, done: &AtomicBool) {
    let mut random = Random(seed);
    while !done.load(Ordering::Relaxed) {
        let conn = Connection::open(db.path()).unwrap();
        // It has the writer's lock while it waits for readers.
        conn.busy_timeout(Duration::from_millis(5)).unwrap();
        for _ in 0..3 {
            let how = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][random.below(4)];
            let newest = conn.query_row("SELECT n FROM counter", [], |row| row.get(0));
            // The last one to close has the file to himself for a moment.
            let Ok(newest) = newest else { continue };
            let ended = conn.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            });
            if let Ok((0, in_log, copied)) = ended
                && in_log == copied
            {
                disk.note(Note::Checkpointed(newest));
            }
            thread::sleep(Duration::from_micros(100 + random.next() % 1_500));
        }
    }
}

//! Measures contenders against each other in one run: their samples alternate, so
//! that drift of the machine meets all of them alike, and what counts is the ratio of
//! the medians.

#![allow(dead_code, unreachable_pub, clippy::print_stdout, clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

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
pub fn by_hand(path: &std::path::Path, synchronous: &str) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    conn.execute_batch(&format!(
        "PRAGMA foreign_keys = 1; PRAGMA synchronous = {synchronous}; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -64000; PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = 0;",
    ))
    .unwrap();
    conn.set_prepared_statement_cache_capacity(128);
    conn
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times `ours` against `theirs`, in batches of `calls` that alternate, and prints
/// medians and their ratio. Returns the ratio.
pub fn compare(
    name: &str,
    limit: f64,
    calls: u32,
    mut theirs: impl FnMut(u32),
    mut ours: impl FnMut(u32),
) -> f64 {
    const ROUNDS: usize = 61;
    let time = |run: &mut dyn FnMut(u32)| {
        let start = Instant::now();
        for n in 0..calls {
            run(n);
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    };
    let (mut base, mut own) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Each goes first every other time.
        if round % 2 == 0 {
            base.push(time(&mut theirs));
            own.push(time(&mut ours));
        } else {
            own.push(time(&mut ours));
            base.push(time(&mut theirs));
        }
    }
    let (base, own) = (median(base), median(own));
    let ratio = own / base;
    let verdict = if ratio <= limit { "reached" } else { "MISSED" };
    println!("{name:<44} {base:>8.2} us {own:>8.2} us {ratio:>7.3}   at most {limit:<5} {verdict}");
    ratio
}

/// What the threads of one slice did.
pub struct Slice {
    pub done: u64,
    pub per_thread: Vec<u64>,
    /// All waits, from asking for the turn to the body's first line.
    pub waits: Vec<Duration>,
    pub took: Duration,
}

impl Slice {
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// The wait that only one in a thousand exceeds.
    pub fn p999(&mut self) -> Duration {
        self.waits.sort_unstable();
        let at = self.waits.len() * 999 / 1000;
        self.waits.get(at).copied().unwrap_or_default()
    }

    /// 1 if all threads got the same share, `1 / threads` if one got all.
    pub fn jain(&self) -> f64 {
        let sum: f64 = self.per_thread.iter().map(|n| *n as f64).sum();
        let squares: f64 = self.per_thread.iter().map(|n| (*n as f64).powi(2)).sum();
        sum * sum / (self.per_thread.len() as f64 * squares)
    }
}

/// Runs `threads` threads for `time`; each makes itself a worker with `start`, which
/// does one transaction a call and returns how long it waited for its turn.
pub fn slice<W: FnMut(u32) -> Duration>(
    threads: usize,
    time: Duration,
    start: impl Fn() -> W + Sync,
) -> Slice {
    let barrier = std::sync::Barrier::new(threads + 1);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (barrier, stop, start) = (&barrier, &stop, &start);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    let mut work = start();
                    let mut waits = Vec::with_capacity(1 << 16);
                    barrier.wait();
                    let mut n = 0;
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        waits.push(work(n));
                        n += 1;
                    }
                    waits
                })
            })
            .collect();
        barrier.wait();
        let begun = Instant::now();
        std::thread::sleep(time);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let waits: Vec<Vec<Duration>> =
            workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        let took = begun.elapsed();
        let per_thread: Vec<u64> = waits.iter().map(|waits| waits.len() as u64).collect();
        Slice {
            done: per_thread.iter().sum(),
            per_thread,
            waits: waits.into_iter().flatten().collect(),
            took,
        }
    })
}

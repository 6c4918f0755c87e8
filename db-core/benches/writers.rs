//! Many threads that write: `#[writer]` against one connection behind a mutex.
//!
//! `cargo bench --bench writers`; slices of one second a contender alternate, and
//! medians are compared.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

mod harness;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use db_core::rusqlite::TransactionBehavior;
use db_core::{Database, Result, Writer, writer};
use harness::{COUNT, Folder, INSERT, SCHEMA, Slice, by_hand, median, slice};

#[writer]
fn order(db: &Writer, sku: u32, asked: Instant) -> Result<Duration> {
    let waited = asked.elapsed();
    db.prepare_cached(INSERT)?.execute((sku, 1))?;
    db.prepare_cached(COUNT)?.execute([])?;
    Ok(waited)
}

const SLICES: usize = 9;
const SLICE: Duration = Duration::from_secs(1);

fn main() {
    println!(
        "{:<26} {:>12} {:>12} {:>7} {:>10} {:>10} {:>7} {:>7}",
        "", "Mutex /s", "#[writer] /s", "ratio", "p99.9", "p99.9", "Jain", "Jain"
    );
    for threads in [8, 32] {
        contended(threads);
    }
}

fn contended(threads: usize) {
    let folder = Folder::new();
    let conn = by_hand(&folder.file("mutex.db"), "NORMAL");
    conn.execute_batch(SCHEMA).unwrap();
    let conn = Mutex::new(conn);
    let db = Database::open(folder.file("writer.db")).unwrap();
    db.write(|w| w.execute_batch(SCHEMA)).unwrap();

    let behind_mutex = || {
        |n| {
            let asked = Instant::now();
            let mut conn = conn.lock().unwrap();
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            let waited = asked.elapsed();
            tx.prepare_cached(INSERT).unwrap().execute((n, 1)).unwrap();
            tx.prepare_cached(COUNT).unwrap().execute([]).unwrap();
            tx.commit().unwrap();
            waited
        }
    };
    let annotated = || |n| order(&db, n, Instant::now()).unwrap();

    let (mut mutex, mut ours) = (Measured::default(), Measured::default());
    for _ in 0..SLICES {
        mutex.add(slice(threads, SLICE, behind_mutex));
        ours.add(slice(threads, SLICE, annotated));
    }
    let (mutex, ours) = (mutex.medians(), ours.medians());
    println!(
        "NORMAL, {threads:>2} threads          {:>12.0} {:>12.0} {:>7.3} {:>7.2} ms {:>7.2} ms {:>7.3} {:>7.3}",
        mutex.rate,
        ours.rate,
        ours.rate / mutex.rate,
        mutex.p999,
        ours.p999,
        mutex.jain,
        ours.jain,
    );
}

#[derive(Default)]
struct Measured {
    rate: Vec<f64>,
    p999: Vec<f64>,
    jain: Vec<f64>,
}

struct Medians {
    rate: f64,
    p999: f64,
    jain: f64,
}

impl Measured {
    fn add(&mut self, mut slice: Slice) {
        self.rate.push(slice.rate());
        self.p999.push(slice.p999().as_secs_f64() * 1e3);
        self.jain.push(slice.jain());
    }

    fn medians(self) -> Medians {
        Medians { rate: median(self.rate), p999: median(self.p999), jain: median(self.jain) }
    }
}

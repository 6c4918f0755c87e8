//! A thread at work, and a process of several.

use std::io::stdin;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use db_core::{Database, Synchronous};

use super::common::{Dice, Process};
use super::operation::{DEPTH_BITS, Outcome, Write};
use super::record::{Notes, Told};
use super::{bank, lists, open};

/// In a process that is one of several.
pub(crate) const THREADS: usize = 4;

/// More than any process has.
const MOST_THREADS: usize = 16;

pub(crate) const DATABASE: &str = "bank.db";

/// Said when the threads have begun.
pub(crate) const READY: &str = "worker: ready";

/// What a process is given: the mode, the seed of all, and the path of its notes, which
/// are beside the database and named by its number.
pub(crate) fn start(mode: Synchronous, seed: u64, notes: &Path) -> Process {
    let mode = if mode == Synchronous::Shared { "shared" } else { "normal" };
    Process::again("worker::process", format!("{mode} {seed} {}", notes.to_str().unwrap()))
}

#[test]
fn process() {
    let Some(given) = Process::role() else { return };
    let words: Vec<&str> = given.to_str().unwrap().splitn(3, ' ').collect();
    let [mode, seed, path] = words[..] else { panic!("{given:?}") };
    let mode = if mode == "shared" { Synchronous::Shared } else { Synchronous::Normal };
    let path = PathBuf::from(path);
    let notes = Notes::create(&path);
    let number = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
    match open(&path.with_file_name(DATABASE), mode) {
        Ok(db) => work(&db, THREADS, number, seed.parse().unwrap(), &notes, || {
            Process::say(READY);
            // The line that says so, or the end of the one who would say it.
            stdin().read_line(&mut String::new()).unwrap();
        }),
        Err(error) => notes.failed(&error),
    }
}

/// Lets threads work until `wait` returns.
pub(crate) fn work(
    db: &Database,
    threads: usize,
    number: usize,
    seed: u64,
    notes: &Notes,
    wait: impl FnOnce(),
) {
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..threads {
            let name = number * MOST_THREADS + thread;
            let dice = Dice(seed.wrapping_mul(1_000_003).wrapping_add(name as u64));
            let mut worker = Worker { db, notes, name, dice, seen: 0 };
            let end = &end;
            scope.spawn(move || {
                let mut n = 0;
                while !end.load(SeqCst) {
                    n += 1;
                    worker.step(n);
                }
            });
        }
        wait();
        end.store(true, SeqCst);
    });
    notes.shared(db.stats().grouped);
}

struct Worker<'w> {
    db: &'w Database,
    notes: &'w Notes,
    /// Its number among the threads of all processes.
    name: usize,
    dice: Dice,
    /// How far the history was when this thread last saw it.
    seen: i64,
}

impl Worker<'_> {
    /// Makes the call of that number.
    fn step(&mut self, n: i64) {
        let id = ((self.name as i64) << 32 | n) << DEPTH_BITS;
        if n % 64 == 0 {
            // Who is killed is not asked in the end.
            self.notes.shared(self.db.stats().grouped);
        }
        match self.dice.below(16) {
            0 => self.read(id, "bank", |db| bank::look(db).map(Told::Bank)),
            1 => self.read(id, "glance", |db| bank::glance(db).map(Told::Bank)),
            2 => self.read_lists(id, self.seen),
            3 => {
                let earlier = self.dice.below(self.seen as usize + 1);
                self.read_lists(id, earlier as i64);
            }
            _ => self.write(id),
        }
    }

    fn write(&mut self, id: i64) {
        let write = Write::draw(id, &mut self.dice, self.seen);
        let inner = write.inner_end().map_or("alone".to_owned(), |end| format!("{end:?}"));
        let what = format!("{:?}/{:?}/{inner}", write.kind, write.end());
        self.notes.called(id, write.parts(), &what);
        let outcome = write.call(self.db);
        if let Outcome::Kept(positions) = &outcome {
            self.seen = positions[0];
        }
        self.notes.returned(id, &Told::Wrote(outcome));
    }

    fn read_lists(&mut self, id: i64, position: i64) {
        let lists = lists::lists(position);
        self.read(id, "lists", |db| lists::look(db, &lists).map(Told::Lists));
    }

    fn read(&mut self, id: i64, what: &str, look: impl FnOnce(&Database) -> db_core::Result<Told>) {
        self.notes.called(id, 0, what);
        let told = look(self.db).unwrap_or_else(|error| {
            Told::Wrote(Outcome::Odd(format!("{what} was told {error:?}")))
        });
        self.seen = match &told {
            Told::Bank(seen) => seen.position,
            Told::Lists(seen) => seen.position,
            Told::Wrote(_) => self.seen,
        };
        self.notes.returned(id, &told);
    }
}

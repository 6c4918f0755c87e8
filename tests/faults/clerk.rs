//! A process that writes with several threads until it is told to end, or killed. What
//! was acknowledged it notes in a file of its own: what `write` has given to the
//! system survives a killed process.

use std::fs::{File, OpenOptions, read_to_string};
use std::io::{Write, stdin};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::common::Process;
use super::ledger::book;
use super::{now, options};

pub(crate) const THREADS: usize = 4;

/// Said when a clerk has written for the first time.
pub(crate) const WRITES: &str = "clerk: writes";

/// The name of the test that [`Process::again`] is to run as a clerk, with the path of
/// its notes: beside the database, and named by the number of the clerk.
pub(crate) const CLERK: &str = "clerk::process";

pub(crate) const DATABASE: &str = "shop.db";

/// The number of a thread's transactions in the ledger.
pub(crate) fn writer_of(clerk: usize, thread: usize) -> usize {
    clerk * THREADS + thread
}

#[test]
fn process() {
    let Some(given) = Process::role() else { return };
    let path = PathBuf::from(given);
    let notes = OpenOptions::new().create(true).append(true).open(&path).unwrap();
    let clerk = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let db = match options().open(path.with_file_name(DATABASE)) {
        Ok(db) => db,
        Err(error) => return note(&notes, &format!("error {error}")),
    };
    let (end, first) = (AtomicBool::new(false), Once::new());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, notes, end, first) = (&db, &notes, &end, &first);
            scope.spawn(move || {
                let mut n = 1;
                while !end.load(SeqCst) {
                    match book(db, writer_of(clerk, thread), n) {
                        Ok(()) => note(notes, &format!("{thread} {n} {}", now().as_nanos())),
                        // Whether it was booked nobody knows, so this thread is done.
                        Err(error) => return note(notes, &format!("error {error}")),
                    }
                    first.call_once(|| Process::say(WRITES));
                    n += 1;
                }
            });
        }
        // To the line that says so, or the end of the one who would say it.
        stdin().read_line(&mut String::new()).unwrap();
        end.store(true, SeqCst);
    });
}

/// Adds a line: one `write` at the end of the file, whoever else writes there.
fn note(mut notes: &File, line: &str) {
    notes.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// What a clerk has noted.
#[derive(Default)]
pub(crate) struct Notes {
    /// The number of the last transaction acknowledged to each thread.
    pub(crate) last: [u64; THREADS],
    /// When something was acknowledged, in order.
    pub(crate) times: Vec<Duration>,
    pub(crate) errors: Vec<String>,
}

impl Notes {
    pub(crate) fn read(path: &Path) -> Self {
        let mut notes = Self::default();
        // It may have been killed before it made the file.
        let text = read_to_string(path).unwrap_or_default();
        for line in text.split_inclusive('\n') {
            // Half a line was not said.
            let Some(line) = line.strip_suffix('\n') else { continue };
            if let Some(error) = line.strip_prefix("error ") {
                notes.errors.push(error.to_owned());
                continue;
            }
            let numbers: Vec<u64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
            let [thread, n, time] = numbers[..] else { panic!("{line}") };
            let last = &mut notes.last[thread as usize];
            assert_eq!(n, *last + 1, "{line}");
            *last = n;
            notes.times.push(Duration::from_nanos(time));
        }
        notes.times.sort_unstable();
        notes
    }

    /// The times without an acknowledged write, from the first to `end`: when each
    /// began, and when it was over.
    pub(crate) fn gaps(&self, end: Duration) -> impl Iterator<Item = (Duration, Duration)> {
        let ends = self.times.iter().copied().skip(1).chain([end]);
        self.times.iter().copied().zip(ends)
    }
}

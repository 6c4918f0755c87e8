//! Many clerks at work on one file, of which one after another is killed and replaced.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::clerk::{CLERK, DATABASE, Notes, THREADS, WRITES, writer_of};
use super::common::Process;
use super::{ledger, now};

/// How many work at a time.
pub(crate) const CLERKS: usize = 8;

/// A clerk that lives is not without an acknowledged write for longer.
const LONGEST_GAP: Duration = Duration::from_millis(200);

/// Nor for longer from its start to its first.
const LONGEST_START: Duration = Duration::from_secs(3);

pub(crate) struct Crew {
    at_work: Vec<Clerk>,
    gone: Vec<Gone>,
    // Goes after the processes.
    folder: TempDir,
}

struct Clerk {
    number: usize,
    started: Duration,
    process: Process,
}

/// A clerk that works no more.
struct Gone {
    number: usize,
    started: Duration,
    ended: Duration,
    killed: bool,
}

impl Crew {
    /// Makes the file, and returns when each clerk has written to it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        ledger::make(&folder.path().join(DATABASE));
        let mut crew = Self { at_work: Vec::new(), gone: Vec::new(), folder };
        for number in 0..CLERKS {
            let clerk = crew.clerk(number);
            crew.at_work.push(clerk);
        }
        for clerk in &crew.at_work {
            assert!(clerk.process.hear(WRITES).is_some(), "clerk {} has ended", clerk.number);
        }
        crew
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    fn notes(&self, number: usize) -> PathBuf {
        self.folder.path().join(number.to_string())
    }

    fn clerk(&self, number: usize) -> Clerk {
        let process = Process::again(CLERK, self.notes(number));
        Clerk { number, started: now(), process }
    }

    /// Kills the clerk at this place, and puts another there.
    pub(crate) fn replace(&mut self, place: usize) {
        let next = self.clerk(self.at_work.len() + self.gone.len());
        let Clerk { number, started, mut process } =
            std::mem::replace(&mut self.at_work[place], next);
        let ended = now();
        process.kill();
        self.gone.push(Gone { number, started, ended, killed: true });
    }

    /// Ends the others in order, and compares what was acknowledged with what is there.
    pub(crate) fn end(mut self) {
        let ended = now();
        for clerk in &mut self.at_work {
            clerk.process.tell("end");
        }
        for Clerk { number, started, mut process } in std::mem::take(&mut self.at_work) {
            assert!(process.ended().success(), "clerk {number}");
            self.gone.push(Gone { number, started, ended, killed: false });
        }
        self.check();
    }

    fn check(&self) {
        let mut booked = ledger::check(&self.database());
        let (mut acknowledged, mut without, mut gaps) = (0, 0, Vec::new());
        for gone in &self.gone {
            let &Gone { number, started, ended, killed } = gone;
            let notes = Notes::read(&self.notes(number));
            assert_eq!(notes.errors, [""; 0], "clerk {number}");
            for thread in 0..THREADS {
                let there = booked.remove(&writer_of(number, thread)).unwrap_or(0);
                let last = notes.last[thread];
                acknowledged += last;
                // A killed thread may not have had the time to note its last one.
                let noted = there == last || (killed && there == last + 1);
                assert!(noted, "clerk {number}.{thread}: {last} acknowledged, {there} are there");
            }
            if notes.times.is_empty() {
                let lived = ended.saturating_sub(started);
                assert!(lived < LONGEST_START, "clerk {number} wrote nothing in {lived:?}");
                without += 1;
            }
            gaps.push((notes.longest_gap(ended), number));
        }
        assert!(booked.is_empty(), "nobody wrote {booked:?}");
        gaps.sort_unstable();
        let (longest, number) = gaps.pop().unwrap();
        println!(
            "{} clerks, of which {without} were killed before they wrote; \
             {acknowledged} transactions; longest gap {longest:?}",
            self.gone.len()
        );
        assert!(longest <= LONGEST_GAP, "clerk {number} stopped for {longest:?}");
    }
}

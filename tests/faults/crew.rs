//! Many clerks at work on one file, of which one after another is killed and replaced.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::clerk::{CLERK, DATABASE, Notes, WRITES, writer_of};
use super::common::Process;
use super::disk::{Disk, Stall, moving};
use super::{ledger, now};

/// How many work at a time.
pub(crate) const CLERKS: usize = 8;

/// A clerk that lives is not without an acknowledged write for longer, but for what the
/// disk stands still.
const LONGEST_GAP: Duration = Duration::from_millis(200);

/// Nor for longer from its start to its first.
const LONGEST_START: Duration = Duration::from_secs(3);

pub(crate) struct Crew {
    at_work: Vec<Clerk>,
    gone: Vec<Gone>,
    disk: Disk,
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
        let disk = Disk::watch(folder.path());
        let mut crew = Self { at_work: Vec::new(), gone: Vec::new(), disk, folder };
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
        let notes: Vec<_> =
            self.gone.iter().map(|gone| Notes::read(&self.notes(gone.number))).collect();
        let all: Vec<_> = self.gone.iter().zip(&notes).collect();
        nothing_lost(&all, ledger::check(&self.database()));
        nobody_stopped(&all, &self.disk.stalls());
    }
}

/// What was acknowledged is there, and what is there was acknowledged.
fn nothing_lost(all: &[(&Gone, &Notes)], mut booked: BTreeMap<usize, u64>) {
    for (Gone { number, killed, .. }, notes) in all {
        assert_eq!(notes.errors, [""; 0], "clerk {number}");
        for (thread, &last) in notes.last.iter().enumerate() {
            let there = booked.remove(&writer_of(*number, thread)).unwrap_or(0);
            // A killed thread may not have had the time to note its last one.
            let noted = there == last || (*killed && there == last + 1);
            assert!(noted, "clerk {number}.{thread}: {last} acknowledged, {there} are there");
        }
    }
    assert!(booked.is_empty(), "nobody wrote {booked:?}");
}

/// Whoever lived wrote, and went on writing.
fn nobody_stopped(all: &[(&Gone, &Notes)], stalls: &[Stall]) {
    let (mut silent, mut gaps) = (0, Vec::new());
    for (Gone { number, started, ended, .. }, notes) in all {
        if notes.times.is_empty() {
            let lived = ended.saturating_sub(*started);
            assert!(lived < LONGEST_START, "clerk {number} wrote nothing in {lived:?}");
            silent += 1;
        }
        let gap = |(from, to)| (moving(stalls, from, to), from, to, number);
        gaps.extend(notes.gaps(*ended).map(gap).max());
    }
    let (longest, from, to, number) = gaps.into_iter().max().unwrap();
    // If none did, somebody dead was waited for.
    let times = || all.iter().flat_map(|(_, notes)| &notes.times);
    let meanwhile = times().filter(|time| from < **time && **time < to).count();
    let gap = format!(
        "{longest:?} without a write of clerk {number}, and {:?} in which the disk stood still; \
         others wrote {meanwhile} times",
        (to - from).saturating_sub(longest)
    );
    println!(
        "{} clerks, {silent} of them killed before they wrote; {} transactions; longest gap {gap}",
        all.len(),
        times().count(),
    );
    assert!(longest <= LONGEST_GAP, "{gap}");
}

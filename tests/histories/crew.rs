//! Processes at work on one file, of which one after another is killed and replaced.

use std::thread;
use std::time::{Duration, Instant};

use db_core::Synchronous;

use super::common::{Dice, Process};
use super::run::{Gone, Run};
use super::{duration, seed, worker};

/// How many work at a time.
pub(crate) const PROCESSES: usize = 4;

/// One is killed at least this often.
const LONGEST: Duration = Duration::from_millis(300);

pub(crate) struct Crew<'r> {
    run: &'r Run,
    mode: Synchronous,
    at_work: Vec<(usize, Process)>,
    gone: Vec<Gone>,
}

impl<'r> Crew<'r> {
    /// Returns when all have begun.
    pub(crate) fn start(run: &'r Run, mode: Synchronous) -> Self {
        let mut crew = Self { run, mode, at_work: Vec::new(), gone: Vec::new() };
        for _ in 0..PROCESSES {
            let another = crew.another();
            crew.at_work.push(another);
        }
        for (number, process) in &crew.at_work {
            assert!(process.hear(worker::READY).is_some(), "process {number} has ended");
        }
        crew
    }

    fn another(&self) -> (usize, Process) {
        let number = self.at_work.len() + self.gone.len();
        (number, worker::start(self.mode, seed(), &self.run.notes(number)))
    }

    /// Ends those who are left in order.
    pub(crate) fn work_and_be_killed(mut self) -> Vec<Gone> {
        let (start, mut dice) = (Instant::now(), Dice(seed()));
        while start.elapsed() < duration() {
            thread::sleep(dice.up_to(LONGEST));
            // Whatever it does: one that replaced another may not have begun.
            let another = self.another();
            let place = &mut self.at_work[dice.below(PROCESSES)];
            let (number, mut process) = std::mem::replace(place, another);
            process.kill();
            self.gone.push(Gone { number, killed: true });
        }
        for (_, process) in &mut self.at_work {
            process.tell("end");
        }
        for (number, mut process) in self.at_work {
            assert!(process.ended().success(), "process {number}");
            self.gone.push(Gone { number, killed: false });
        }
        self.gone
    }
}

//! How often and how long: rounds in which each program has its turn.

use std::env;
use std::process::exit;
use std::time::Duration;

use super::{Case, Holder, Program};

pub struct Plan {
    pub rounds: u32,
    /// One call is a sample, and locks are held for a tenth of the time: to see that all of
    /// it works.
    small: bool,
}

impl Plan {
    pub fn from_command_line() -> Self {
        let mut plan = Self { rounds: 100, small: false };
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            match &*word {
                "--bench" => {} // from cargo
                "--small" => plan.small = true,
                "--rounds" => match words.next().and_then(|number| number.parse().ok()) {
                    Some(rounds) if rounds > 0 => plan.rounds = rounds,
                    _ => refuse("--rounds needs a number, at least 1"),
                },
                _ => refuse(&format!("not known: {word}; there are --rounds N, --small")),
            }
        }
        plan
    }

    /// Each program's samples: microseconds a call.
    pub fn time(&self, case: Case, programs: &mut [Box<dyn Program>]) -> Vec<Vec<f64>> {
        let calls = if self.small { 1 } else { case.calls() };
        let per_call = |time: Duration| micros(time) / f64::from(calls);
        self.in_turn(programs, |_round, program| per_call(program.time(case, calls)))
    }

    /// Each program's waits, in microseconds from the moment at which `holder` began to let
    /// the lock go.
    ///
    /// The holds are of 50 to 150 ms, spread evenly: who sleeps between its attempts finds
    /// a lock that is always held for the same time with always the same delay. All
    /// programs meet the same holds.
    pub fn wait(&self, mut holder: Holder, programs: &mut [Box<dyn Program>]) -> Vec<Vec<f64>> {
        // Multiples of the golden ratio leave no gap, however many there are.
        const GOLDEN: f64 = 0.618_033_988_749_895;
        self.in_turn(programs, |round, program| {
            let millis = 50.0 + 100.0 * (f64::from(round) * GOLDEN).fract();
            let millis = if self.small { millis / 10.0 } else { millis };
            holder.take(Duration::from_secs_f64(millis / 1e3));
            let had = program.lock();
            micros(had.duration_since(holder.released()).unwrap())
        })
    }

    /// One sample a round of each; each is the first of a round as often as the last.
    fn in_turn(
        &self,
        programs: &mut [Box<dyn Program>],
        mut sample: impl FnMut(u32, &mut dyn Program) -> f64,
    ) -> Vec<Vec<f64>> {
        let mut samples = vec![Vec::new(); programs.len()];
        for round in 0..self.rounds {
            for place in 0..programs.len() {
                let turn = (round as usize + place) % programs.len();
                samples[turn].push(sample(round, &mut *programs[turn]));
            }
        }
        samples
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn refuse(why: &str) -> ! {
    eprintln!("{why}");
    exit(2)
}

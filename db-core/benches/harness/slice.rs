//! A slice of time in which workers do one transaction after another.

use std::thread;
use std::time::{Duration, Instant};

/// What one worker did in a slice.
#[derive(Default)]
pub struct Work {
    /// The transactions that had returned by the end.
    pub done: u64,
    /// From asking for the turn to the body's first line.
    pub waits: Vec<Duration>,
    /// From there to the return, of those that are counted.
    pub holds: Vec<Duration>,
}

/// Does one transaction after another from `begin` to `end`. `once` does one, and
/// returns when its body began.
///
/// A wait that is not over at the end counts as one that ended there: it may be the
/// longest of all, and left out, a worker that never got a turn would have waited for
/// nothing. What comes afterwards, when the others stop and leave it alone with the
/// lock, is not counted, and takes no longer than the longest of the sleeps between
/// which SQLite asks for a lock (100 ms).
pub fn work(begin: Instant, end: Instant, mut once: impl FnMut(u32) -> Instant) -> Work {
    let mut work = Work::default();
    work.waits.reserve(1 << 17);
    work.holds.reserve(1 << 17);
    thread::sleep(begin.saturating_duration_since(Instant::now()));
    let (mut asked, mut n) = (Instant::now(), 0);
    while asked < end {
        let entered = once(n);
        let returned = Instant::now();
        work.waits.push(entered.min(end).saturating_duration_since(asked));
        if returned <= end {
            work.done += 1;
            work.holds.push(returned.saturating_duration_since(entered));
        }
        asked = returned;
        n += 1;
    }
    work
}

/// What all workers of one slice did.
pub struct Slice {
    pub length: Duration,
    pub workers: Vec<Work>,
}

/// Runs `threads` threads for `length`; `once` is given the number of the thread.
pub fn slice(
    threads: usize,
    length: Duration,
    once: impl Fn(usize, u32) -> Instant + Sync,
) -> Slice {
    // Time enough to start them all.
    let begin = Instant::now() + Duration::from_millis(20);
    let once = &once;
    let workers = thread::scope(|scope| {
        let start = |worker| scope.spawn(move || work(begin, begin + length, |n| once(worker, n)));
        let threads: Vec<_> = (0..threads).map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    Slice { length, workers }
}

impl Slice {
    /// Transactions a second.
    pub fn rate(&self) -> f64 {
        self.workers.iter().map(|work| work.done as f64).sum::<f64>() / self.length.as_secs_f64()
    }

    /// 1 if all workers got the same share, `1 / workers` if one got all.
    pub fn jain(&self) -> f64 {
        let done = || self.workers.iter().map(|work| work.done as f64);
        let squares: f64 = done().map(|n| n * n).sum();
        if squares == 0.0 {
            return 0.0;
        }
        done().sum::<f64>().powi(2) / (self.workers.len() as f64 * squares)
    }

    /// How many workers got no turn at all.
    pub fn starved(&self) -> usize {
        self.workers.iter().filter(|work| work.done == 0).count()
    }

    /// The wait that only one in a thousand exceeds.
    pub fn p999(&self) -> Duration {
        at(self.waits(), 0.999)
    }

    pub fn worst(&self) -> Duration {
        self.waits().max().unwrap_or_default()
    }

    fn waits(&self) -> impl Iterator<Item = Duration> {
        self.workers.iter().flat_map(|work| work.waits.iter().copied())
    }

    pub fn median_hold(&self) -> Duration {
        at(self.workers.iter().flat_map(|work| work.holds.iter().copied()), 0.5)
    }
}

/// What this part of all values does not exceed; zero of none.
fn at(values: impl Iterator<Item = Duration>, part: f64) -> Duration {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    let at = (values.len() as f64 * part) as usize;
    values.get(at).copied().unwrap_or_default()
}

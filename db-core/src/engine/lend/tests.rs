//! The loan over threads of the system. Under AddressSanitizer (`db-core/sanitize.sh`) a
//! use of a caller's stack that is gone is seen.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Lent, lend};
use crate::engine::{Callback, Member, Ran, WriteTx};
use crate::error::Error;
use crate::open_guard::Kind;
use crate::retry::Deadline;
use crate::site::Site;
use crate::watch::Opener;

/// A call that has something on its caller's stack, and something that it owns.
struct Call<'s> {
    opener: Opener,
    runs: &'s mut Vec<String>,
    settled: bool,
}

impl<'s> Call<'s> {
    fn new(runs: &'s mut Vec<String>) -> Self {
        Self { opener: Opener::new(Kind::Writer, Site::caller()), runs, settled: false }
    }
}

impl Member for Call<'_> {
    fn opener(&self) -> &Opener {
        &self.opener
    }

    fn begin(&mut self, _now: Instant) {
        self.runs.push(thread::current().name().unwrap_or("borrower").to_owned());
    }

    fn patience(&self, _committed: Instant) -> Deadline {
        Deadline::NEVER
    }

    fn run(&mut self, _tx: &WriteTx<'_>) -> Ran {
        unreachable!("needs a database");
    }

    fn keep(&mut self, _callbacks: Vec<Callback>) {}

    fn undo(&mut self, _callbacks: Vec<Callback>) {}

    fn fail(&mut self, _error: Error) {}

    fn shared_by(&mut self, _calls: usize) {}

    fn settle(&mut self, _commit: Option<u64>) {
        self.settled = true;
    }
}

/// Lends calls again and again to a thread that takes its time with each; `leave` ends the
/// caller's wait. Returns how many came back used.
fn lend_often(leave: impl Fn(u32)) -> usize {
    let (counter, calls) = mpsc::channel::<Lent>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for (n, mut lent) in calls.into_iter().enumerate() {
                if n % 3 == 0 {
                    thread::sleep(Duration::from_micros(200));
                }
                lent.call().begin(Instant::now());
                lent.call().settle(None);
            }
        });
        let mut used = 0;
        for n in 0..300 {
            used += usize::from(lend_once(&counter, || leave(n)));
        }
        drop(counter);
        used
    })
}

/// In a frame of its own, which is gone when this returns. Whether the call came back used.
#[inline(never)]
fn lend_once(counter: &mpsc::Sender<Lent>, leave: impl Fn()) -> bool {
    let mut runs = Vec::new();
    let mut call = Call::new(&mut runs);
    let waited = catch_unwind(AssertUnwindSafe(|| {
        lend(&mut call, |lender| {
            counter.send(lender.lend()).unwrap();
            leave();
        });
    }));
    drop(waited);
    call.settled && runs == ["borrower"]
}

#[test]
fn a_caller_that_leaves_at_once_waits_for_the_call() {
    assert_eq!(lend_often(|_| ()), 300);
}

#[test]
fn a_caller_that_panics_waits_for_the_call() {
    // Quietly: the hook would print each one.
    assert_eq!(lend_often(|_| std::panic::resume_unwind(Box::new("while it waits"))), 300);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    assert_eq!(lend_often(|n| panic_any(n)), 300);
    std::panic::set_hook(hook);
}

#[test]
fn a_caller_that_sleeps_finds_the_call_back() {
    assert_eq!(lend_often(|_| thread::sleep(Duration::from_micros(100))), 300);
}

#[test]
fn what_is_not_lent_is_not_waited_for() {
    let mut runs = Vec::new();
    let mut call = Call::new(&mut runs);
    lend(&mut call, |_lender| ());
    assert!(!call.settled);
    // Nor what is taken back at once.
    lend(&mut call, |lender| drop(lender.lend()));
    assert!(!call.settled && runs.is_empty());
}

//! The loan under every schedule of a checker that notices two threads at one value.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use loan::{Lent, lend};

use crate::threads::model::exhaustive::{explore, threads};

#[path = "loan.rs"]
mod loan;

/// What is lent: a value that the checker watches, and that frees memory in the end.
trait Member: Send {
    fn run(&mut self);
}

struct Call {
    /// Not `Sync`, and watched: used by two threads at once it ends the schedule.
    cell: loom::cell::UnsafeCell<Vec<u32>>,
}

impl Call {
    fn new() -> Self {
        Self { cell: loom::cell::UnsafeCell::new(vec![1]) }
    }

    /// How often it was run.
    #[allow(unsafe_code)]
    fn runs(self) -> usize {
        // SAFETY: of its owner alone, as above.
        self.cell.with(|values| unsafe { (*values).len() }) - 1
    }
}

impl Member for Call {
    #[allow(unsafe_code)]
    fn run(&mut self) {
        // SAFETY: behind `&mut self`; that nobody breaks that is what the checker is for.
        self.cell.with_mut(|values| unsafe { (*values).push(2) });
    }
}

/// A place from which the borrower takes it, and out of which the caller may take it back.
type Counter = loom::sync::Mutex<Option<Lent>>;

fn put(counter: &Counter, lent: Lent) {
    *counter.lock().unwrap() = Some(lent);
}

fn take(counter: &Counter) -> Option<Lent> {
    counter.lock().unwrap().take()
}

/// Lends a call to another thread, which may take it at any moment, and ends the wait as
/// `leave` does. Returns how often it was run, and whether the caller unwound.
fn lend_and(leave: fn(&Counter)) -> (usize, bool) {
    let counter = Arc::new(Counter::new(None));
    let own = Arc::clone(&counter);
    let borrower = loom::thread::spawn(move || {
        if let Some(mut lent) = take(&own) {
            lent.call().run();
            drop(lent);
        }
    });
    let mut call = Call::new();
    let waited = catch_unwind(AssertUnwindSafe(|| {
        lend(&mut call, |lender| {
            put(&counter, lender.lend());
            leave(&counter);
        });
    }));
    // The caller's again, and then gone, whatever the borrower is doing.
    let runs = call.runs();
    borrower.join().unwrap();
    (runs, waited.is_err())
}

fn explored(leave: fn(&Counter), check: fn((usize, bool))) {
    explore(4, Duration::from_micros(100), move || check(lend_and(leave)));
}

/// As at a deadline: it takes the call back, if nobody has it.
#[test]
fn a_caller_that_leaves_gets_the_call_back_or_waits_for_it() {
    explored(|counter| drop(take(counter)), |(runs, unwound)| assert!(runs <= 1 && !unwound));
}

#[test]
fn a_caller_that_unwinds_waits_for_the_call() {
    explored(
        |counter| {
            drop(take(counter));
            resume_unwind(Box::new("while it waits"));
        },
        |(runs, unwound)| assert!(runs <= 1 && unwound),
    );
}

/// Whoever waits for the borrower in another way, as for being told.
#[test]
fn a_caller_that_waits_finds_what_was_done() {
    explore(4, Duration::from_micros(100), || {
        let (told, hear) = loom::sync::mpsc::channel();
        let counter = Arc::new(Counter::new(None));
        let own = Arc::clone(&counter);
        let mut call = Call::new();
        let borrower = lend(&mut call, |lender| {
            put(&counter, lender.lend());
            let borrower = loom::thread::spawn(move || {
                let mut lent = take(&own).unwrap();
                lent.call().run();
                drop(lent);
                told.send(()).unwrap();
            });
            hear.recv().unwrap();
            borrower
        });
        assert_eq!(call.runs(), 1);
        borrower.join().unwrap();
    });
}

//! Model checkers for what stands on `threads`.
//!
//! `exhaustive` tries every schedule of small cases, within a bound on how often a
//! running thread is interrupted, and with weak memory; `random` tries seeded
//! schedules of larger ones. Both have the same stand-ins for `threads` (`stand_in`),
//! each compiled over its checker; a model compiles its subject's very source again
//! beside them.
//!
//! A thread that sleeps until it is woken is not woken by the models: if it is
//! forgotten, the schedule ends in a deadlock, which the checkers report. One that
//! sleeps for a time may end its sleep whenever it is scheduled, and the clock goes
//! on by that time.

#![expect(clippy::duplicate_mod, reason = "the stand-ins are to be compiled over each checker")]

pub(crate) mod exhaustive;
pub(crate) mod random;

use std::cell::Cell;
use std::panic;
use std::sync::Once;

thread_local! {
    static RUNS_SHUTTLE: Cell<bool> = const { Cell::new(false) };
}

/// Shuttle's panic hook takes every panic of the process for the end of a schedule,
/// also those by which loom ends its threads. This keeps it to the threads that run
/// shuttle.
fn keep_hooks_apart() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        shuttle::check_dfs(|| (), None);
        let shuttles = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let hook = if RUNS_SHUTTLE.get() { &shuttles } else { &usual };
            hook(info);
        }));
    });
}

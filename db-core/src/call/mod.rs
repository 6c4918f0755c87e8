//! One call, from the way in to the way out: what the closures of `Database`, the
//! guards and the expansions of the attributes have in common.
//!
//! Invariant: only the outermost call turns a lock error into the final
//! [`Error::Locked`]; inside a body that may run again it stays what it is, so that
//! the one retry loop outside sees it.

mod bare;
mod grouped;
mod read;
mod write;

pub(crate) use bare::bare;
pub(crate) use grouped::write_grouped;
pub(crate) use read::{busy_since, read, read_retried};
pub(crate) use write::{write, write_retried};

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::engine::{Callback, Engine, Wait};
use crate::error::{Error, Spent, is_lock};
use crate::retry::Exhausted;
use crate::site::Site;
use crate::trace::Span;
use crate::watch::Inside;

/// An error of the engine's own, as the caller of `site` gets it.
pub(crate) fn outermost(
    error: Error,
    engine: &Engine,
    site: Site,
    start: Instant,
    spent: Spent,
) -> Error {
    match error {
        Error::Sqlite(busy) if is_lock(&busy) && !Inside::a_repeatable_body() => {
            let exhausted = Exhausted { attempts: 1, waited: start.elapsed() };
            engine.locked(site, exhausted, spent)
        }
        mut error => {
            engine.tell_of_file(&mut error);
            error
        }
    }
}

/// A wait that begins now, for `timeout` or what the options say.
pub(crate) fn wait(engine: &Engine, site: Site, span: Span, timeout: Option<Duration>) -> Wait {
    Wait::begin(site, span, time_of(engine, timeout))
}

fn time_of(engine: &Engine, timeout: Option<Duration>) -> Duration {
    timeout.unwrap_or(engine.options().writer_timeout)
}

/// Runs them all, and only then lets the first panic through: the commit that they
/// wait for has happened, whatever one of them does.
pub(crate) fn run_callbacks(callbacks: Vec<Callback>) {
    let mut panic = None;
    for callback in callbacks {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(callback)) {
            panic.get_or_insert(payload);
        }
    }
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
}

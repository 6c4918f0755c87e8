//! Somebody at work, in the lane or at a reader's connection: who, since when in which
//! statement, and what was done about it.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::watchdog::Watchdog;
use crate::open_guard::OpenGuard;
use crate::options::Options;
use crate::watch::{Opener, TICK};

/// Somebody at work: who, and what was done about it.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) opener: Opener,
    /// Of the connection in use, once that is known.
    pub(super) watchdog: Option<Arc<Watchdog>>,
    /// Of the file's upkeep, which takes the time that it takes.
    pub(super) has_no_limit: bool,
    /// Of a connection that is not to be used again.
    pub(super) is_outdated: bool,
    told: Told,
}

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    leak: bool,
    pins: bool,
    noted: bool,
}

impl Seat {
    pub(super) fn new(opener: Opener, watchdog: Option<Arc<Watchdog>>) -> Self {
        Self { opener, watchdog, has_no_limit: false, is_outdated: false, told: Told::default() }
    }

    /// How it looks from outside, having been open since `since`.
    pub(super) fn seen(&self, since: Instant) -> OpenGuard {
        // Asked after once it is older than a tick; before there is no answer of its own.
        let statement = self.watchdog.as_ref().filter(|_| since.elapsed() >= TICK);
        self.opener.seen(since, statement.and_then(|dog| dog.statement()))
    }

    /// Looks after the time that it has been open; whether it is to be reported as a leak.
    pub(super) fn look(
        &mut self,
        age: Duration,
        limit: Option<Duration>,
        options: &Options,
    ) -> bool {
        if let Some(watchdog) = &self.watchdog {
            // Again and again: a statement that the body begins after that is not interrupted
            // by it.
            if !self.has_no_limit && limit.is_some_and(|limit| age >= limit) {
                watchdog.is_late();
            } else if age >= TICK {
                watchdog.ask();
            }
        }
        age >= options.leak_after && !mem::replace(&mut self.told.leak, true)
    }

    /// Whether it has not yet been said that it pins the log; from now on it has.
    pub(super) fn tell_that_it_pins(&mut self) -> bool {
        !mem::replace(&mut self.told.pins, true)
    }

    /// Whether there is no note of it at the gate yet; from now on there is.
    pub(super) fn take_note(&mut self) -> bool {
        !mem::replace(&mut self.told.noted, true)
    }
}

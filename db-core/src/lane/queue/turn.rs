//! What the holder of the lane may do: take the jobs of those who wait, say something of
//! itself, and let the next one in.

use std::sync::Arc;
use std::time::Instant;

use super::super::threads;
use super::waiter::{Told, Waiter};
use super::{Held, Lane};

/// The right to write. Dropping it lets the next one in.
#[must_use]
pub(crate) struct Turn<'a, H, J> {
    lane: &'a Lane<H, J>,
    queued: bool,
    rests: bool,
}

/// A job that was taken from the queue. Dropping it tells whoever left it there.
#[must_use]
pub(crate) struct Taken<J> {
    /// `Some` until the end.
    job: Option<J>,
    waiter: Arc<Waiter>,
    /// When it was taken.
    since: Instant,
}

impl<'a, H, J> Turn<'a, H, J> {
    pub(super) fn of(lane: &'a Lane<H, J>, queued: bool) -> Self {
        Self { lane, queued, rests: false }
    }

    /// Says that whoever has the turn will sleep after it, and not be back at once. Then
    /// nobody may be there to pass the head, and it is woken without waiting until it
    /// looks.
    pub(crate) fn rests_after(&mut self) {
        self.rests = true;
    }

    /// Whether it was waited for.
    pub(crate) fn queued(&self) -> bool {
        self.queued
    }

    /// Changes the note that was left, and begins its time anew.
    pub(crate) fn annotate(&self, change: impl FnOnce(&mut H)) {
        if let Some(held) = &mut self.lane.state.lock().holder {
            change(&mut held.note);
            held.since = threads::now();
        }
    }

    /// Takes the job of the head of the queue, if it has one, and lets the head's note
    /// stand for the holder. Only if it is `wanted`, which is given who stands for the
    /// holder now, the head's note to make it the holder's, and the time.
    pub(crate) fn take(
        &self,
        wanted: impl FnOnce(&Held<H>, &mut H, Instant) -> bool,
    ) -> Option<Taken<J>> {
        let (job, waiter, since) = self.lane.state.lock().take_job(wanted)?;
        Some(Taken { job: Some(job), waiter, since })
    }
}

impl<H, J> Drop for Turn<'_, H, J> {
    fn drop(&mut self) {
        let woken = self.lane.state.lock().release(self.rests);
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }
}

impl<J> Taken<J> {
    pub(crate) fn job(&mut self) -> &mut J {
        match &mut self.job {
            Some(job) => job,
            None => unreachable!("dropped only at the end"),
        }
    }

    pub(crate) fn since(&self) -> Instant {
        self.since
    }
}

impl<J> Drop for Taken<J> {
    fn drop(&mut self) {
        // First: whoever is told may be gone at once, with all that the job refers to.
        self.job = None;
        self.waiter.tell(Told::Served);
        self.waiter.wake();
    }
}

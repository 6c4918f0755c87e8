//! A wait for the turn: until when, and where its time went.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::error::Spent;
use crate::options::Options;
use crate::retry::{Deadline, Times};
use crate::site::Site;
use crate::trace::Span;

/// One wait: whose it is, when it began, when it ends, and where its time went.
pub(crate) struct Wait {
    pub(crate) site: Site,
    /// When the first attempt began.
    pub(crate) began: Instant,
    pub(crate) deadline: Deadline,
    /// When all attempts are to end.
    pub(crate) all: Deadline,
    pub(crate) span: Span,
    /// Whoever does not queue is waited for until the deadline too, not for `busy_timeout`.
    patient: bool,
    spent: Cell<Spent>,
    /// How long this attempt has waited.
    here: Cell<Duration>,
    /// Up to when time is accounted for.
    told: Cell<Instant>,
}

impl Wait {
    pub(crate) fn begin(site: Site, span: Span, timeout: Duration) -> Self {
        let now = Instant::now();
        let times = Times { first: now, now, number: 1, all: Deadline::NEVER };
        Self::among(times, site, span, timeout, Spent::default())
    }

    /// As one of several attempts; `spent` is what went before this one.
    pub(crate) fn among(
        times: Times,
        site: Site,
        span: Span,
        timeout: Duration,
        spent: Spent,
    ) -> Self {
        let Times { first, now, all, .. } = times;
        Self {
            site,
            began: first,
            deadline: Deadline::after(now, timeout).earlier(all),
            all,
            span,
            patient: false,
            spent: Cell::new(spent),
            here: Cell::default(),
            told: Cell::new(now),
        }
    }

    /// Waits for whoever does not queue as long as for all others.
    pub(crate) fn patiently(mut self) -> Self {
        self.patient = true;
        self
    }

    pub(super) fn is_patient(&self) -> bool {
        self.patient
    }

    /// For how long somebody who does not queue is waited for.
    pub(super) fn patience(&self, options: &Options) -> Duration {
        if self.patient { Duration::MAX } else { options.busy_timeout }
    }

    pub(crate) fn spent(&self) -> Spent {
        self.spent.get()
    }

    /// How long this attempt has waited: for other threads, other processes and outsiders.
    pub(super) fn waited(&self) -> Duration {
        self.here.get()
    }

    /// Accounts for the time since this was last asked. Not asked where nothing was
    /// waited for: the clock would cost more than that.
    pub(super) fn spend(&self, part: fn(&mut Spent) -> &mut Duration) {
        self.spend_until(Instant::now(), part);
    }

    /// As [`spend`](Self::spend), of the time from then on only.
    pub(super) fn spend_since(&self, begun: Instant, part: fn(&mut Spent) -> &mut Duration) {
        self.told.set(begun.max(self.told.get()));
        self.spend(part);
    }

    /// Accounts for the wait of a call that another thread ran, from then on.
    pub(crate) fn waited_for_threads(&self, until: Instant) {
        self.spend_until(until, |spent| &mut spent.threads);
    }

    /// As [`spend`](Self::spend), of the time up to then only.
    pub(super) fn spend_until(&self, now: Instant, part: fn(&mut Spent) -> &mut Duration) {
        let time = now.saturating_duration_since(self.told.replace(now));
        let mut spent = self.spent.get();
        *part(&mut spent) += time;
        self.spent.set(spent);
        self.here.set(self.here.get() + time);
    }
}

//! With the feature `tracing`.

use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};

use tracing::field::Empty;

use crate::error::Warning;
use crate::open_guard::Kind;
use crate::site::Site;

/// By which subscribers filter.
const TARGET: &str = "db_core";

/// The span of a call.
#[derive(Clone, Debug)]
pub(crate) struct Span(tracing::Span);

impl Span {
    pub(crate) const NONE: Self = Self(tracing::Span::none());

    pub(crate) fn of_call(kind: Kind, site: Site) -> Self {
        let (file, line) = (site.file(), site.line());
        let function = site.function().unwrap_or("closure");
        // The name of a span is fixed where it is made.
        macro_rules! span {
            ($name:literal) => {
                tracing::debug_span!(
                    target: TARGET,
                    $name,
                    function,
                    file,
                    line,
                    attempt = Empty,
                    wait_us = Empty,
                    hold_us = Empty,
                    group_size = Empty,
                    ok = Empty,
                )
            };
        }
        Self(match kind {
            Kind::Reader => span!("read"),
            Kind::Writer => span!("write"),
        })
    }

    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        self.0.in_scope(run)
    }

    pub(crate) fn attempt(&self, number: u32) {
        self.0.record("attempt", number);
    }

    pub(crate) fn waited(&self, time: Duration) {
        self.0.record("wait_us", micros(time));
    }

    /// The call has ended; one that panics has not.
    pub(crate) fn ended(&self, is_ok: bool) {
        self.0.record("ok", is_ok);
    }

    pub(crate) fn shared_by(&self, calls: usize) {
        self.0.record("group_size", calls);
    }
}

/// The time that something is held; nothing if nobody listens.
pub(crate) struct Hold(Option<Box<(Span, Instant)>>);

impl Hold {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn begin(span: &Span) -> Self {
        let listens = tracing::enabled!(target: TARGET, tracing::Level::WARN);
        Self(listens.then(|| Box::new((span.clone(), Instant::now()))))
    }

    /// Inside of the span of the call that holds it.
    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(hold) => hold.0.in_scope(run),
            None => run(),
        }
    }

    /// Ends it, once; it is told of if it took longer than `slow`.
    pub(crate) fn end(&mut self, site: Site, slow: Option<Duration>) {
        let Some((span, since)) = self.0.take().map(|hold| *hold) else { return };
        let held = since.elapsed();
        span.0.record("hold_us", micros(held));
        if slow.is_some_and(|slow| held >= slow) {
            span.in_scope(|| {
                tracing::warn!(target: TARGET, %site, hold_us = micros(held), "slow hold");
            });
        }
    }
}

pub(crate) fn retry(site: Site, pause: Duration) {
    tracing::info!(target: TARGET, %site, pause_us = micros(pause), "retry");
}

pub(crate) fn timeout(site: Site, waited: Duration, told: &dyn Display) {
    tracing::warn!(target: TARGET, %site, wait_us = micros(waited), error = %told, "timeout");
}

pub(crate) fn locked(site: Site, attempts: u32, told: &dyn Display) {
    tracing::warn!(target: TARGET, %site, attempts, error = %told, "locked");
}

pub(crate) fn interrupted(site: Site, told: &dyn Display) {
    tracing::warn!(target: TARGET, %site, error = %told, "body timeout");
}

/// Whether warnings are heard there.
pub(crate) fn hears_warnings() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::WARN)
}

pub(crate) fn checkpoint(path: &Path, pages: u32, carried: u32, time: Duration) {
    let path = path.display();
    tracing::debug!(target: TARGET, %path, pages, carried, time_us = micros(time), "checkpoint");
}

pub(crate) fn warned(warning: &Warning) {
    match warning {
        Warning::Leak { .. } => tracing::warn!(target: TARGET, %warning, "leak"),
        Warning::WalPinned { wal_bytes, .. } => {
            tracing::warn!(target: TARGET, %warning, wal_bytes, "wal pinned");
        }
        _ => tracing::warn!(target: TARGET, %warning, "warning"),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

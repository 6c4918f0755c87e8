//! Without the feature `tracing`: nothing.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use crate::error::Warning;
use crate::open_guard::Kind;
use crate::site::Site;

/// The span of a call.
#[derive(Clone, Debug)]
pub(crate) struct Span;

impl Span {
    pub(crate) const NONE: Self = Self;

    #[inline]
    pub(crate) fn of_call(_kind: Kind, _site: Site) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        run()
    }

    #[inline]
    pub(crate) fn attempt(&self, _number: u32) {}

    #[inline]
    pub(crate) fn waited(&self, _time: Duration) {}

    #[inline]
    pub(crate) fn ended(&self, _is_ok: bool) {}

    #[inline]
    pub(crate) fn shared_by(&self, _calls: usize) {}
}

/// The time that something is held.
pub(crate) struct Hold;

impl Hold {
    pub(crate) const NONE: Self = Self;

    #[inline]
    pub(crate) fn begin(_span: &Span) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        run()
    }

    #[inline]
    pub(crate) fn end(&mut self, _site: Site, _slow: Option<Duration>) {}
}

#[inline]
pub(crate) fn retry(_site: Site, _pause: Duration) {}

#[inline]
pub(crate) fn timeout(_site: Site, _waited: Duration, _told: &dyn Display) {}

#[inline]
pub(crate) fn locked(_site: Site, _attempts: u32, _told: &dyn Display) {}

#[inline]
pub(crate) fn interrupted(_site: Site, _told: &dyn Display) {}

/// Whether warnings are heard there.
#[inline]
pub(crate) fn hears_warnings() -> bool {
    false
}

#[inline]
pub(crate) fn checkpoint(_path: &Path, _pages: u32, _carried: u32, _time: Duration) {}

#[inline]
pub(crate) fn warned(_warning: &Warning) {}

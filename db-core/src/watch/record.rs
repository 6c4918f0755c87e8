//! What is kept of an open guard while it is open.

use std::thread::Thread;
use std::time::Instant;

use crate::site::{Kind, OpenGuard, Site};

/// Who opened a guard.
#[derive(Clone, Debug)]
pub(crate) struct Opener {
    kind: Kind,
    site: Site,
    thread: Thread,
}

impl Opener {
    pub(crate) fn new(kind: Kind, site: Site) -> Self {
        Self { kind, site, thread: std::thread::current() }
    }

    pub(crate) fn site(&self) -> Site {
        self.site
    }

    /// How it looks from outside, having been open since `since`.
    pub(crate) fn seen(&self, since: Instant) -> OpenGuard {
        let thread = match self.thread.name() {
            Some(name) => name.to_owned(),
            None => format!("{:?}", self.thread.id()),
        };
        OpenGuard { kind: self.kind, site: self.site, thread, open_for: since.elapsed() }
    }
}

pub(crate) fn oldest_first(mut guards: Vec<OpenGuard>) -> Vec<OpenGuard> {
    guards.sort_by_key(|guard| std::cmp::Reverse(guard.open_for));
    guards
}

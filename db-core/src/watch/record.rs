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
    /// The thread that runs it, if that is another one.
    run_by: Option<Thread>,
}

impl Opener {
    pub(crate) fn new(kind: Kind, site: Site) -> Self {
        Self { kind, site, thread: std::thread::current(), run_by: None }
    }

    /// From now on this thread runs it.
    pub(crate) fn run_here(&mut self) {
        let here = std::thread::current();
        self.run_by = (here.id() != self.thread.id()).then_some(here);
    }

    pub(crate) fn site(&self) -> Site {
        self.site
    }

    /// How it looks from outside, having been open since `since`.
    pub(crate) fn seen(&self, since: Instant) -> OpenGuard {
        let mut thread = name(&self.thread);
        if let Some(other) = &self.run_by {
            thread.push_str(", run by thread ");
            thread.push_str(&name(other));
        }
        OpenGuard { kind: self.kind, site: self.site, thread, open_for: since.elapsed() }
    }
}

fn name(thread: &Thread) -> String {
    thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned)
}

pub(crate) fn oldest_first(mut guards: Vec<OpenGuard>) -> Vec<OpenGuard> {
    guards.sort_by_key(|guard| std::cmp::Reverse(guard.open_for));
    guards
}

//! What is kept of an open guard while it is open.

use std::thread::Thread;
use std::time::{Instant, SystemTime};

use crate::open_guard::{Kind, OpenGuard, Waiting};
use crate::site::Site;
use crate::trace::Span;

/// Who opened a guard.
#[derive(Clone, Debug)]
pub(crate) struct Opener {
    kind: Kind,
    site: Site,
    thread: Thread,
    /// The thread that runs it, if that is another one.
    run_by: Option<Thread>,
    /// A call's own.
    span: Span,
}

impl Opener {
    pub(crate) fn new(kind: Kind, site: Site) -> Self {
        Self { kind, site, thread: std::thread::current(), run_by: None, span: Span::NONE }
    }

    /// Of a call, whose span it is.
    pub(crate) fn in_span(self, span: &Span) -> Self {
        Self { span: span.clone(), ..self }
    }

    /// The span in which to tell of it.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// From now on this thread runs it.
    pub(crate) fn run_here(&mut self) {
        let here = std::thread::current();
        self.run_by = (here.id() != self.thread.id()).then_some(here);
    }

    pub(crate) fn site(&self) -> Site {
        self.site
    }

    /// The place and the thread, as one text.
    pub(crate) fn place(&self) -> String {
        self.site.on_thread(&self.threads())
    }

    /// How it looks from outside, having been open since `since`, in that statement.
    pub(crate) fn seen(&self, since: Instant, statement: Option<String>) -> OpenGuard {
        let open_for = since.elapsed();
        OpenGuard {
            kind: self.kind,
            site: self.site,
            thread: self.threads(),
            open_for,
            since: moment(since),
            statement,
            behind: Vec::new(),
        }
    }

    /// How it looks while it waits for its turn.
    pub(crate) fn seen_waiting(&self, since: Instant) -> Waiting {
        Waiting { site: self.site, thread: name(&self.thread), waits_for: since.elapsed() }
    }

    fn threads(&self) -> String {
        let mut thread = name(&self.thread);
        if let Some(other) = &self.run_by {
            thread.push_str(", run by thread ");
            thread.push_str(&name(other));
        }
        thread
    }
}

fn name(thread: &Thread) -> String {
    // The number is to be had only from `ThreadId(7)`.
    let number = || format!("{:?}", thread.id()).chars().filter(char::is_ascii_digit).collect();
    thread.name().map_or_else(number, str::to_owned)
}

/// The same moment by the system's clock.
pub(crate) fn moment(instant: Instant) -> SystemTime {
    let now = SystemTime::now();
    now.checked_sub(instant.elapsed()).unwrap_or(now)
}

pub(crate) fn oldest_first(mut guards: Vec<OpenGuard>) -> Vec<OpenGuard> {
    guards.sort_by_key(|guard| std::cmp::Reverse(guard.open_for));
    guards
}

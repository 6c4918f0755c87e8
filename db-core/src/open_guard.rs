//! An open guard or call, as it looks from outside: in errors, reports and lists.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::site::Site;
use crate::units::{seconds, time_of_day};

/// Whether a guard or a call reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A reader: a snapshot is open.
    Reader,
    /// A writer: the write transaction is open, everybody else waits.
    Writer,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
        }
    }
}

/// A guard or an annotated call that was open when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenGuard {
    /// What it is.
    pub kind: Kind,
    /// The place that opened it.
    pub site: Site,
    /// The name of its thread, or the thread's number; of a call in another one's transaction
    /// also the thread that runs its body (`worker-3, run by thread worker-1`).
    pub thread: String,
    /// How long it had been open.
    pub open_for: Duration,
    /// Since when, by the system's clock.
    pub since: SystemTime,
    /// The statement that it is in, if it has been in one for about a tenth of a second or
    /// more; on one line, and cut short if it is long. `None` as well between statements.
    pub statement: Option<String>,
    /// Of a writer: who waits behind it for the turn, in this process, first come first.
    pub behind: Vec<Waiting>,
}

/// A writer that waited for its turn when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The place that asked for the turn.
    pub site: Site,
    /// The name of its thread, or the thread's number.
    pub thread: String,
    /// How long it had waited.
    pub waits_for: Duration,
}

/// `{}` is the place; `{:#}` a sentence with all that is known.
impl fmt::Display for OpenGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.site.on_thread(&self.thread);
        if !f.alternate() {
            return f.write_str(&place);
        }
        let (kind, time) = (self.kind.word(), seconds(self.open_for));
        write!(f, "{kind} open for {time}, since {}, by {place}", time_of_day(self.since))?;
        if let Some(statement) = &self.statement {
            write!(f, ", in the statement {statement}")?;
        }
        for (at, waiting) in self.behind.iter().enumerate() {
            let before = if at == 0 { "; behind it waits " } else { "; and " };
            write!(f, "{before}{waiting}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.site.on_thread(&self.thread), seconds(self.waits_for))
    }
}

impl OpenGuard {
    /// For lists: what, for how long, by whom.
    pub(crate) fn sentence(&self) -> String {
        let (kind, time) = (self.kind.word(), seconds(self.open_for));
        format!("{kind} open for {time} by {self}")
    }
}

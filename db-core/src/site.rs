//! Who called: the function, the file and the line that errors and reports name.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::units::seconds;

/// The place in the program that opened a guard or made a call.
///
/// Annotated functions are named by their path; guards and closures by the line
/// that opened them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    function: Option<&'static str>,
    place: &'static Location<'static>,
}

impl Site {
    /// The site of an annotated function; the attributes call this, from there.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new(function: &'static str) -> Self {
        Self { function: Some(function), place: Location::caller() }
    }

    #[track_caller]
    pub(crate) const fn caller() -> Self {
        Self { function: None, place: Location::caller() }
    }

    /// The path of the annotated function, `None` for guards and closures.
    #[must_use]
    pub fn function(&self) -> Option<&'static str> {
        self.function
    }

    /// The source file, as the compiler was given it.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.place.file()
    }

    /// The line in [`file`](Self::file), counted from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.place.line()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.file(), self.line());
        match self.function {
            Some(function) => write!(f, "`{function}` ({file}:{line})"),
            None => write!(f, "{file}:{line}"),
        }
    }
}

/// Whether a guard or a call reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A reader: a snapshot is open.
    Reader,
    /// A writer: the write transaction is open, everybody else waits.
    Writer,
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
}

impl fmt::Display for OpenGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.site.file(), self.site.line());
        match self.site.function {
            Some(function) => write!(f, "`{function}` ({file}:{line}, thread {})", self.thread),
            None => write!(f, "{file}:{line} (thread {})", self.thread),
        }
    }
}

impl OpenGuard {
    /// For lists: what, for how long, by whom.
    pub(crate) fn sentence(&self) -> String {
        let kind = match self.kind {
            Kind::Reader => "reader",
            Kind::Writer => "writer",
        };
        format!("{kind} open for {} by {self}", seconds(self.open_for))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotated_function_is_named_by_its_path() {
        let site = const { Site::new("shop::import") };
        let line = line!() - 1;
        assert_eq!(site.to_string(), format!("`shop::import` ({}:{line})", file!()));
    }

    #[test]
    fn a_guard_is_named_by_its_line() {
        let site = Site::caller();
        assert_eq!(site.to_string(), format!("{}:{}", file!(), site.line()));
    }
}

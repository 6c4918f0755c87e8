//! Who called: the function, the file and the line that errors and reports name.

use std::fmt;
use std::panic::Location;

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

    /// As it stands in a report, on that thread.
    pub(crate) fn on_thread(&self, thread: &str) -> String {
        let (file, line) = (self.file(), self.line());
        match self.function {
            Some(function) => format!("`{function}` ({file}:{line}, thread {thread})"),
            None => format!("{file}:{line} (thread {thread})"),
        }
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

//! What is said once, and does not stop anything.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::advice;

/// Something that db-core works on without; see
/// [`Options::on_warning`](crate::Options::on_warning).
///
/// `{}` is one line with the facts, `{:#}` adds what it may mean and what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// Writers of several processes can't queue, because the two files whose locks they
    /// queue at can't be made or locked. One writer at a time there is all the same; who
    /// is next is left to chance.
    NoGate {
        /// The database file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGate { path, source } => write!(
                f,
                "processes that write to {} can't queue: {source}; they get their turns by chance",
                path.display()
            )?,
        }
        if f.alternate() { advice::NO_GATE.fmt(f) } else { Ok(()) }
    }
}

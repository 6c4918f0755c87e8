//! How the command ends. The numbers are a promise to scripts.

use std::process::ExitCode;

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, and nothing wrong.
    Done = 0,
    /// A check has found something.
    Found = 1,
    /// The command was called wrongly.
    Usage = 2,
    /// The file can't be used.
    Unusable = 3,
    /// Somebody else had a lock for longer than was to be waited.
    Locked = 4,
    /// The file is damaged, so that the work could not be done.
    Damaged = 5,
}

impl Status {
    pub(crate) fn number(self) -> u8 {
        self as u8
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.number())
    }
}

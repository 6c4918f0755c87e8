//! What fails, and where.

use rusqlite::ffi;

/// What a call is to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `SQLITE_BUSY`: another connection has the lock.
    Busy,
    /// `SQLITE_BUSY_SNAPSHOT`: another connection has written since this one's snapshot.
    BusySnapshot,
    /// `SQLITE_LOCKED`: another statement of the same connection is in the way.
    Locked,
    /// `SQLITE_FULL`: there is no room.
    DiskFull,
    /// `SQLITE_IOERR_FSYNC`: the disk can't be synced.
    FailedSync,
}

/// A fault with its place; give it to [`Faults::inject`](super::Faults::inject).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing fails until it is injected"]
pub struct Injection {
    pub(super) fault: Fault,
    pub(super) place: Place,
    pub(super) function: Option<String>,
    pub(super) times: u32,
}

/// Where a call can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Turn,
    /// The statement of that number, counted from 1.
    Statement(u32),
    Commit,
}

impl Fault {
    /// Where the call begins: before its body runs.
    pub fn at_turn(self) -> Injection {
        self.at(Place::Turn)
    }

    /// At the statement of that number that the body runs, counted from 1. Those of
    /// annotated functions that it calls are counted for these, and for nobody else; those of
    /// triggers are a part of their statement.
    ///
    /// The statement fails where it reads the file, so one that reads nothing (`SELECT 1`)
    /// can't: [`assert_all_met`](super::Faults::assert_all_met) tells.
    ///
    /// # Panics
    ///
    /// If `number` is 0.
    pub fn at_statement(self, number: u32) -> Injection {
        assert!(number > 0, "statements are counted from 1");
        self.at(Place::Statement(number))
    }

    /// In the place of the COMMIT, after the body has run.
    pub fn at_commit(self) -> Injection {
        self.at(Place::Commit)
    }

    fn at(self, place: Place) -> Injection {
        Injection { fault: self, place, function: None, times: 1 }
    }

    /// SQLite's code, <https://sqlite.org/rescode.html>.
    pub(super) fn code(self) -> i32 {
        match self {
            Self::Busy => ffi::SQLITE_BUSY,
            Self::BusySnapshot => ffi::SQLITE_BUSY_SNAPSHOT,
            Self::Locked => ffi::SQLITE_LOCKED,
            Self::DiskFull => ffi::SQLITE_FULL,
            Self::FailedSync => ffi::SQLITE_IOERR_FSYNC,
        }
    }

    /// As SQLite tells it.
    pub(super) fn error(self) -> rusqlite::Error {
        let text = match self {
            Self::Busy | Self::BusySnapshot => "database is locked",
            Self::Locked => "database table is locked",
            Self::DiskFull => "database or disk is full",
            Self::FailedSync => "disk I/O error",
        };
        rusqlite::Error::SqliteFailure(ffi::Error::new(self.code()), Some(text.into()))
    }
}

impl Injection {
    /// Only in calls of that annotated function: its path (`shop::sell`) or the end of it
    /// (`sell`). Without this, in the next call that comes to the place.
    pub fn of(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    /// So often: once for each attempt, and the next call's after that. Default: once.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    pub(super) fn is_for(&self, function: Option<&'static str>) -> bool {
        let Some(wanted) = &self.function else { return true };
        function.is_some_and(|function| {
            let rest = function.strip_suffix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        })
    }
}

impl std::fmt::Display for Injection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} ", self.fault)?;
        match self.place {
            Place::Turn => write!(f, "at the turn")?,
            Place::Statement(number) => write!(f, "at statement {number}")?,
            Place::Commit => write!(f, "at COMMIT")?,
        }
        match &self.function {
            Some(function) => write!(f, " of {function}")?,
            None => write!(f, " of any call")?,
        }
        write!(f, ", {} more times", self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_by_its_path_or_the_end_of_it() {
        let named = |name: &str| Fault::Busy.at_turn().of(name);
        for name in ["shop::stock::sell", "stock::sell", "sell"] {
            assert!(named(name).is_for(Some("shop::stock::sell")), "{name}");
        }
        for other in ["resell", "shop::sell", "ell"] {
            assert!(!named(other).is_for(Some("shop::stock::sell")), "{other}");
        }
        assert!(!named("sell").is_for(None));
        assert!(Fault::Busy.at_turn().is_for(None));
    }
}

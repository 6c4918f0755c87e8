//! What fails, and where.

use rusqlite::ffi;

/// What a call is to meet; with its place it is given to
/// [`Faults::inject`](super::Faults::inject).
///
/// What becomes of it is what becomes of SQLite's own: the first three are lock errors, which
/// `#[retry_on_locked]` runs the body again for, the others are not
/// ([`Error::Full`](crate::Error::Full) and [`Error::Sqlite`](crate::Error::Sqlite)).
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
    /// Where the call begins: in the place of `BEGIN`, before its body runs, as if the lock
    /// had stayed for all of `busy_timeout`, though without waiting for that.
    ///
    /// A call inside another one's transaction has no turn, and neither has one of
    /// `#[writer(group)]` that another thread runs in its own.
    pub fn at_turn(self) -> Injection {
        self.at(Place::Turn)
    }

    /// At the statement of that number that the body runs, counted from 1; those of a guard
    /// ([`Database::writer`](crate::Database::writer)) count from its opening. Each time a
    /// statement is run counts, one that was prepared before too, and each one in
    /// `execute_batch`. Those of annotated functions and closures that it calls are counted
    /// for these, and for nobody else; those of triggers are a part of their statement. (The
    /// first use of a virtual table such as FTS5's, on each connection, runs some more, which
    /// count like the body's.)
    ///
    /// The statement fails where it reads the file: it knows no page from before, but for the
    /// first one of the file, and those that an unfinished statement has. So one that reads
    /// nothing else (`SELECT 1`) can't fail:
    /// [`assert_all_met`](super::Faults::assert_all_met) tells.
    ///
    /// # Panics
    ///
    /// If `number` is 0.
    pub fn at_statement(self, number: u32) -> Injection {
        assert!(number > 0, "statements are counted from 1");
        self.at(Place::Statement(number))
    }

    /// In the place of the COMMIT, after the body has run: nothing of it is kept. For a
    /// function with `#[retry_on_locked]` alone, at a COMMIT of its own.
    ///
    /// With [`Synchronous::Shared`](crate::Synchronous::Shared) `FailedSync` comes after the
    /// COMMIT, where the sync is: the call ends in
    /// [`Error::NotDurable`](crate::Error::NotDurable), what it wrote can be seen, and the
    /// database takes no more writes until it is opened anew.
    ///
    /// Of a `#[writer(group)]` it is met by the COMMIT that its members share: that is lost,
    /// and each runs once more, by itself. A reader has no COMMIT that can fail.
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
    /// Only in calls of that annotated function: its path (`shop::stock::sell`) or the end of
    /// it (`sell`, `stock::sell`). The path is that of the module; a method has no type in it.
    /// Without this, in the next call that comes to the place, of a closure or a guard too.
    pub fn of(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    /// So often: once for each attempt, and the next call's after that. Default: once; 0 is
    /// not at all.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    pub(super) fn is_for(&self, function: Option<&'static str>) -> bool {
        self.function.as_deref().is_none_or(|wanted| is_named(function, wanted))
    }
}

/// Whether that is the function's path, or the end of it.
pub(super) fn is_named(function: Option<&str>, name: &str) -> bool {
    let rest = function.and_then(|function| function.strip_suffix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
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
        match self.times {
            1 => write!(f, ", once"),
            times => write!(f, ", {times} times"),
        }
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

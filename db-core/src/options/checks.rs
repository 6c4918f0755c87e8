//! What is checked of a database, and when.

use super::Options;

/// How thoroughly a database is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntegrityCheck {
    /// Not at all.
    #[default]
    None,
    /// The structure of every page and the definition of every row, by `PRAGMA quick_check`;
    /// the foreign keys. It reads the whole file once.
    /// <https://sqlite.org/pragma.html#pragma_quick_check>
    Quick,
    /// As `Quick`, and that every index fits its table, by `PRAGMA integrity_check`. Takes
    /// several times as long. <https://sqlite.org/pragma.html#pragma_integrity_check>
    Full,
}

impl Options {
    /// What is checked when a database is opened: its structure and foreign keys, its
    /// settings, and the invariants of the options. Default: nothing.
    ///
    /// What is found is an error, and the database is not opened: [`Error::Corrupt`] for a
    /// damaged file, else [`Error::CheckFailed`].
    ///
    /// [`Error::Corrupt`]: crate::Error::Corrupt
    /// [`Error::CheckFailed`]: crate::Error::CheckFailed
    pub fn startup_check(mut self, check: IntegrityCheck) -> Self {
        self.startup_check = check;
        self
    }
}

//! What is checked of a database, and when.

use super::Options;
use crate::invariant::Invariant;

/// How thoroughly a database is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntegrityCheck {
    /// Not at all.
    #[default]
    None,
    /// The structure of every page and the definition of every row, and that indexes have as many
    /// entries as their tables have rows, by `PRAGMA quick_check`; the foreign keys. It reads the
    /// whole file once.
    /// <https://sqlite.org/pragma.html#pragma_quick_check>
    Quick,
    /// As `Quick`, and that every index has what its table has, by `PRAGMA integrity_check`. Takes
    /// several times as long. <https://sqlite.org/pragma.html#pragma_integrity_check>
    Full,
}

impl Options {
    /// What is checked when a database is opened: its structure and foreign keys, its
    /// settings, and the invariants of the options. Default: nothing.
    ///
    /// What is found is an error, and the database is not opened: [`Error::Corrupt`] for a
    /// damaged file, which is left as it is, else [`Error::CheckFailed`]. Rows whose foreign keys
    /// name none are found also where [`foreign_keys`](Self::foreign_keys) are off.
    ///
    /// [`Error::Corrupt`]: crate::Error::Corrupt
    /// [`Error::CheckFailed`]: crate::Error::CheckFailed
    pub fn startup_check(mut self, check: IntegrityCheck) -> Self {
        self.startup_check = check;
        self
    }

    /// What must always hold in the database: checked when it is opened with a
    /// [`startup_check`](Self::startup_check), and by
    /// [`Database::verify`](crate::Database::verify). The tables that they name have to be there
    /// when it is opened: let [`migrations`](Self::migrations) make them. Default: nothing.
    pub fn invariants(mut self, invariants: &[Invariant]) -> Self {
        self.invariants = invariants.into();
        self
    }

    /// What must hold at each commit of this database: checked inside of the transaction, after
    /// the body. Where it does not hold, the call ends in [`Error::InvariantBroken`], which says
    /// which row it is, and nothing of it is kept. Also checked wherever
    /// [`invariants`](Self::invariants) are. Default: nothing.
    ///
    /// The queries run in every write transaction, with the lock held: choose those that an
    /// index answers, or whose table is small. The tables that they name have to be there at the
    /// first commit; [`migrations`](Self::migrations) and [`setup`](Self::setup) come before
    /// that and are not checked. Within a group (`#[writer(group)]`) it is checked after each
    /// call. What other programs write is not checked;
    /// a row of theirs that breaks an invariant keeps every call from committing until it is mended.
    ///
    /// [`Error::InvariantBroken`]: crate::Error::InvariantBroken
    pub fn check_before_commit(mut self, invariants: &[Invariant]) -> Self {
        self.before_commit = invariants.into();
        self
    }

    /// The `user_version` that the file must have once it is open, for a program that numbers
    /// its schema itself (with [`migrations`](Self::migrations) that is done already). Another
    /// one is [`Error::CheckFailed`](crate::Error::CheckFailed), whatever is checked at startup.
    /// Default: any. <https://sqlite.org/pragma.html#pragma_user_version>
    pub fn schema_version(mut self, version: i64) -> Self {
        self.schema_version = Some(version);
        self
    }

    /// All that must hold, each once.
    pub(crate) fn all_invariants(&self) -> Vec<Invariant> {
        let mut all = self.invariants.to_vec();
        let more = self.before_commit.iter().filter(|one| !self.invariants.contains(one));
        all.extend(more.cloned());
        all
    }
}

//! What a check has found wrong: what, where, and how to mend it.

use std::fmt;

/// What is wrong with a database, in one place.
///
/// `{}` is one line, `{:#}` adds how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing is wrong.
    pub kind: FindingKind,
    /// What is wrong, as a sentence.
    pub what: String,
    /// Where: a table, an index, a row, a setting; `None` if that is not known.
    pub place: Option<String>,
    /// How to mend it.
    pub mend: String,
}

/// What kind of thing a check has found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The file's own structure: pages, cells, the list of free pages.
    Damage,
    /// An index that does not fit its table. The table is not affected.
    Index,
    /// A row that the table's own definition forbids: NOT NULL, CHECK, STRICT types.
    Constraint,
    /// A row whose foreign key names a row that is not there.
    ForeignKey,
    /// A setting that is not as the options ask for.
    Setting,
    /// A `user_version` that is not the expected one.
    SchemaVersion,
    /// A row that breaks an [`Invariant`](crate::Invariant).
    Invariant,
    /// What can't be checked: a table that needs a collation, a function or a module that only
    /// the program has whose file it is; an invariant whose query can't be run.
    Unchecked,
}

impl FindingKind {
    /// Whether the file itself is damaged, and not only what is written in it.
    #[must_use]
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Damage | Self::Index)
    }

    /// One word for programs: `damage`, `index`, `constraint`, `foreign key`, `setting`,
    /// `schema version`, `invariant`, `unchecked`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Damage => "damage",
            Self::Index => "index",
            Self::Constraint => "constraint",
            Self::ForeignKey => "foreign key",
            Self::Setting => "setting",
            Self::SchemaVersion => "schema version",
            Self::Invariant => "invariant",
            Self::Unchecked => "unchecked",
        }
    }
}

impl Finding {
    pub(crate) fn new(kind: FindingKind, what: String, mend: impl Into<String>) -> Self {
        Self { kind, what, place: None, mend: mend.into() }
    }

    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if f.alternate() && !self.mend.is_empty() {
            write!(f, " (to mend it: {})", self.mend)?;
        }
        Ok(())
    }
}

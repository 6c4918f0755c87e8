//! What is measured.

/// Something that each program does, and is timed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// From nothing to a database with all settings; closing is not timed.
    Open,
    /// Opened, read once, optimised and closed, as a command does it.
    Session,
    /// One row by its key, as `#[reader]`.
    Query,
    /// The same as `#[reader(autocommit)]`.
    QueryAutocommit,
    Rows,
    Write,
    WriteFull,
    Batch,
}

impl Case {
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Session,
        Self::Query,
        Self::QueryAutocommit,
        Self::Rows,
        Self::Write,
        Self::WriteFull,
        Self::Batch,
    ];

    /// For the command line of `record.py`, for people, and how many calls are one sample.
    fn facts(self) -> (&'static str, &'static str, u32) {
        match self {
            Self::Open => ("open", "open", 20),
            Self::Session => ("session", "open, one query, close", 20),
            Self::Query => ("query", "simple query, `#[reader]`", 5_000),
            Self::QueryAutocommit => {
                ("query-autocommit", "simple query, `#[reader(autocommit)]`", 5_000)
            }
            Self::Rows => ("rows", "query of 10,000 rows", 5),
            Self::Write => ("write", "single write, NORMAL", 2_000),
            Self::WriteFull => ("write-full", "single write, FULL", 20),
            Self::Batch => ("batch", "batch of 1,000", 5),
        }
    }

    pub fn word(self) -> &'static str {
        self.facts().0
    }

    pub fn title(self) -> &'static str {
        self.facts().1
    }

    pub fn calls(self) -> u32 {
        self.facts().2
    }
}

//! The database file: opening it, its schema, its room.

use std::fmt::{self, Formatter};
use std::path::Path;

use super::{Text, one_line, told};
use crate::error::advice::{self, Advice};
use crate::error::kinds::{Migration, OpenFailed, OpenProblem};
use crate::error::warning::Warning;

impl Text for OpenFailed {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.problem {
            OpenProblem::Empty => write!(f, "the path of the database is empty"),
            OpenProblem::Memory => {
                write!(f, "`:memory:` would be another database for each connection")
            }
            OpenProblem::Folder => write!(f, "{path} is a folder, not a database file"),
            OpenProblem::NoFolder => match self.path.parent() {
                Some(parent) => {
                    write!(f, "the folder {} for {path} does not exist", parent.display())
                }
                None => write!(f, "the folder for {path} does not exist"),
            },
            OpenProblem::NoFile => write!(f, "{path} does not exist"),
            OpenProblem::Denied => write!(f, "{path} could not be opened"),
            OpenProblem::Emptied => {
                write!(
                    f,
                    "{path} is empty, and its log {path}-wal is not: SQLite would delete that"
                )
            }
            OpenProblem::Exists => write!(f, "{path} is there already, and is not overwritten"),
            OpenProblem::Replaced => {
                write!(f, "{path} was moved, removed or replaced while it was open")
            }
        }?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }

    fn advice(&self) -> Advice {
        advice::open(self.problem, self.readable)
    }
}

impl Text for Migration {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { number, total, source, path } = self;
        let source = one_line(source);
        write!(f, "migration {number} of {total} failed on {}: {source}", path.display())
    }

    fn advice(&self) -> Advice {
        advice::MIGRATION
    }
}

pub(in crate::error) fn journal_mode(
    path: &Path,
    wanted: &&str,
    got: &str,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    told(
        format_args!(
            "{} can't have journal_mode {wanted}: SQLite answered {got:?}",
            path.display()
        ),
        &advice::JOURNAL_MODE,
        f,
    )
}

pub(in crate::error) fn read_only(
    path: &Path,
    asked: &bool,
    readable: &bool,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    if *asked {
        told(format_args!("{} was opened read-only", path.display()), &advice::READ_ONLY_ASKED, f)
    } else {
        told(
            format_args!(
                "{} can't be written: the file or its folder is read-only",
                path.display()
            ),
            &advice::read_only_file(*readable),
            f,
        )
    }
}

pub(in crate::error) fn full(source: &rusqlite::Error, f: &mut Formatter<'_>) -> fmt::Result {
    told(format_args!("no room for the write, nothing of it is kept: {source}"), &advice::FULL, f)
}

pub(in crate::error) fn schema_version(
    path: &Path,
    file: &i64,
    known: &i64,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let path = path.display();
    if file > known || *file < 0 {
        told(
            format_args!("{path} has schema version {file}, this program knows up to {known}"),
            &advice::NEWER_SCHEMA,
            f,
        )
    } else {
        told(
            format_args!(
                "{path} has schema version {file}, this program needs {known}, and it is open read-only"
            ),
            &advice::OLDER_SCHEMA,
            f,
        )
    }
}

// As for `show`.
#[expect(clippy::borrowed_box)]
pub(in crate::error) fn strict(warning: &Box<Warning>, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "not opened, as the option `strict` asks for: {warning}")?;
    if !f.alternate() {
        return Ok(());
    }
    write!(f, "{}\n  - {}", warning.advice(), advice::NOT_STRICT)
}

// As for `show`.
#[expect(clippy::borrowed_box)]
pub(in crate::error) fn setup(
    source: &Box<dyn std::error::Error + Send + Sync>,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    told(
        format_args!("the program's own setup of the database failed: {source}"),
        &advice::SETUP,
        f,
    )
}

pub(in crate::error) fn invalid_option(
    option: &&str,
    problem: &&str,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    write!(f, "the option {option} {problem}")
}

pub(in crate::error) fn scratch(
    path: &Path,
    source: &std::io::Error,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    told(
        format_args!("no private folder could be made at {}: {source}", path.display()),
        &advice::SCRATCH,
        f,
    )
}

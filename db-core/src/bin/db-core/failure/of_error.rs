//! What an error of the library means for whoever called the command.

use std::path::Path;

use db_core::rusqlite;
use db_core::{Error, Holder, LockHolder, OpenProblem, WaitedFor};

use super::sqlite::{in_words, others};
use super::{Failure, copying};
use crate::exit::Status;
use crate::human;

impl Failure {
    /// What an error of the library means for whoever called the command with that file.
    pub(crate) fn of(path: &Path, error: Error) -> Self {
        let told = error.to_string();
        match error {
            Error::Locked(locked) => {
                let holders = others(processes(locked.holder));
                Self::locked(path, locked.waited, &holders)
            }
            Error::WriterTimeout(timeout) => match timeout.waited_for {
                WaitedFor::OtherConnection(holder) => {
                    Self::locked(path, timeout.waited, &others(processes(holder)))
                }
                WaitedFor::Process(Some(process)) => {
                    let waited = human::time(timeout.waited);
                    let file = path.display();
                    let message = format!("{file} is held by {process} (waited {waited})");
                    let base = Self::locked(path, timeout.waited, &[]);
                    Self { message, ..base }
                }
                _ => Self::locked(path, timeout.waited, &[]),
            },
            error if error.is_locked() => Self::locked_by_others(path),
            Error::Corrupt(corrupt) if corrupt.not_a_database => Self::damaged(
                path,
                "it begins as an SQLite database, but its header is damaged, or of a newer SQLite",
            ),
            Error::Corrupt(corrupt) => {
                let found = corrupt.findings.first().map(|finding| finding.what.clone());
                Self::damaged(path, &found.unwrap_or_else(|| in_words(&corrupt.source)))
            }
            Error::Open(failed) => Self::of_opening(path, failed.problem, failed.source),
            Error::ReadOnly { .. } => Self::denied(format!(
                "{} can't be written: the file or its folder is read-only",
                path.display()
            )),
            Error::Full(_) => Self::full(path),
            Error::Sqlite(error) => Self::of_sqlite(path, &error),
            Error::Backup(failed) => copying::failure(path, told, *failed),
            _ => {
                let message = format!("{}: {told}", path.display());
                Self::new(Status::Unusable, "other", message)
            }
        }
    }

    fn of_opening(path: &Path, problem: OpenProblem, source: Option<rusqlite::Error>) -> Self {
        match problem {
            OpenProblem::Folder => Self::folder(path),
            OpenProblem::Empty | OpenProblem::NoFile | OpenProblem::NoFolder => Self::missing(path),
            _ => {
                let why =
                    source.map_or_else(String::new, |error| format!(": {}", in_words(&error)));
                Self::denied(format!("{} can't be opened{why}", path.display()))
            }
        }
    }
}

fn processes(holder: Holder) -> Vec<LockHolder> {
    match holder {
        Holder::Processes(holders) => holders,
        _ => Vec::new(),
    }
}

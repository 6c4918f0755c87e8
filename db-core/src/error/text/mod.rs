//! The words of each error: one line of facts, then (`{:#}`) what it may mean and
//! what to do, from `advice`.
//!
//! `waiting` is about turns and guards, `file` about the database file and its
//! set-up, `check` about what checks have found, `body` about what bodies do to their
//! transactions, `disk` about commits that are not known to be safe, `backup` about backups.

mod backup;
pub(super) mod body;
mod check;
mod disk;
pub(super) mod file;
pub(super) mod waiting;

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use super::advice::Advice;
use crate::units::typed;

/// An error with details of its own: its line, and what follows it for who asks for all.
pub(super) trait Text {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result;
    fn advice(&self) -> Advice;

    /// What is known besides, a sentence each.
    fn facts(&self) -> Vec<String> {
        Vec::new()
    }

    /// The file that the advice calls FILE, if it is known.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// The one that it calls BACKUP, if it is known.
    fn backup(&self) -> Option<&Path> {
        None
    }
}

// thiserror hands over a reference to the field, and the field is a box.
#[expect(clippy::borrowed_box)]
pub(super) fn show<T: Text>(text: &Box<T>, f: &mut Formatter<'_>) -> fmt::Result {
    text.line(f)?;
    if !f.alternate() {
        return Ok(());
    }
    let facts = text.facts();
    if !facts.is_empty() {
        f.write_str("\n\nKnown:")?;
    }
    for fact in facts {
        write!(f, "\n  - {fact}")?;
    }
    if text.file().is_none() && text.backup().is_none() {
        return text.advice().fmt(f);
    }
    let mut advice = text.advice().to_string();
    for (word, path) in [("FILE", text.file()), ("BACKUP", text.backup())] {
        if let Some(path) = path {
            advice = advice.replace(word, &typed(path));
        }
    }
    f.write_str(&advice)
}

pub(super) fn told(
    line: fmt::Arguments<'_>,
    advice: &Advice,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    f.write_fmt(line)?;
    if f.alternate() { advice.fmt(f) } else { Ok(()) }
}

/// Text of somebody else, which may have line breaks, on one line.
pub(super) fn one_line(text: impl Display) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The file, or a stand-in where it isn't known.
struct File<'a>(Option<&'a Path>);

impl Display for File<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => path.display().fmt(f),
            None => f.write_str("the database"),
        }
    }
}

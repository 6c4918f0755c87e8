//! The words of each error: one line of facts, then (`{:#}`) what it may mean and
//! what to do, from `advice`.
//!
//! `waiting` is about turns and guards, `file` about the database file and its
//! set-up, `body` about what bodies do to their transactions, `disk` about commits that
//! are not known to be safe, `backup` about backups.

mod backup;
pub(super) mod body;
mod disk;
pub(super) mod file;
pub(super) mod waiting;

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use super::advice::Advice;

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
    match text.file() {
        Some(path) => f.write_str(&text.advice().to_string().replace("FILE", &typed(path))),
        None => text.advice().fmt(f),
    }
}

/// A path as it is typed in a shell.
fn typed(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = if cfg!(windows) { "/._-\\:" } else { "/._-" };
    if path.chars().all(|c| c.is_alphanumeric() || plain.contains(c)) {
        path
    } else if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
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

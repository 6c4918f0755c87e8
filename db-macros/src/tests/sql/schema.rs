//! The databases that the statements of the corpus are prepared on.

use super::corpus::{Entry, read};
use super::judge::Judge;

/// Statements with the database they belong to.
pub(super) struct Part {
    pub(super) file: &'static str,
    pub(super) entries: Vec<Entry>,
    /// What is run before the file's own statements.
    base: Vec<&'static str>,
}

impl Part {
    /// The database as the `nth` statement of the file finds it.
    pub(super) fn database(&self, nth: usize) -> Judge {
        let own = self.entries[..nth].iter().filter(|entry| entry.runs).map(|entry| entry.sql);
        let set_up: Vec<&str> = self.base.iter().copied().chain(own).collect();
        Judge::new(&set_up)
    }
}

/// The whole corpus.
pub(super) fn parts() -> Vec<Part> {
    let northwind = read(include_str!("northwind.sql"));
    let tables: Vec<&str> =
        northwind.iter().filter(|entry| entry.runs).map(|entry| entry.sql).collect();
    let examples = read(include_str!("examples.sql"));
    let tricky = read(include_str!("tricky.sql"));
    let empty = read(include_str!("empty.sql"));
    vec![
        Part { file: "northwind.sql", entries: northwind, base: Vec::new() },
        Part { file: "examples.sql", entries: examples, base: Vec::new() },
        Part { file: "tricky.sql", entries: tricky, base: tables },
        Part { file: "empty.sql", entries: empty, base: Vec::new() },
    ]
}

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

/// The whole corpus of single statements.
pub(super) fn parts() -> Vec<Part> {
    let northwind = read(include_str!("northwind.sql"));
    let tricky = read(include_str!("tricky.sql"));
    let (tables, more) = (runs(&northwind), runs(&tricky));
    let part = |file, entries, base| Part { file, entries, base };
    vec![
        part("northwind.sql", northwind, Vec::new()),
        part("examples.sql", read(include_str!("examples.sql")), Vec::new()),
        part("tricky.sql", tricky, tables.clone()),
        part("empty.sql", read(include_str!("empty.sql")), Vec::new()),
        part("blanks.rs", super::blanks::entries(), [tables, more].concat()),
    ]
}

/// Texts of several statements; a name begins with how many.
pub(super) fn batches() -> Part {
    let base =
        [runs(&read(include_str!("northwind.sql"))), runs(&read(include_str!("tricky.sql")))];
    let entries = read(include_str!("batches.sql"));
    Part { file: "batches.sql", entries, base: base.concat() }
}

fn runs(entries: &[Entry]) -> Vec<&'static str> {
    entries.iter().filter(|entry| entry.runs).map(|entry| entry.sql).collect()
}

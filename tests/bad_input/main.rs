//! Bad input gets an error of its kind that says what to do, and nothing is lost or
//! changed in the file.

mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod full_disk;
mod paths;
#[cfg(unix)]
mod permissions;

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

use common::{TestDb, make_file, names};
use db_core::{Database, Error, OpenProblem, Options, Reader, Result, Writer, reader, writer};
use rusqlite::Connection;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

/// The files in a folder and what is in them; not shown when they differ, because
/// that is much.
#[derive(PartialEq)]
struct Contents(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Contents {
    fn of(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).ok())).collect();
        all.sort();
        Self(all)
    }

    fn one(path: &Path, bytes: &[u8]) -> Self {
        Self(vec![(path.to_owned(), Some(bytes.to_vec()))])
    }

    /// Without what SQLite leaves beside a file that it may only read, and what writers
    /// queue at.
    fn without_sidecars(mut self) -> Self {
        let is_sidecar = |path: &Path| {
            let name = path.to_str().unwrap();
            ["-wal", "-shm", "-next", "-writer"].iter().any(|end| name.ends_with(end))
        };
        self.0.retain(|(path, _)| !is_sidecar(path));
        self
    }
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = self.0.iter().map(|(path, bytes)| (path, bytes.as_ref().map(Vec::len)));
        f.debug_map().entries(sizes).finish()
    }
}

/// The whole text names `path` and says all of `words`.
#[track_caller]
fn says(error: &Error, path: &Path, words: &[&str]) {
    let text = format!("{error:#}");
    for word in words.iter().copied().chain(path.to_str()) {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(text.contains("Action:") || text.contains("Recovery:"), "{text}");
}

#[track_caller]
fn is_open(error: &Error, problem: OpenProblem) {
    assert!(matches!(error, Error::Open(open) if open.problem == problem), "{error:?}");
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

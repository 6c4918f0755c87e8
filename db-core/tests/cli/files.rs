//! What the command is called with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

/// A folder with one file in it.
pub struct File {
    pub folder: TempDir,
    pub path: PathBuf,
}

impl File {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        Self { folder, path }
    }

    /// A path in the same folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Every file of the folder, with what is in it.
    pub fn all(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    /// As [`all`](Self::all), without the shared memory: it is written by whoever reads a log.
    pub fn lasting(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut all = self.all();
        for (path, bytes) in &mut all {
            if path.to_string_lossy().ends_with("-shm") {
                bytes.clear();
            }
        }
        all
    }

    pub fn bytes(&self) -> Option<Vec<u8>> {
        fs::read(&self.path).ok()
    }
}

/// Tables with rows, an index, and a foreign key.
pub const SCHEMA: &str = "
    CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, text TEXT);
    CREATE TABLE line (product INTEGER NOT NULL REFERENCES product, qty INTEGER NOT NULL);
    CREATE INDEX line_by_product ON line (product);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
        INSERT INTO product SELECT i, 'product ' || i, hex(zeroblob(100)) FROM n;
    INSERT INTO line SELECT id, id * 3 FROM product;";

/// A database that is well, in that journal mode.
pub fn database(mode: &str) -> File {
    let file = File::new();
    fill(&file.path, mode);
    file
}

pub fn fill(path: &Path, mode: &str) {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(())).unwrap();
    conn.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT")).unwrap();
}

/// Bytes are overwritten in the middle of the table `product`.
pub fn corrupt() -> File {
    let file = database("delete");
    let mut bytes = file.bytes().unwrap();
    for page in 8..16 {
        bytes[page * 4096..page * 4096 + 64].fill(0xff);
    }
    fs::write(&file.path, bytes).unwrap();
    file
}

pub fn cut() -> File {
    let file = database("delete");
    let bytes = file.bytes().unwrap();
    fs::write(&file.path, &bytes[..bytes.len() / 2]).unwrap();
    file
}

pub fn empty() -> File {
    with(b"")
}

pub fn text() -> File {
    with("This is a shopping list, and not a database.\n".repeat(100).as_bytes())
}

fn with(bytes: &[u8]) -> File {
    let file = File::new();
    fs::write(&file.path, bytes).unwrap();
    file
}

pub fn missing() -> File {
    File::new()
}

pub fn folder() -> File {
    let file = File::new();
    fs::create_dir(&file.path).unwrap();
    file
}

/// What a killed program leaves: `-wal` and `-shm`, with what is not in the database yet.
pub fn with_log() -> File {
    let (file, other) = (database("wal"), File::new());
    let conn = Connection::open(&file.path).unwrap();
    conn.execute_batch("INSERT INTO line SELECT product, 7 FROM line").unwrap();
    for end in ["", "-wal", "-shm"] {
        let name = format!("shop.db{end}");
        fs::copy(file.beside(&name), other.beside(&name)).unwrap();
    }
    other
}

/// A log that is full, of a file that was emptied.
pub fn emptied() -> File {
    let file = with_log();
    fs::write(&file.path, "").unwrap();
    file
}

/// What a program leaves that was killed in the middle of a commit, with a rollback journal.
pub fn with_journal() -> File {
    let (file, other) = (database("delete"), File::new());
    let conn = Connection::open(&file.path).unwrap();
    // Pages that don't fit are written before the commit, and the journal before them.
    conn.execute_batch(
        "PRAGMA cache_size = 2; PRAGMA cache_spill = ON;
         BEGIN; UPDATE product SET text = text || text",
    )
    .unwrap();
    for end in ["", "-journal"] {
        let name = format!("shop.db{end}");
        fs::copy(file.beside(&name), other.beside(&name)).unwrap();
    }
    other
}

//! The files of one program.

use std::path::PathBuf;

use super::ROWS;
use crate::harness::{Folder, SCHEMA, by_hand};

pub struct Files {
    /// For most cases.
    pub normal: PathBuf,
    /// Its connections sync at each commit.
    pub full: PathBuf,
    /// Nobody has it open between two calls.
    pub closed: PathBuf,
    /// The same file for all: somebody else holds its lock.
    pub lock: PathBuf,
}

impl Files {
    pub fn make(folder: &Folder, program: &str) -> Self {
        let made = |name: &str| {
            let path = folder.file(name);
            if !path.exists() {
                make(&path);
            }
            path
        };
        Self {
            normal: made(&format!("{program}.db")),
            full: made(&format!("{program}-full.db")),
            closed: made(&format!("{program}-closed.db")),
            lock: made("lock.db"),
        }
    }
}

fn make(path: &std::path::Path) {
    let conn = by_hand(path, "NORMAL");
    conn.execute_batch(SCHEMA).unwrap();
    conn.execute_batch(&format!(
        "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, qty INTEGER NOT NULL);
         WITH RECURSIVE ids (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ids WHERE n < {ROWS})
             INSERT INTO product SELECT n, 'product ' || n, n % 50 FROM ids;"
    ))
    .unwrap();
}

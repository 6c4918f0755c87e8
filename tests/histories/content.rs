//! What is in the file in the end, as somebody sees it who does not use db-core.

use std::path::Path;

use rusqlite::{Connection, Row};

use super::common::assert_whole;

/// Each table in the order of its positions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) history: Vec<Place>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) entries: Vec<Entry>,
    /// By the number of the account.
    pub(crate) balances: Vec<i64>,
}

/// A writer's place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) id: i64,
    /// There is one more, of the writer inside, after this.
    pub(crate) inner: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) position: i64,
    pub(crate) id: i64,
    pub(crate) source: i64,
    pub(crate) target: i64,
    pub(crate) amount: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) position: i64,
    pub(crate) list: i64,
    pub(crate) id: i64,
}

impl Content {
    pub(crate) fn read(path: &Path) -> Self {
        assert_whole(path);
        let conn = Connection::open(path).unwrap();
        let history = rows(&conn, "SELECT * FROM history ORDER BY position", |row| {
            Ok(Place { position: row.get(0)?, id: row.get(1)?, inner: row.get(2)? })
        });
        let transfers = rows(&conn, "SELECT * FROM transfer ORDER BY position", |row| {
            Ok(Transfer {
                position: row.get(0)?,
                id: row.get(1)?,
                source: row.get(2)?,
                target: row.get(3)?,
                amount: row.get(4)?,
            })
        });
        let entries = rows(&conn, "SELECT * FROM entry ORDER BY position", |row| {
            Ok(Entry { position: row.get(0)?, list: row.get(1)?, id: row.get(2)? })
        });
        let balances = rows(&conn, "SELECT balance FROM account ORDER BY id", |row| row.get(0));
        let left = rows(&conn, "SELECT 1 FROM bomb UNION ALL SELECT 1 FROM owner", |_| Ok(()));
        assert!(left.is_empty(), "what only failing writers write is there");
        Self { history, transfers, entries, balances }
    }
}

fn rows<T>(
    conn: &Connection,
    sql: &str,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut all = conn.prepare(sql).unwrap();
    all.query_map([], row).unwrap().map(Result::unwrap).collect()
}

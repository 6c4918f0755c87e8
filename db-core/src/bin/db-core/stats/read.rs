//! What SQLite knows of a database.

use std::collections::HashMap;

use db_core::rusqlite::{Connection, ErrorCode, Result, types::FromSql};
use serde::Serialize;

use crate::look::Look;

#[derive(Debug, Serialize)]
pub(super) struct Stats {
    #[serde(flatten)]
    pub(super) numbers: Numbers,
    pub(super) settings: Settings,
    /// `None` if it was not asked for.
    pub(super) tables: Option<Vec<Table>>,
    pub(super) indexes: Option<Vec<Index>>,
}

/// What the header tells, without the file being read.
#[derive(Debug, Serialize)]
pub(crate) struct Numbers {
    pub(crate) bytes: u64,
    pub(crate) page_size: u64,
    pub(crate) pages: u64,
    pub(crate) free_pages: u64,
    pub(crate) wal_bytes: u64,
}

/// What is stored in the file. `foreign_keys` is not: it is each connection's own.
#[derive(Debug, Serialize)]
pub(super) struct Settings {
    pub(super) journal_mode: String,
    pub(super) auto_vacuum: &'static str,
    pub(super) encoding: String,
    pub(super) user_version: i64,
    pub(super) application_id: i64,
    pub(super) schema_version: i64,
    pub(super) foreign_keys_declared: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) kind: &'static str,
    /// `None` if they can't be counted: the table needs a module of its program's.
    pub(super) rows: Option<u64>,
    /// On its own pages, without its indexes; `None` if it has none of its own.
    pub(super) bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) table: String,
    pub(super) bytes: Option<u64>,
}

pub(super) fn stats(conn: &Connection, look: &Look, brief: bool) -> Result<Stats> {
    let numbers = numbers(conn, look)?;
    let settings = settings(conn)?;
    let (mut tables, mut indexes) = (None, None);
    if !brief {
        let bytes = bytes_of_all(conn)?;
        tables = Some(read_tables(conn, &bytes)?);
        indexes = Some(read_indexes(conn, &bytes)?);
    }
    Ok(Stats { numbers, settings, tables, indexes })
}

/// How large the database is.
pub(crate) fn numbers(conn: &Connection, look: &Look) -> Result<Numbers> {
    Ok(Numbers {
        bytes: look.bytes,
        page_size: number(pragma(conn, "page_size")?),
        pages: number(pragma(conn, "page_count")?),
        free_pages: number(pragma(conn, "freelist_count")?),
        wal_bytes: look.wal.unwrap_or(0),
    })
}

fn settings(conn: &Connection) -> Result<Settings> {
    let vacuum: i64 = pragma(conn, "auto_vacuum")?;
    let declared =
        "SELECT count(*) FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS k
                    WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND k.seq = 0";
    Ok(Settings {
        journal_mode: pragma(conn, "journal_mode")?,
        auto_vacuum: match vacuum {
            0 => "none",
            1 => "full",
            _ => "incremental",
        },
        encoding: pragma(conn, "encoding")?,
        user_version: pragma(conn, "user_version")?,
        application_id: pragma(conn, "application_id")?,
        schema_version: pragma(conn, "schema_version")?,
        foreign_keys_declared: number(conn.query_row(declared, [], |row| row.get(0))?),
    })
}

fn pragma<T: FromSql>(conn: &Connection, name: &str) -> Result<T> {
    conn.pragma_query_value(None, name, |row| row.get(0))
}

/// SQLite's numbers have a sign, and these are never negative.
fn number(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The bytes of each tree's pages, by its name. An SQLite without `dbstat` tells none.
/// <https://sqlite.org/dbstat.html>
fn bytes_of_all(conn: &Connection) -> Result<HashMap<String, u64>> {
    let trees = "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE";
    let mut statement = match conn.prepare(trees) {
        Ok(statement) => statement,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            return Ok(HashMap::new());
        }
        Err(error) => return Err(error),
    };
    let rows = statement.query_map([], |row| Ok((row.get(0)?, number(row.get(1)?))))?;
    rows.collect()
}

fn read_tables(conn: &Connection, bytes: &HashMap<String, u64>) -> Result<Vec<Table>> {
    let list = "SELECT name, type FROM pragma_table_list
                WHERE schema = 'main' AND type <> 'view' AND name <> 'sqlite_schema'
                ORDER BY name COLLATE NOCASE";
    let mut statement = conn.prepare(list)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, String)> = rows.collect::<Result<_>>()?;
    let table = |(name, kind): (String, String)| {
        let kind = match kind.as_str() {
            "virtual" => "virtual",
            // Of a virtual one, as FTS5 has them.
            "shadow" => "shadow",
            _ => "table",
        };
        let rows = rows_of(conn, &name)?;
        let bytes = bytes.get(&name).copied();
        Ok(Table { name, kind, rows, bytes })
    };
    names.into_iter().map(table).collect()
}

fn rows_of(conn: &Connection, table: &str) -> Result<Option<u64>> {
    let count = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
    match conn.query_row(&count, [], |row| row.get(0)) {
        Ok(rows) => Ok(Some(number(rows))),
        // No such module, or no such function.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_indexes(conn: &Connection, bytes: &HashMap<String, u64>) -> Result<Vec<Index>> {
    let list = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'
                ORDER BY tbl_name COLLATE NOCASE, name COLLATE NOCASE";
    let mut statement = conn.prepare(list)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, String)> = rows.collect::<Result<_>>()?;
    let index = |(name, table): (String, String)| {
        let bytes = bytes.get(&name).copied();
        Index { name, table, bytes }
    };
    Ok(names.into_iter().map(index).collect())
}

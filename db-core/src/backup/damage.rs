//! Whether a copy is whole, as far as that can be known without the program that it is of: an
//! index may need a function, or a table a collation, that only the program has.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::ffi::ErrorCode;

use super::copy;
use crate::check;
use crate::finding::{Finding, FindingKind};
use crate::options::{IntegrityCheck, Options};
use crate::units::quoted;

const RESTORE: &str = "restore a backup";

/// What is damaged in a copy that nobody writes. `options` are those of the program, if it is
/// known, for its functions and collations.
pub(super) fn of_copy(copy: &Path, options: Option<&Options>) -> rusqlite::Result<Vec<Finding>> {
    let mut conn = copy::open_unchanged(copy)?;
    if let Some(connect) = options.and_then(|options| options.on_connect.as_ref()) {
        // What it can't set on a file that is only read is not needed for the check.
        let _ = connect(&mut conn);
    }
    // Without the program there are only SQLite's own functions, and a schema that uses one of
    // these is no damaged one.
    let trusted = options.is_none_or(|options| options.trusted_schema);
    conn.execute_batch("PRAGMA temp_store = MEMORY")?;
    conn.pragma_update(None, "trusted_schema", trusted)?;
    match check::structure(&conn, IntegrityCheck::Full) {
        Ok(mut findings) => {
            if findings.iter().any(|finding| finding.kind == FindingKind::Unchecked) {
                findings.extend(met_by_reading(&conn)?);
            }
            findings.retain(|finding| finding.kind.is_damage());
            Ok(findings)
        }
        Err(error) if is_damage(&error) => Ok(vec![finding(&error)]),
        Err(error) => Err(error),
    }
}

/// What can be known of tables that SQLite can't check.
fn met_by_reading(conn: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = spoilt_pages(conn)?;
    for table in check::tables(conn)? {
        match read_rows(conn, &table) {
            Err(error) if is_damage(&error) => findings.push(finding(&error)),
            // Of a module or a collation that is not there, or a name that is no text.
            Err(error) if matches!(code(&error), None | Some(ErrorCode::Unknown)) => {}
            read => read?,
        }
    }
    Ok(findings)
}

/// Reads what is stored of a table.
fn read_rows(conn: &Connection, table: &str) -> rusqlite::Result<()> {
    // Columns that are computed as they are read: https://sqlite.org/pragma.html#pragma_table_xinfo
    let sql = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden NOT IN (1, 2)";
    let mut columns = conn.prepare(sql)?;
    let columns = columns.query_map([table], |row| row.get::<_, String>(0))?;
    let columns = columns.collect::<rusqlite::Result<Vec<_>>>()?;
    let columns: Vec<_> = columns.iter().map(|name| quoted(name)).collect();
    let sql = format!("SELECT {} FROM {} NOT INDEXED", columns.join(", "), quoted(table));
    let mut rows = conn.prepare(&sql)?;
    let mut rows = rows.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// The pages of tables and indexes that are not laid out as such:
/// <https://sqlite.org/dbstat.html>
fn spoilt_pages(conn: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let sql = "SELECT name, pageno FROM dbstat WHERE pagetype = 'corrupted' LIMIT 10";
    let spoilt = conn.prepare(sql).and_then(|mut pages| {
        let what = |row: &rusqlite::Row<'_>| {
            let (tree, page): (String, i64) = (row.get(0)?, row.get(1)?);
            let what = format!("page {page} of {tree} is not laid out as a page of it");
            Ok(Finding::new(FindingKind::Damage, what, RESTORE))
        };
        pages.query_map([], what)?.collect::<rusqlite::Result<Vec<_>>>()
    });
    match spoilt {
        Err(error) if is_damage(&error) => Ok(vec![finding(&error)]),
        // Not every SQLite has it.
        Err(error) if code(&error) == Some(ErrorCode::Unknown) => Ok(Vec::new()),
        spoilt => spoilt,
    }
}

/// What is said of a file that could not even be read.
pub(super) fn finding(error: &rusqlite::Error) -> Finding {
    Finding::new(FindingKind::Damage, error.to_string(), RESTORE)
}

/// Whether an error says that the file itself is damaged, or is no database.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(code(error), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        error => error.sqlite_error_code(),
    }
}

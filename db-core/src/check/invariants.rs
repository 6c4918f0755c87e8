//! What the program says must always hold, looked for in a database.

use rusqlite::ffi::ErrorCode;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Row};

use super::integrity::MOST;
use crate::finding::{Finding, FindingKind};
use crate::invariant::{Invariant, literal};
use crate::units::cut;

/// A text or a blob is told no longer than this.
const LONGEST: usize = 80;

/// The rows that break `invariants`, and those that can't be checked. An error is one that
/// says nothing of them: a lock, an interrupt, a damaged file.
pub(crate) fn invariants(
    conn: &Connection,
    invariants: &[Invariant],
) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for invariant in invariants {
        match broken_rows(conn, invariant) {
            Ok(rows) => findings.extend(rows),
            Err(error) if is_of_the_query(&error) => {
                let name = invariant.name();
                let why = match error {
                    Error::InvalidQuery => "its query writes, and a check only reads".to_owned(),
                    error => error.to_string(),
                };
                let what = format!("\"{name}\" can't be checked: {why}");
                let mend = "correct the query of the invariant, or make the tables that it names";
                findings.push(Finding::new(FindingKind::Invariant, what, mend).at(name));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

/// Whether the query itself is at fault.
fn is_of_the_query(error: &Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::Unknown | ErrorCode::TypeMismatch),
        None => true,
    }
}

fn broken_rows(conn: &Connection, invariant: &Invariant) -> rusqlite::Result<Vec<Finding>> {
    let mut probe = conn.prepare_cached(&invariant.probe())?;
    if !probe.readonly() {
        return Err(Error::InvalidQuery);
    }
    if !probe.exists([])? {
        return Ok(Vec::new());
    }
    drop(probe);
    let keys = match invariant.table() {
        Some(table) => keys(conn, table)?,
        None => Vec::new(),
    };
    let mut statement = conn.prepare(&invariant.rows_of(&keys))?;
    let name = |at| statement.column_name(at).map(str::to_owned);
    let names = (0..statement.column_count()).map(name).collect::<Result<Vec<_>, _>>()?;
    let (mut findings, mut more) = (Vec::new(), 0_usize);
    let name = invariant.name();
    let mend = "correct these rows, or the code that wrote them";
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if findings.len() == MOST {
            more += 1;
            continue;
        }
        let row = told(row, &names)?;
        let what = format!("\"{name}\" is broken: {row}");
        findings.push(Finding::new(FindingKind::Invariant, what, mend).at(row));
    }
    if more > 0 {
        let what = format!("\"{name}\" is broken in {more} more rows");
        findings.push(Finding::new(FindingKind::Invariant, what, mend));
    }
    Ok(findings)
}

/// The columns by which a row of the table is found.
fn keys(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let keys =
        conn.prepare(sql)?.query_map([table], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    // A table without a primary key has a rowid, and a view has nothing.
    let is_table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
    if keys.is_empty() && conn.query_row(is_table, [table], |row| row.get(0))? {
        return Ok(vec!["rowid".to_owned()]);
    }
    Ok(keys)
}

/// `sku = 'A-1', qty = -3`
fn told(row: &Row<'_>, names: &[String]) -> rusqlite::Result<String> {
    let mut parts = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let value = match row.get_ref(at)? {
            ValueRef::Blob(bytes) if bytes.len() > LONGEST => {
                format!("a blob of {} bytes", bytes.len())
            }
            value => cut(&literal(value), LONGEST),
        };
        parts.push(format!("{name} = {value}"));
    }
    Ok(parts.join(", "))
}

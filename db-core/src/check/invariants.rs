//! What the program says must always hold, looked for in a database.

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, Error, Row};

use super::{MOST, is_of_the_statement, keys, said};
use crate::error::refusal;
use crate::finding::{Finding, FindingKind};
use crate::invariant::{Invariant, literal};
use crate::units::cut;

/// A name, a text or a blob is told no longer than this.
const LONGEST: usize = 80;
const LONGEST_NAME: usize = 200;

/// The rows that break `invariants`, and those that can't be checked. An error is one that
/// says nothing of them: a lock, an interrupt, a damaged file.
pub(crate) fn invariants(
    conn: &Connection,
    invariants: &[Invariant],
) -> rusqlite::Result<Vec<Finding>> {
    each(invariants, |invariant| broken_rows(conn, invariant))
}

/// Those whose query is wrong, whatever tables there will be.
pub(crate) fn that_cant_be_run(
    conn: &Connection,
    invariants: &[Invariant],
) -> rusqlite::Result<Vec<Finding>> {
    each(invariants, |invariant| match prepare(conn, invariant) {
        // The program may make it yet.
        Err(error) if said(&error).starts_with("no such table") => Ok(Vec::new()),
        prepared => prepared.map(|_query| Vec::new()),
    })
}

fn each(
    invariants: &[Invariant],
    check: impl Fn(&Invariant) -> rusqlite::Result<Vec<Finding>>,
) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for invariant in invariants {
        match check(invariant) {
            Err(error) if is_of_the_statement(&error) => {
                findings.push(cant_be_run(invariant, error));
            }
            checked => findings.extend(checked?),
        }
    }
    Ok(findings)
}

fn cant_be_run(invariant: &Invariant, error: Error) -> Finding {
    let name = cut(invariant.name(), LONGEST_NAME);
    // Of a statement that is refused SQLite tells nothing more.
    let why = match (refusal::take(), error) {
        (Some(refused), _) => format!("it may only read, not run {}", refused.statement),
        (None, Error::InvalidQuery) => "it writes, and may only read".to_owned(),
        (None, Error::QueryReturnedNoRows) => "it is no query that returns rows".to_owned(),
        (None, error) => said(&error),
    };
    let what = format!("\"{name}\" can't be checked: {why}");
    let mend = "correct the query of the invariant, or make the tables that it names";
    Finding::new(FindingKind::Unchecked, what, mend).at(name)
}

fn prepare<'c>(
    conn: &'c Connection,
    invariant: &Invariant,
) -> rusqlite::Result<CachedStatement<'c>> {
    let probe = conn.prepare_cached(&invariant.probe())?;
    match (probe.readonly(), probe.column_count()) {
        (false, _) => Err(Error::InvalidQuery),
        (true, 0) => Err(Error::QueryReturnedNoRows),
        _ => Ok(probe),
    }
}

fn broken_rows(conn: &Connection, invariant: &Invariant) -> rusqlite::Result<Vec<Finding>> {
    let mut probe = prepare(conn, invariant)?;
    if !probe.exists([])? {
        return Ok(Vec::new());
    }
    drop(probe);
    let keys = match invariant.table() {
        Some(table) => keys::of_table(conn, table)?,
        None => Vec::new(),
    };
    let mut statement = conn.prepare(&invariant.rows_of(&keys))?;
    let name = |at| statement.column_name(at).map(|name| cut(name, LONGEST));
    let names = (0..statement.column_count()).map(name).collect::<Result<Vec<_>, _>>()?;
    let (mut findings, mut more) = (Vec::new(), 0_usize);
    let name = cut(invariant.name(), LONGEST_NAME);
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

/// `sku = 'A-1', qty = -3`
fn told(row: &Row<'_>, names: &[String]) -> rusqlite::Result<String> {
    let mut parts = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let value = match row.get_ref(at)? {
            ValueRef::Blob(bytes) if bytes.len() > LONGEST => {
                format!("a blob of {} bytes", bytes.len())
            }
            // A character has four bytes at most, and a quote may be doubled.
            ValueRef::Text(text) => {
                cut(&literal(ValueRef::Text(&text[..text.len().min(LONGEST * 4)])), LONGEST)
            }
            value => cut(&literal(value), LONGEST),
        };
        parts.push(format!("{name} = {value}"));
    }
    Ok(parts.join(", "))
}

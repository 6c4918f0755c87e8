//! The rows whose foreign keys name none.
//!
//! <https://sqlite.org/pragma.html#pragma_foreign_key_check>

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{MOST, damage_or, each, is_of_the_statement, keys, said, text};
use crate::finding::{Finding, FindingKind};
use crate::units::{cut, quoted};

const LONGEST: usize = 200;

/// Looks for them in each table by itself, so that one wrong declaration hides nothing.
pub(crate) fn foreign_keys(conn: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let (mut findings, mut broken) = (Vec::new(), 0_usize);
    let tables = match super::tables(conn) {
        Ok(tables) => tables,
        Err(error) => {
            damage_or(Err(error), &mut findings)?;
            return Ok(findings);
        }
    };
    for table in tables {
        match in_table(conn, &table, &mut broken, &mut findings) {
            Err(error) if is_of_the_statement(&error) => findings.push(refused(&table, &error)),
            checked => damage_or(checked, &mut findings)?,
        }
    }
    if broken > MOST {
        let what = format!("{} more rows name rows that are not there", broken - MOST);
        let mend = "mend the ones above, and check again";
        findings.push(Finding::new(FindingKind::ForeignKey, what, mend));
    }
    Ok(findings)
}

fn in_table(
    conn: &Connection,
    name: &str,
    broken: &mut usize,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    let table = cut(name, LONGEST);
    let mut rowid = None;
    each(conn, &format!("PRAGMA main.foreign_key_check({})", quoted(name)), |row| {
        *broken += 1;
        if *broken > MOST {
            return Ok(());
        }
        let parent = cut(&text(row, 2)?, LONGEST);
        let (what, place, mend) = match row.get_ref(1)? {
            ValueRef::Integer(number) => {
                let rowid = match &rowid {
                    Some(rowid) => rowid,
                    None => rowid.insert(keys::rowid(conn, name)?),
                };
                let delete = match rowid {
                    Some(rowid) => {
                        let table = quoted(name);
                        format!("delete this one: DELETE FROM {table} WHERE {rowid} = {number}")
                    }
                    None => "delete this one".to_owned(),
                };
                (
                    format!("row {number} of {table} names a row of {parent} that is not there"),
                    format!("table {table}, row {number}"),
                    format!("add that row of {parent}, or {delete}"),
                )
            }
            // Of a table WITHOUT ROWID.
            _ => (
                format!("a row of {table} names a row of {parent} that is not there"),
                format!("table {table}"),
                format!("add the missing rows of {parent}, or delete those that name them"),
            ),
        };
        findings.push(Finding::new(FindingKind::ForeignKey, what, mend).at(place));
        Ok(())
    })
}

/// Why a table's keys can't be checked.
fn refused(table: &str, error: &rusqlite::Error) -> Finding {
    let (table, said) = (cut(table, LONGEST), said(error));
    let place = format!("table {table}");
    // https://sqlite.org/foreignkeys.html#fk_indexes
    if said.starts_with("foreign key mismatch") {
        let mend =
            "correct the foreign key, or make the named columns the parent's primary key or unique";
        return Finding::new(FindingKind::ForeignKey, said, mend).at(place);
    }
    let what = format!("the foreign keys of {table} were not checked: {said}");
    let mend = "check it by the program whose file it is, which has what is missing";
    Finding::new(FindingKind::Unchecked, what, mend).at(place)
}

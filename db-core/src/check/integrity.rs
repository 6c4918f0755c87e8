//! What SQLite itself can check: the structure of the file, and its foreign keys.
//!
//! Its answers are sentences for people; here they become findings, each with what to do.
//! <https://sqlite.org/pragma.html#pragma_integrity_check>

use rusqlite::ffi::ErrorCode;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::finding::{Finding, FindingKind};
use crate::options::IntegrityCheck;
use crate::units::{quoted, typed};

/// Of each kind of check no more is told: whoever mends these checks again.
pub(crate) const MOST: usize = 100;

const RESTORE: &str = "restore the newest backup";
const AFTERWARDS: &str = "mend the damage first, then check again";

/// Has SQLite check the structure of the file, and its foreign keys. Damage that keeps it from
/// going on is a finding as well; what is an error is one that says nothing of the file: a lock,
/// a disk that can't be read, a file that is no database.
pub(crate) fn integrity(
    conn: &Connection,
    check: IntegrityCheck,
) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = structure(conn, check)?;
    if check != IntegrityCheck::None {
        findings.extend(foreign_keys(conn)?);
    }
    Ok(findings)
}

/// Has SQLite check the structure of the file.
pub(crate) fn structure(
    conn: &Connection,
    check: IntegrityCheck,
) -> rusqlite::Result<Vec<Finding>> {
    let pragma = match check {
        IntegrityCheck::None => return Ok(Vec::new()),
        IntegrityCheck::Quick => "quick_check",
        IntegrityCheck::Full => "integrity_check",
    };
    let reindex = match conn.path() {
        Some(path) => format!("rebuild the indexes: db-core reindex {}", typed(path)),
        None => "rebuild the indexes: REINDEX".to_owned(),
    };
    let mut findings = Vec::new();
    let checked = each(conn, &format!("PRAGMA {pragma}({MOST})"), |row| {
        // One row may have several lines.
        let lines = row.get_ref(0)?.as_str().unwrap_or_default();
        let told = lines.lines().map(str::trim).filter(|line| {
            // `*** in database main ***` is a heading.
            !line.is_empty() && *line != "ok" && !line.starts_with("*** in database ")
        });
        findings.extend(told.map(|line| sorted(line, &reindex)));
        Ok(())
    });
    damage_or(checked, &mut findings)?;
    if findings.iter().any(|finding| finding.kind == FindingKind::Damage) {
        name_trees(conn, &mut findings);
        // What is rebuilt from a damaged table is no better.
        let indexes = findings.iter_mut().filter(|finding| finding.kind == FindingKind::Index);
        indexes.for_each(|finding| finding.mend = AFTERWARDS.to_owned());
    }
    Ok(findings)
}

/// SQLite names a table or an index by the number of its first page.
fn name_trees(conn: &Connection, findings: &mut [Finding]) {
    // It may be what is damaged.
    let Ok(mut names) = conn.prepare("SELECT type, name FROM sqlite_schema WHERE rootpage = ?1")
    else {
        return;
    };
    for finding in findings {
        let Some(rest) = finding.what.strip_prefix("Tree ") else { continue };
        let Some((root, rest)) = rest.split_once(' ') else { continue };
        let Ok(root) = root.parse::<i64>() else { continue };
        let named = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let Ok((kind, name)) = names.query_row([root], named) else { continue };
        let place = format!("{kind} {name}");
        finding.what = format!("{place}, {rest}");
        finding.place = Some(place);
    }
}

fn each(
    conn: &Connection,
    sql: &str,
    mut row: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        row(found)?;
    }
    Ok(())
}

/// A check that damage has ended has found that.
fn damage_or(checked: rusqlite::Result<()>, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    match checked {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            if !findings.iter().any(|finding| finding.kind == FindingKind::Damage) {
                findings.push(Finding::new(FindingKind::Damage, error.to_string(), RESTORE));
            }
            Ok(())
        }
        checked => checked,
    }
}

/// By the sentences of `sqlite3BtreeIntegrityCheck` in btree.c and of `PragTyp_INTEGRITY_CHECK`
/// in pragma.c.
fn sorted(line: &str, reindex: &str) -> Finding {
    let index = |text: &str| text.split(" index ").nth(1).map(|name| name.trim().to_owned());
    if line.contains("missing from index")
        || line.starts_with("wrong # of entries in index")
        || line.starts_with("non-unique entry in index")
        || line.contains("values differ from index")
    {
        let finding = Finding::new(FindingKind::Index, line.to_owned(), reindex);
        return match index(line) {
            Some(name) => finding.at(format!("index {name}")),
            None => finding,
        };
    }
    let forbidden = ["NULL value in ", "CHECK constraint failed in ", " value in "];
    if let Some(at) = forbidden.iter().find_map(|words| line.split(words).nth(1))
        && !line.contains(" page ")
    {
        let table = at.split(['.', ' ']).next().unwrap_or(at);
        let mend = format!(
            "find the rows in {table} that break its definition, and correct or delete them"
        );
        return Finding::new(FindingKind::Constraint, line.to_owned(), mend)
            .at(format!("table {table}"));
    }
    // https://sqlite.org/rescode.html#corrupt is 11.
    let page = "btreeInitPage() returns error code 11";
    let what = line.replace(page, "it is not laid out as a page of a table or an index");
    Finding::new(FindingKind::Damage, what, RESTORE)
}

/// The rows whose foreign keys name none.
/// <https://sqlite.org/pragma.html#pragma_foreign_key_check>
pub(crate) fn foreign_keys(conn: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut broken = 0_usize;
    let checked = each(conn, "PRAGMA foreign_key_check", |row| {
        broken += 1;
        if broken > MOST {
            return Ok(());
        }
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let (what, place, mend) = match row.get_ref(1)? {
            ValueRef::Integer(rowid) => (
                format!("row {rowid} of {table} names a row of {parent} that is not there"),
                format!("table {table}, row {rowid}"),
                format!(
                    "add that row of {parent}, or delete this one: DELETE FROM {} WHERE rowid = {rowid}",
                    quoted(&table)
                ),
            ),
            // Of a table WITHOUT ROWID.
            _ => (
                format!("a row of {table} names a row of {parent} that is not there"),
                format!("table {table}"),
                format!("add the missing rows of {parent}, or delete those that name them"),
            ),
        };
        findings.push(Finding::new(FindingKind::ForeignKey, what, mend).at(place));
        Ok(())
    });
    if broken > MOST {
        let what = format!("{} more rows name rows that are not there", broken - MOST);
        let mend = "mend the ones above, and check again";
        findings.push(Finding::new(FindingKind::ForeignKey, what, mend));
    }
    match checked {
        // The declaration itself is wrong: https://sqlite.org/foreignkeys.html#fk_indexes
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            let mend = "correct the foreign key, or make the named columns the parent's primary key or unique";
            findings.push(Finding::new(FindingKind::ForeignKey, error.to_string(), mend));
        }
        checked => damage_or(checked, &mut findings)?,
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(line: &str) -> (FindingKind, Option<String>) {
        let finding = sorted(line, "");
        (finding.kind, finding.place)
    }

    #[test]
    fn sqlites_sentences_are_sorted() {
        let at = |place: &str| Some(place.to_owned());
        let index = FindingKind::Index;
        assert_eq!(kind("row 3 missing from index by_name"), (index, at("index by_name")));
        assert_eq!(kind("wrong # of entries in index i"), (index, at("index i")));
        assert_eq!(kind("non-unique entry in index i"), (index, at("index i")));
        let constraint = FindingKind::Constraint;
        assert_eq!(kind("NULL value in stock.qty"), (constraint, at("table stock")));
        assert_eq!(kind("CHECK constraint failed in stock"), (constraint, at("table stock")));
        assert_eq!(kind("TEXT value in stock.qty"), (constraint, at("table stock")));
        let damage = (FindingKind::Damage, None);
        assert_eq!(kind("Tree 2 page 2: btreeInitPage() returns error code 11"), damage);
        assert_eq!(kind("Page 7: never used"), damage);
    }
}

//! What SQLite can check of the structure of a file, of its indexes, and of what the tables'
//! own definitions forbid.
//!
//! Its answers are sentences for people; here they become findings, each with what to do.
//! <https://sqlite.org/pragma.html#pragma_integrity_check>

use rusqlite::{Connection, Row};

use super::{AFTERWARDS, MOST, RESTORE, each, is_of_the_statement, text};
use crate::finding::{Finding, FindingKind};
use crate::options::IntegrityCheck;
use crate::units::{cut, quoted, typed};

/// So much of a sentence of SQLite's is told: names may be as long as anybody likes.
const LONGEST: usize = 300;

/// Has SQLite check the structure of the file. Damage that keeps it from going on is a finding
/// as well; what is an error is one that says nothing of the file: a lock, a disk that can't be
/// read, a file that is no database.
pub(crate) fn structure(
    conn: &Connection,
    check: IntegrityCheck,
) -> rusqlite::Result<Vec<Finding>> {
    // Of this database alone, and not of what a program has attached.
    let pragma = match check {
        IntegrityCheck::None => return Ok(Vec::new()),
        IntegrityCheck::Quick => "main.quick_check",
        IntegrityCheck::Full => "main.integrity_check",
    };
    let reindex = match conn.path() {
        Some(path) => format!("rebuild the indexes: db-core reindex {}", typed(path)),
        None => "rebuild the indexes: REINDEX".to_owned(),
    };
    let mut findings = Vec::new();
    let checked = run(conn, pragma, &MOST.to_string(), &reindex, &mut findings);
    match checked {
        // A table may need a collation, a function or a module that only its program has.
        Err(error) if is_of_the_statement(&error) => {
            findings.clear();
            by_table(conn, pragma, &reindex, &mut findings)?;
        }
        checked => super::damage_or(checked, &mut findings)?,
    }
    if findings.iter().any(|finding| finding.kind == FindingKind::Damage) {
        fold_unused(&mut findings);
        name_trees(conn, &mut findings);
        // What is rebuilt from a damaged table is no better.
        let indexes = findings.iter_mut().filter(|finding| finding.kind == FindingKind::Index);
        indexes.for_each(|finding| finding.mend = AFTERWARDS.to_owned());
    }
    Ok(findings)
}

fn run(
    conn: &Connection,
    pragma: &str,
    argument: &str,
    reindex: &str,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    each(conn, &format!("PRAGMA {pragma}({argument})"), |row| {
        let told = text(row, 0)?;
        if is_of_pages(&told) || told.starts_with(HEADING) {
            // All that is wrong with the pages is one row of several lines.
            let lines = told.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(HEADING));
            findings.extend(lines.map(|line| sorted(line, reindex)));
        } else if told != "ok" {
            findings.push(sorted(&cut(&told, LONGEST), reindex));
        }
        Ok(())
    })
}

/// `*** in database main ***`
const HEADING: &str = "*** in database ";

/// By the sentences of `sqlite3BtreeIntegrityCheck` in btree.c.
fn is_of_pages(line: &str) -> bool {
    ["Tree ", "Page ", "Freelist"].iter().any(|start| line.starts_with(start))
}

/// Each table by itself, so that those that can't be checked don't hide the others.
fn by_table(
    conn: &Connection,
    pragma: &str,
    reindex: &str,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    for table in super::tables(conn)? {
        let checked = run(conn, pragma, &quoted(&table), reindex, findings);
        match checked {
            Err(error) if is_of_the_statement(&error) => {
                let table = cut(&table, LONGEST);
                let what = format!("table {table} was not checked: {}", super::said(&error));
                let mend = "check it by the program whose file it is, which has what is missing";
                let unchecked = Finding::new(FindingKind::Unchecked, what, mend);
                findings.push(unchecked.at(format!("table {table}")));
            }
            checked => super::damage_or(checked, findings)?,
        }
    }
    Ok(())
}

/// Where a page that names others is lost, each of those is told: as one thing.
fn fold_unused(findings: &mut Vec<Finding>) {
    let page = |finding: &Finding| {
        let page = finding.what.strip_prefix("Page ")?.strip_suffix(": never used")?;
        page.parse::<u64>().ok()
    };
    let pages: Vec<_> = findings.iter().filter_map(page).collect();
    let (Some(first), Some(last)) = (pages.iter().min(), pages.iter().max()) else { return };
    if first == last {
        return;
    }
    let what = format!("{} pages from {first} to {last} belong to nothing", pages.len());
    let folded = Finding::new(FindingKind::Damage, what, RESTORE);
    findings.retain(|finding| page(finding).is_none());
    findings.push(folded);
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
        let named = |row: &Row<'_>| Ok((text(row, 0)?, text(row, 1)?));
        let Ok((kind, name)) = names.query_row([root], named) else { continue };
        let place = format!("{kind} {}", cut(&name, LONGEST));
        finding.what = format!("{place}, {rest}");
        finding.place = Some(place);
    }
}

/// By the sentences of btree.c and of `PragTyp_INTEGRITY_CHECK` in pragma.c.
fn sorted(line: &str, reindex: &str) -> Finding {
    const OF_INDEXES: [&str; 6] = [
        " missing from index ",
        "wrong # of entries in index ",
        "non-unique entry in index ",
        " values differ from index ",
        "rowid not at end-of-record for row ",
        " stores an imprecise floating-point value for row ",
    ];
    const OF_ROWS: [&str; 3] = ["NULL value in ", "CHECK constraint failed in ", " value in "];
    let kind = |kind, mend: &str| Finding::new(kind, line.to_owned(), mend);
    if is_of_pages(line) {
        // https://sqlite.org/rescode.html#corrupt is 11.
        let page = "btreeInitPage() returns error code 11";
        let what = line.replace(page, "it is not laid out as a page of a table or an index");
        return Finding::new(FindingKind::Damage, what, RESTORE);
    }
    if OF_INDEXES.iter().any(|words| line.contains(words)) {
        let finding = kind(FindingKind::Index, reindex);
        let name = line.split_once("index ").map(|(_, name)| name);
        // `index I stores ..`
        let name = name.map(|name| name.split(" stores an ").next().unwrap_or(name));
        return match name {
            Some(name) => finding.at(format!("index {name}")),
            None => finding,
        };
    }
    // https://sqlite.org/fts5.html#the_integrity_check_command
    if line.starts_with("malformed inverted index for FTS")
        && let Some((_, table)) = line.split_once(" table ")
    {
        let table = table.strip_prefix("main.").unwrap_or(table);
        let name = quoted(table);
        let rebuild = format!("rebuild it: INSERT INTO {name}({name}) VALUES ('rebuild')");
        return kind(FindingKind::Index, &rebuild).at(format!("table {table}"));
    }
    if let Some((words, name)) =
        OF_ROWS.iter().find_map(|words| Some((words, line.split_once(words)?.1)))
    {
        let place = if words.starts_with("CHECK") { "table" } else { "column" };
        let mend = format!("find the rows that {place} {name} forbids, and correct or delete them");
        return kind(FindingKind::Constraint, &mend).at(format!("{place} {name}"));
    }
    kind(FindingKind::Damage, RESTORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> (FindingKind, Option<String>) {
        let finding = sorted(line, "");
        (finding.kind, finding.place)
    }

    #[test]
    fn pages_that_belong_to_nothing_are_told_once() {
        let lines = ["Page 7: never used", "Freelist: size is 3", "Page 9: never used"];
        let mut findings: Vec<_> = lines.iter().map(|line| sorted(line, "")).collect();
        fold_unused(&mut findings);
        let told: Vec<_> = findings.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(told, ["Freelist: size is 3", "2 pages from 7 to 9 belong to nothing"]);
    }

    #[test]
    fn sqlites_sentences_are_sorted() {
        use FindingKind::{Constraint, Damage, Index};
        for (line, kind, place) in [
            ("row 3 missing from index by_name", Index, Some("index by_name")),
            ("row 3 missing from index web page views", Index, Some("index web page views")),
            ("wrong # of entries in index i", Index, Some("index i")),
            ("non-unique entry in index i", Index, Some("index i")),
            ("rowid not at end-of-record for row 2 of index i", Index, Some("index i")),
            ("index i stores an imprecise floating-point value for row 2", Index, Some("index i")),
            ("malformed inverted index for FTS4 table main.notes", Index, Some("table notes")),
            ("NULL value in stock.qty", Constraint, Some("column stock.qty")),
            ("CHECK constraint failed in web page views", Constraint, Some("table web page views")),
            ("TEXT value in stock.qty", Constraint, Some("column stock.qty")),
            ("non-INTEGER value in stock.qty", Constraint, Some("column stock.qty")),
            ("Tree 2 page 2: btreeInitPage() returns error code 11", Damage, None),
            ("Page 7: never used", Damage, None),
            ("Freelist: size is 3 but should be 4", Damage, None),
            ("row not in PRIMARY KEY order for stock", Damage, None),
        ] {
            assert_eq!(told(line), (kind, place.map(str::to_owned)), "{line}");
        }
    }
}

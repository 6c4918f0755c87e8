//! What is in the file: whether it is whole, how it is set, how much of it is unused.

use db_core::IntegrityCheck;
use db_core::rusqlite::{Connection, Result};

use super::{Check, Level};
use crate::human::{bytes, typed};
use crate::look::{Kind, Look};
use crate::open::Reading;
use crate::stats::{Numbers, numbers};
use crate::verify;

/// Less than this is not worth the time of a VACUUM.
const FREE_BYTES: u64 = 10_000_000;
/// Nor is less than a quarter of the file.
const FREE_PART: u64 = 4;
/// On a smaller file any plan is fast.
const PLANNED_PAGES: u64 = 250;

const STRUCTURE: &str = "structure";
const JOURNAL: &str = "journal";
const ROOM: &str = "free room";
const STATISTICS: &str = "statistics";

/// What is looked at here.
pub(super) const NAMES: [&str; 4] = [STRUCTURE, JOURNAL, ROOM, STATISTICS];

struct Content {
    numbers: Numbers,
    journal_mode: String,
    has_indexes: bool,
    has_statistics: bool,
}

pub(super) fn checks(file: &Reading, look: &Look, full: bool) -> Vec<Check> {
    let mut checks = structure(file, look, full);
    match file.read(|conn| content(conn, look)) {
        Ok(content) => {
            checks.extend(journal_mode(look, &content));
            checks.push(room(look, &content.numbers));
            checks.extend(statistics(look, &content));
        }
        Err(failure) => {
            // Whether the file is whole has been told already.
            if checks.iter().all(|check| check.level != Level::Problem) {
                checks.push(Check::of_failure("settings", failure));
            }
            checks.extend([JOURNAL, ROOM, STATISTICS].map(Check::unchecked));
        }
    }
    checks
}

fn structure(file: &Reading, look: &Look, full: bool) -> Vec<Check> {
    let check = if full { IntegrityCheck::Full } else { IntegrityCheck::Quick };
    match verify::found(file, look, check) {
        Ok(found) if found.is_empty() => {
            let what = if full {
                "whole"
            } else {
                "whole, as far as a quick check tells (--full compares indexes too)"
            };
            vec![Check::new(Level::Ok, STRUCTURE, what)]
        }
        Ok(found) => {
            let check = |found: crate::finding::Found| {
                Check::new(Level::Problem, STRUCTURE, found.what).advise(found.mend)
            };
            found.into_iter().map(check).collect()
        }
        Err(failure) => vec![Check::of_failure(STRUCTURE, failure)],
    }
}

fn content(conn: &Connection, look: &Look) -> Result<Content> {
    let exists = |what: &str| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE {what})");
        conn.query_row(&sql, [], |row| row.get(0))
    };
    Ok(Content {
        numbers: numbers(conn, look)?,
        journal_mode: conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
        has_indexes: exists("type = 'index'")?,
        has_statistics: exists("name = 'sqlite_stat1'")?,
    })
}

fn journal_mode(look: &Look, content: &Content) -> Option<Check> {
    if look.kind == Kind::Empty {
        return None;
    }
    if content.journal_mode.eq_ignore_ascii_case("wal") {
        return Some(Check::new(
            Level::Ok,
            JOURNAL,
            "a log (WAL): readers and the writer don't block each other",
        ));
    }
    let what = format!(
        "a rollback journal ({}): readers and the writer block each other",
        content.journal_mode
    );
    let change = format!(
        "change it once, while no program has it open: sqlite3 {} 'PRAGMA journal_mode = WAL'",
        typed(&look.path)
    );
    let not = "not on a network drive, nor for a file that is only read";
    Some(Check::new(Level::Advice, JOURNAL, what).advise(change).advise(not))
}

fn room(look: &Look, numbers: &Numbers) -> Check {
    let Numbers { page_size, pages, free_pages, .. } = *numbers;
    let free = free_pages * page_size;
    let percent = (free_pages * 100).checked_div(pages).unwrap_or(0);
    let what = format!("{} of the file are free pages ({percent} %)", bytes(free));
    if free < FREE_BYTES || free_pages < pages / FREE_PART {
        return Check::new(Level::Ok, ROOM, what);
    }
    Check::new(Level::Advice, ROOM, what)
        .advise("nothing, if the database will grow again: free pages are used first")
        .advise(format!("else give them back to the disk: db-core vacuum {}", typed(&look.path)))
}

fn statistics(look: &Look, content: &Content) -> Option<Check> {
    if !content.has_indexes {
        return None;
    }
    if content.has_statistics {
        return Some(Check::new(
            Level::Ok,
            STATISTICS,
            "there are statistics for planning queries",
        ));
    }
    if content.numbers.pages < PLANNED_PAGES {
        return None;
    }
    let what = "there are none: SQLite guesses which index to use";
    let advice = format!("make them: db-core optimize {}", typed(&look.path));
    Some(Check::new(Level::Advice, STATISTICS, what).advise(advice))
}

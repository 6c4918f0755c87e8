//! Copying a database page by page, and checking the copy.
//!
//! <https://sqlite.org/c3ref/backup_finish.html>

use std::fmt::Write;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::{self, ErrorCode};
use rusqlite::{Connection, OpenFlags};

use super::Progress;
use crate::check;
use crate::finding::{Finding, FindingKind};
use crate::options::{IntegrityCheck, Options};

/// How many pages are copied between two reports: a megabyte of the usual ones.
const STEP: i32 = 256;

/// Copies all of `from` into the empty file `to`, which is nobody else's: without a journal,
/// without locks, without syncs. `from` must be in a transaction, so that it stays the same.
pub(super) fn pages(
    from: &Connection,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> rusqlite::Result<()> {
    // Or SQLite would begin anew whenever somebody has written in between.
    from.pragma_query_value(None, "schema_version", |_row| Ok(()))?;
    // Our own lock on it may be of the kind that SQLite takes.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = open(to, "nolock=1", flags)?;
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    let backup = Backup::new(from, &mut copy)?;
    loop {
        let step = backup.step(STEP)?;
        let now = backup.progress();
        let pages = |number: i32| u64::try_from(number).unwrap_or(0);
        let pages_total = pages(now.pagecount);
        let pages_done = pages_total.saturating_sub(pages(now.remaining));
        match step {
            StepResult::Done => {
                progress(Progress { pages_done, pages_total });
                break;
            }
            StepResult::More => progress(Progress { pages_done, pages_total }),
            // Not met: the snapshot is taken, and the copy is nobody else's.
            _ => return Err(failure(ffi::SQLITE_BUSY)),
        }
    }
    drop(backup);
    copy.close().map_err(|(_copy, error)| error)
}

/// What is damaged in a copy that nobody writes. `options` are those of the program, if it is
/// known: its own functions and collations may be needed.
pub(super) fn damage(copy: &Path, options: Option<&Options>) -> rusqlite::Result<Vec<Finding>> {
    let mut conn = open_unchanged(copy)?;
    if let Some(connect) = options.and_then(|options| options.on_connect.as_ref()) {
        // What it can't set on a file that is only read is not needed for the check.
        let _ = connect(&mut conn);
    }
    conn.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")?;
    match check::structure(&conn, IntegrityCheck::Full) {
        Ok(mut findings) => {
            findings.retain(|finding| finding.kind.is_damage());
            Ok(findings)
        }
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Ok(vec![finding(&error)])
        }
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            damage_by_table(&conn)
        }
        Err(error) => Err(error),
    }
}

/// Where functions or collations are missing that only the program itself has: what SQLite says
/// of the pages of the tables that it can check without them.
fn damage_by_table(conn: &Connection) -> rusqlite::Result<Vec<Finding>> {
    const OF_PAGES: [&str; 4] = ["Tree ", "Page ", "Freelist", "***"];
    let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
    let mut findings = Vec::new();
    for table in tables {
        let told = conn.prepare("SELECT integrity_check FROM pragma_integrity_check(?1)").and_then(
            |mut check| {
                let lines = check.query_map([table?], |row| row.get::<_, String>(0))?;
                lines.collect::<rusqlite::Result<Vec<_>>>()
            },
        );
        match told {
            Ok(lines) => {
                let of_pages = |line: &String| OF_PAGES.iter().any(|start| line.starts_with(start));
                let restore = "restore a backup";
                let damage = |line| Finding::new(FindingKind::Damage, line, restore);
                findings.extend(lines.into_iter().filter(of_pages).map(damage));
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {}
            Err(error) if is_damage(&error) => findings.push(finding(&error)),
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

/// What is said of a file that could not even be read.
pub(super) fn finding(error: &rusqlite::Error) -> Finding {
    Finding::new(FindingKind::Damage, error.to_string(), "restore a backup")
}

/// Whether an error says that the file itself is damaged, or is no database.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Opens a file that nobody writes, so that SQLite needs no lock and makes no files beside it.
/// <https://sqlite.org/uri.html#uriimmutable>
pub(super) fn open_unchanged(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(path, "immutable=1", flags)
}

fn open(path: &Path, parameter: &str, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(uri(path, parameter), flags | OpenFlags::SQLITE_OPEN_URI)
}

fn failure(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

/// An absolute path as <https://sqlite.org/uri.html> has it.
fn uri(path: &Path, parameter: &str) -> String {
    let mut uri = String::from(if cfg!(windows) { "file:///" } else { "file://" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b':' if cfg!(windows) => uri.push(':'),
            b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push('?');
    uri.push_str(parameter);
    uri
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_uri_is_escaped() {
        let uri = uri(Path::new("/a b/c?d#e%f.db"), "nolock=1");
        assert_eq!(uri, "file:///a%20b/c%3Fd%23e%25f.db?nolock=1");
    }
}

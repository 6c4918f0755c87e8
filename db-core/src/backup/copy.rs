//! Copying a database page by page.
//!
//! <https://sqlite.org/c3ref/backup_finish.html>

use std::fmt::Write;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi;
use rusqlite::{Connection, OpenFlags};

use super::Progress;

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
        // Above 2^31 pages SQLite's numbers are negative.
        let pages = |number: i32| u64::from(number.cast_unsigned());
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

/// Opens a file that nobody writes, so that SQLite needs no lock and makes no files beside it.
/// <https://sqlite.org/uri.html#uriimmutable>
pub(super) fn open_unchanged(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(path, "immutable=1", flags)
}

fn open(path: &Path, parameter: &str, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(uri(path, parameter), flags | OpenFlags::SQLITE_OPEN_URI)
}

pub(super) fn failure(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

/// An absolute path as <https://sqlite.org/uri.html> has it.
fn uri(path: &Path, parameter: &str) -> String {
    let mut path = path.as_os_str().as_encoded_bytes();
    let mut uri = String::from("file://");
    if cfg!(windows) {
        // As resolved paths begin there.
        let verbatim = br"\\?\";
        let server = path.strip_prefix(br"\\?\UNC");
        // `file:///C:/folder`, `file:////server/folder`.
        uri.push('/');
        path = server.or_else(|| path.strip_prefix(verbatim)).unwrap_or(path);
    }
    for byte in path {
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

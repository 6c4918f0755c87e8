//! What can be known of a path before SQLite opens it: whether it can be a database at all,
//! and what is beside it.
//!
//! The file is read here, and only here, and before SQLite has it open in this process:
//! closing a descriptor of one's own takes away SQLite's locks
//! (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// How every SQLite database begins: <https://sqlite.org/fileformat.html#magic_header_string>
const MAGIC: &[u8] = b"SQLite format 3\0";

/// A file, and what is beside it.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// As it was given.
    pub(crate) path: PathBuf,
    /// The file itself, whatever links lead there; SQLite's files are beside that.
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) kind: Kind,
    /// The size of the log, if it is there.
    pub(crate) wal: Option<u64>,
    pub(crate) shm: bool,
    /// Whether there is a rollback journal with something in it: of a writer that is at work,
    /// or of one that was killed.
    pub(crate) journal: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing in it yet, and a database all the same.
    Empty,
    /// It begins as a database does.
    Database,
    /// Something else, or encrypted.
    Other,
}

impl Look {
    /// Looks at a file that must be a database.
    pub(crate) fn at(path: &Path) -> Result<Self, Failure> {
        let look = Self::at_any(path)?;
        match look.kind {
            Kind::Other => Err(Failure::not_a_database(path)),
            Kind::Empty | Kind::Database => Ok(look),
        }
    }

    /// Looks at a file, whatever it begins with.
    pub(crate) fn at_any(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::unreadable(path, &error);
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Err(Failure::missing(path));
            }
            Err(error) => return Err(failed(error)),
        };
        if meta.is_dir() {
            return Err(Failure::folder(path));
        }
        if !meta.is_file() {
            return Err(Failure::special(path));
        }
        let file = fs::canonicalize(path).map_err(failed)?;
        let kind = kind(&file, &meta).map_err(failed)?;
        let size = |end| fs::metadata(beside(&file, end)).ok().map(|meta| meta.len());
        let (wal, shm) = (size("-wal"), size("-shm").is_some());
        let journal = has_journal(&beside(&file, "-journal"));
        Ok(Self { path: path.to_owned(), bytes: meta.len(), kind, wal, shm, journal, file })
    }

    /// Whether there is a log with something in it, which whoever closes the file last would
    /// carry into the database.
    pub(crate) fn has_log(&self) -> bool {
        self.wal.is_some_and(|bytes| bytes > 0)
    }

    pub(crate) fn beside(&self, end: &str) -> PathBuf {
        beside(&self.file, end)
    }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    PathBuf::from(name)
}

fn kind(file: &Path, meta: &Metadata) -> std::io::Result<Kind> {
    if meta.len() == 0 {
        return Ok(Kind::Empty);
    }
    let mut begin = Vec::new();
    File::open(file)?.take(MAGIC.len() as u64).read_to_end(&mut begin)?;
    Ok(if begin == MAGIC { Kind::Database } else { Kind::Other })
}

/// One whose header is overwritten with zeros has been committed:
/// <https://sqlite.org/pragma.html#pragma_journal_mode>, PERSIST.
fn has_journal(journal: &Path) -> bool {
    let mut begin = Vec::new();
    let read = File::open(journal).and_then(|file| file.take(8).read_to_end(&mut begin));
    read.is_ok() && begin.iter().any(|byte| *byte != 0)
}

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

/// <https://sqlite.org/fileformat.html#the_database_header>
const HEADER: u64 = 100;

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
    /// Whether the file is shorter than its header says: the bytes that it should have.
    pub(crate) cut_from: Option<u64>,
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
        let header = header(&file, &meta).map_err(failed)?;
        let size = |end| fs::metadata(beside(&file, end)).ok().map(|meta| meta.len());
        let (wal, shm) = (size("-wal"), size("-shm").is_some());
        let journal = has_journal(&beside(&file, "-journal"));
        // What is missing may be in the log, or be put back from the journal.
        let unfinished = journal || wal.is_some_and(|bytes| bytes > 0);
        let cut_from = header_size(&header).filter(|told| *told > meta.len() && !unfinished);
        let kind = kind(&header);
        Ok(Self {
            path: path.to_owned(),
            bytes: meta.len(),
            kind,
            wal,
            shm,
            journal,
            cut_from,
            file,
        })
    }

    /// Whether there is a log with something in it, which whoever closes the file last would
    /// carry into the database.
    pub(crate) fn has_log(&self) -> bool {
        self.wal.is_some_and(|bytes| bytes > 0)
    }

    /// Whether it was emptied while there was something beside it.
    pub(crate) fn is_emptied(&self) -> bool {
        self.kind == Kind::Empty && (self.has_log() || self.journal)
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

fn header(file: &Path, meta: &Metadata) -> std::io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    if meta.len() > 0 {
        File::open(file)?.take(HEADER).read_to_end(&mut begin)?;
    }
    Ok(begin)
}

fn kind(header: &[u8]) -> Kind {
    if header.is_empty() {
        Kind::Empty
    } else if header.starts_with(MAGIC) {
        Kind::Database
    } else {
        Kind::Other
    }
}

/// How many bytes the file has by its header, if that can be relied on:
/// <https://sqlite.org/fileformat.html#in_header_database_size>
fn header_size(header: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let page_size = u16::from_be_bytes(header.get(16..18)?.try_into().ok()?);
    let page_size = if page_size == 1 { 65_536 } else { u64::from(page_size) };
    let (pages, changed, counted_at) = (number(28)?, number(24)?, number(92)?);
    let relied_on = header.starts_with(MAGIC) && changed == counted_at;
    relied_on.then_some(u64::from(pages) * page_size)
}

/// One whose header is overwritten with zeros has been committed:
/// <https://sqlite.org/pragma.html#pragma_journal_mode>, PERSIST.
fn has_journal(journal: &Path) -> bool {
    let mut begin = Vec::new();
    let read = File::open(journal).and_then(|file| file.take(8).read_to_end(&mut begin));
    read.is_ok() && begin.iter().any(|byte| *byte != 0)
}

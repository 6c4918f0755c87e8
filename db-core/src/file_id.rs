//! Which file it is, whatever name leads to it.
//!
//! Found by `stat` alone: closing a descriptor of the database file would drop SQLite's own
//! locks on it in this process (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::io;
use std::path::Path;

/// A file's identity.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl FileId {
    /// Of the file at that path, past all links.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|meta| Self::of_metadata(&meta))
    }

    pub(crate) fn of_metadata(meta: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: meta.dev(), inode: meta.ino() }
    }
}

/// Without inodes the resolved path must do: hard links are not recognised.
#[cfg(not(unix))]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId(std::path::PathBuf);

#[cfg(not(unix))]
impl FileId {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::canonicalize(path).map(Self)
    }
}

/// Whether two paths lead to one file.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((FileId::of(one), FileId::of(other)), (Ok(one), Ok(other)) if one == other)
}

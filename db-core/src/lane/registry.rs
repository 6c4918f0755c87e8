//! The one lane of a file in this process: two databases on one file, by another
//! path, a symbolic or a hard link, share it.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::Lane;
use crate::process;

/// Lanes by file; an entry lives as long as somebody uses it.
///
/// A forked process begins with lanes of its own: in those that it inherits, threads
/// may stand that it does not have.
pub(crate) struct Registry<H>(Mutex<Option<Lanes<H>>>);

/// By process and file.
type Lanes<H> = HashMap<(u32, FileId), Weak<Lane<H>>>;

impl<H: Clone> Registry<H> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The process from which this one was forked while it had the file open, if so.
    pub(crate) fn inherited(&self, path: &Path) -> Option<u32> {
        let id = FileId::of(path).ok()?;
        let lanes = self.0.lock();
        let mut others = lanes.as_ref()?.iter().filter(|((process, file), lane)| {
            *process != process::id() && *file == id && lane.strong_count() > 0
        });
        others.next().map(|((process, _), _)| *process)
    }

    /// The lane of the existing file at `path`.
    pub(crate) fn lane(&self, path: &Path) -> io::Result<Arc<Lane<H>>> {
        let id = (process::id(), FileId::of(path)?);
        let mut lanes = self.0.lock();
        let lanes = lanes.get_or_insert_default();
        lanes.retain(|_, lane| lane.strong_count() > 0);
        if let Some(lane) = lanes.get(&id).and_then(Weak::upgrade) {
            return Ok(lane);
        }
        let lane = Arc::new(Lane::new());
        lanes.insert(id, Arc::downgrade(&lane));
        Ok(lane)
    }
}

/// A file's identity. Found by `stat` alone: closing a descriptor of the database
/// file would drop SQLite's own locks on it in this process
/// (<https://sqlite.org/howtocorrupt.html>, section 2.2).
#[cfg(unix)]
#[derive(PartialEq, Eq, Hash)]
struct FileId {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::metadata(path)?;
        Ok(Self { device: meta.dev(), inode: meta.ino() })
    }
}

/// Without inodes the resolved path must do: hard links are not recognised.
#[cfg(not(unix))]
#[derive(PartialEq, Eq, Hash)]
struct FileId(std::path::PathBuf);

#[cfg(not(unix))]
impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        std::fs::canonicalize(path).map(Self)
    }
}

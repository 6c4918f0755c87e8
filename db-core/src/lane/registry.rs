//! The one lane of a file in this process: two databases on one file, by another
//! path, a symbolic or a hard link, share it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
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
type Lanes<H> = HashMap<(u32, FileId), Entry<H>>;

/// A lane, and the name by which its file was opened first.
struct Entry<H> {
    lane: Weak<Lane<H>>,
    path: PathBuf,
}

impl<H: Clone> Registry<H> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The process from which this one was forked while it had the file open, if so.
    pub(crate) fn inherited(&self, path: &Path) -> Option<u32> {
        let id = FileId::of(path).ok()?;
        let lanes = self.0.lock();
        let mut others = lanes.as_ref()?.iter().filter(|((process, file), entry)| {
            *process != process::id() && *file == id && entry.lane.strong_count() > 0
        });
        others.next().map(|((process, _), _)| *process)
    }

    /// The lane of the existing file at `path`, and the name by which this process has
    /// opened the file first.
    pub(crate) fn lane(&self, path: &Path) -> io::Result<(Arc<Lane<H>>, PathBuf)> {
        let id = (process::id(), FileId::of(path)?);
        let mut lanes = self.0.lock();
        let lanes = lanes.get_or_insert_default();
        lanes.retain(|_, entry| entry.lane.strong_count() > 0);
        if let Some(entry) = lanes.get_mut(&id)
            && let Some(lane) = entry.lane.upgrade()
        {
            // Renamed since, or another file by now.
            if FileId::of(&entry.path).ok().as_ref() != Some(&id.1) {
                entry.path = path.to_owned();
            }
            return Ok((lane, entry.path.clone()));
        }
        let lane = Arc::new(Lane::new());
        lanes.insert(id, Entry { lane: Arc::downgrade(&lane), path: path.to_owned() });
        Ok((lane, path.to_owned()))
    }
}

/// A file's identity. Found by `stat` alone: closing a descriptor of the database
/// file would drop SQLite's own locks on it in this process
/// (<https://sqlite.org/howtocorrupt.html>, section 2.2).
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl FileId {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::metadata(path)?;
        Ok(Self { device: meta.dev(), inode: meta.ino() })
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

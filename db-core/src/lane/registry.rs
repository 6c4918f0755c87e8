//! What there is once for each file in this process: two databases on one file, by
//! another path, a symbolic or a hard link, share it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::file_id::FileId;
use crate::process;

/// A `T` for each file; it lives as long as somebody uses it.
///
/// A forked process begins with its own: in those that it inherits, threads may wait
/// that it does not have.
pub(crate) struct Registry<T>(Mutex<Option<Entries<T>>>);

/// By process and file.
type Entries<T> = HashMap<(u32, FileId), Entry<T>>;

/// What is shared, and the name by which its file was opened first.
struct Entry<T> {
    shared: Weak<T>,
    path: PathBuf,
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The process from which this one was forked while it had the file open, if so.
    pub(crate) fn inherited(&self, path: &Path) -> Option<u32> {
        let id = FileId::of(path).ok()?;
        let entries = self.0.lock();
        let mut others = entries.as_ref()?.iter().filter(|((process, file), entry)| {
            *process != process::id() && *file == id && entry.shared.strong_count() > 0
        });
        others.next().map(|((process, _), _)| *process)
    }

    /// What is shared for the existing file at `path`, made by `make` if there is none
    /// yet, and the name by which this process has opened the file first.
    pub(crate) fn shared(
        &self,
        path: &Path,
        make: impl FnOnce() -> T,
    ) -> io::Result<(Arc<T>, PathBuf)> {
        let id = (process::id(), FileId::of(path)?);
        let mut entries = self.0.lock();
        let entries = entries.get_or_insert_default();
        entries.retain(|_, entry| entry.shared.strong_count() > 0);
        if let Some(entry) = entries.get_mut(&id)
            && let Some(shared) = entry.shared.upgrade()
        {
            // Renamed since, or another file by now.
            if FileId::of(&entry.path).ok().as_ref() != Some(&id.1) {
                entry.path = path.to_owned();
            }
            return Ok((shared, entry.path.clone()));
        }
        let shared = Arc::new(make());
        entries.insert(id, Entry { shared: Arc::downgrade(&shared), path: path.to_owned() });
        Ok((shared, path.to_owned()))
    }
}

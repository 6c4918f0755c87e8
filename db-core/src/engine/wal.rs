//! The WAL as a file of the operating system, for syncing it without SQLite.
//!
//! SQLite takes its locks on the database and the `-shm` file, never on the WAL, so a
//! descriptor of our own on that is safe; and as long as a connection is open, nobody
//! removes or replaces it (<https://sqlite.org/walformat.html>, section 2.3).

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::sidecar;
use crate::sync::{Between, Synced};

/// The WAL of an open connection.
#[derive(Debug)]
pub(crate) struct Wal {
    path: PathBuf,
    file: File,
    /// `None` where processes can't meet: each syncs for itself.
    between: Option<Between>,
}

type Intercept = dyn Fn(&Path, &dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + Sync;

static INTERCEPT: OnceLock<Box<Intercept>> = OnceLock::new();

/// Puts `intercept` in the place of every sync of a WAL, or of its folder, in this
/// process: it is given the path and the sync itself. Once a process; `false` if there is
/// one already.
pub fn intercept_wal_syncs(
    intercept: impl Fn(&Path, &dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + Sync + 'static,
) -> bool {
    INTERCEPT.set(Box::new(intercept)).is_ok()
}

impl Wal {
    /// Opens the WAL at `path`.
    pub(super) fn open(path: PathBuf, database: &Path) -> io::Result<Self> {
        // Windows syncs only what may be written.
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        let between = number(&file).and_then(|number| Between::open(database, number).ok());
        Ok(Self { path, file, between })
    }

    /// Sees to it that its name is on the disk: whoever made it may not have.
    pub(super) fn sync_name(&self) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), sync_folder)
    }

    /// Returns when all that was written to it before is on the disk. With company the
    /// sync is shared with other processes; alone that would be work for nothing.
    pub(super) fn sync(&self, company: bool) -> io::Result<Synced> {
        let sync = || intercepted(&self.path, &|| self.file.sync_data());
        match &self.between {
            Some(between) if company => between.sync(sync),
            Some(between) => between.sync_alone(&sync),
            None => sync().map(|()| Synced::Here),
        }
    }

    /// Where other processes say how their syncs ended.
    pub(super) fn between(&self) -> Option<&Between> {
        self.between.as_ref()
    }
}

fn intercepted(path: &Path, sync: &dyn Fn() -> io::Result<()>) -> io::Result<()> {
    match INTERCEPT.get() {
        None => sync(),
        Some(intercept) => intercept(path, sync),
    }
}

/// The size in bytes of the WAL of a database, 0 if it has none; by its name alone.
pub(super) fn size(database: &Path) -> u64 {
    let meta = sidecar::beside(database, "-wal").and_then(std::fs::metadata);
    meta.map_or(0, |meta| meta.len())
}

/// Elsewhere a folder can't be opened, and needn't be.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let file = File::open(folder)?;
    intercepted(folder, &|| file.sync_all())
}

/// By which all processes know the file.
#[cfg(unix)]
fn number(file: &File) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    file.metadata().ok().map(|meta| meta.ino())
}

#[cfg(not(unix))]
fn number(_file: &File) -> Option<u64> {
    None
}

//! The WAL as a file of the operating system, for syncing it without SQLite.
//!
//! SQLite takes its locks on the database and the `-shm` file, never on the WAL, so a
//! descriptor of our own on that is safe; and as long as a connection is open, nobody
//! removes or replaces it (<https://sqlite.org/walformat.html>, section 2.3).

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The WAL of an open connection.
#[derive(Debug)]
pub(crate) struct Wal {
    path: PathBuf,
    file: File,
}

type Intercept = dyn Fn(&Path, &dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + Sync;

static INTERCEPT: OnceLock<Box<Intercept>> = OnceLock::new();

/// Puts `intercept` in the place of every sync of a WAL in this process: it is given the
/// WAL's path and the sync itself. Once a process; `false` if there is one already.
pub fn intercept_wal_syncs(
    intercept: impl Fn(&Path, &dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + Sync + 'static,
) -> bool {
    INTERCEPT.set(Box::new(intercept)).is_ok()
}

impl Wal {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        // Windows syncs only what may be written.
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Self { path, file })
    }

    /// Returns when all that was written to it before is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        let sync = || self.file.sync_data();
        match INTERCEPT.get() {
            None => sync(),
            Some(intercept) => intercept(&self.path, &sync),
        }
    }
}

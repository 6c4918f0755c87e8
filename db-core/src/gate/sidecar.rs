//! Two empty files beside the database, whose locks make a turnstile: take `next`, then
//! `writer`, then let `next` go.
//!
//! With a single lock the kernel wakes all who wait for it, and the process that has
//! just let go mostly gets it again. Whoever has `next` is the only one that waits for
//! `writer`. The kernel frees both when a process ends, however it ends. The files are
//! never deleted: whoever opened one before that would wait for nobody.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Sidecars {
    next: File,
    writer: File,
}

impl Sidecars {
    /// Opens the two files beside the database, and makes them if they are not there.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        // As SQLite does for its WAL: beside the file itself, whatever links lead there.
        let database = std::fs::canonicalize(database)?;
        let like = std::fs::metadata(&database)?;
        Ok(Self {
            next: open(&beside(&database, "-next"), &like)?,
            writer: open(&beside(&database, "-writer"), &like)?,
        })
    }

    pub(super) fn try_next(&self) -> io::Result<bool> {
        try_lock(&self.next)
    }

    /// For whoever has `next`.
    pub(super) fn try_writer(&self) -> io::Result<bool> {
        try_lock(&self.writer)
    }

    pub(super) fn wait_for_next(&self) -> io::Result<()> {
        lock(&self.next)
    }

    pub(super) fn wait_for_writer(&self) -> io::Result<()> {
        lock(&self.writer)
    }

    /// Whether another process is the next. Asked by whoever is inside.
    pub(super) fn somebody_waits(&self) -> bool {
        match try_lock(&self.next) {
            Ok(true) => {
                self.release_next();
                false
            }
            Ok(false) => true,
            Err(_) => false,
        }
    }

    pub(super) fn release_next(&self) {
        // A lock that is held can be let go; if not, it goes with the process.
        let _ = self.next.unlock();
    }

    pub(super) fn release_writer(&self) {
        let _ = self.writer.unlock();
    }

    /// The files in the order in which their holders are to be asked after.
    pub(super) fn files(&self) -> [&File; 2] {
        [&self.writer, &self.next]
    }
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    name.into()
}

fn try_lock(file: &File) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// A signal ends the system call, not the waiting.
fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Opens a file that everybody can open who can open the database.
fn open(path: &Path, like: &Metadata) -> io::Result<File> {
    let existing = || {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        match opened {
            // A lock needs no right to write, but on network drives.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path),
            opened => opened,
        }
    };
    match existing() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        result => return result,
    }
    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
        Ok(file) => {
            share(&file, like);
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => existing(),
        Err(error) => Err(error),
    }
}

/// Gives a new file the rights and, where that is permitted, the owner of the database,
/// as SQLite does for its WAL: a job that runs as root must not lock the others out.
fn share(file: &File, like: &Metadata) {
    let _ = file.set_permissions(like.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let _ = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()));
    }
}

//! Small files beside the database, whose locks processes meet at.
//!
//! The kernel frees the locks of a process when it ends, however it ends. The files are
//! never deleted: whoever opened one before that would meet nobody.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What is done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It is locked. That takes no right to write, but on network drives.
    Lock,
    /// It is written as well.
    Write,
}

/// Opens the file that is named as the database with `suffix`, and makes it if it is not
/// there: so that everybody can open it who can open the database.
pub(crate) fn open(database: &Path, suffix: &str, purpose: Use) -> io::Result<File> {
    let like = std::fs::metadata(database)?;
    let path = &beside(database, suffix)?;
    match open_existing(path, purpose) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        result => return result,
    }
    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
        Ok(file) => {
            share(&file, &like);
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open_existing(path, purpose),
        Err(error) => Err(error),
    }
}

/// Opens the file that is named as the database with `suffix`, if it is there.
pub(crate) fn open_to_read(database: &Path, suffix: &str) -> io::Result<File> {
    File::open(beside(database, suffix)?)
}

/// As SQLite does for its WAL: beside the file itself, whatever links lead there.
pub(crate) fn beside(database: &Path, suffix: &str) -> io::Result<PathBuf> {
    Ok(named(&std::fs::canonicalize(database)?, suffix))
}

/// The path of a file with `suffix` behind its name.
pub(crate) fn named(file: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(suffix);
    path.into()
}

fn open_existing(path: &Path, purpose: Use) -> io::Result<File> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied && purpose == Use::Lock => {
            File::open(path)
        }
        opened => opened,
    }
}

/// Gives a new file the rights and, where that is permitted, the owner of the database,
/// as SQLite does for its WAL: a job that runs as root must not lock the others out.
pub(crate) fn share(file: &File, like: &Metadata) {
    let _ = file.set_permissions(like.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Apart: who may not give it away may still give it to the group.
        let _ = std::os::unix::fs::fchown(file, None, Some(like.gid()));
        let _ = std::os::unix::fs::fchown(file, Some(like.uid()), None);
    }
}

/// Takes the lock of a file, if it is free.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Takes the lock of a file, however long that takes: a signal ends the system call, not
/// the waiting.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Reads at a place; how much there was.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, bytes, place);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, bytes, place);
    #[cfg(not(any(unix, windows)))]
    return Err(ErrorKind::Unsupported.into());
}

/// Writes at a place.
pub(crate) fn write_at(file: &File, bytes: &[u8], place: u64) -> io::Result<()> {
    #[cfg(unix)]
    let written = std::os::unix::fs::FileExt::write_at(file, bytes, place)?;
    #[cfg(windows)]
    let written = std::os::windows::fs::FileExt::seek_write(file, bytes, place)?;
    #[cfg(not(any(unix, windows)))]
    let written = 0;
    if written == bytes.len() { Ok(()) } else { Err(ErrorKind::WriteZero.into()) }
}

/// Whether an error is a shortage that may be over soon: of descriptors, threads, memory.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    // EMFILE and ENFILE have no kind of their own.
    let descriptors = cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24));
    descriptors || matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::OutOfMemory)
}

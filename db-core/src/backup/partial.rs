//! A file that is to take the place of another, and is not whole yet.
//!
//! It is written beside that one, as `NAME.partial-PID-N`, and locked for as long as it is
//! being written: the kernel frees the lock of a killed process, so that a file without one is
//! known to be left over. It is removed unless it has been put in its place.
//!
//! Invariant: no descriptor of it is open once it is at its place. SQLite may have it open there
//! at once, and closing ours would drop its locks in this process
//! (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

#[cfg(unix)]
use crate::file_id::FileId;
use crate::file_id::is_same_file;
use crate::new_file::{create, rename_if_free};
use crate::process;
use crate::sidecar;

const MARK: &str = ".partial-";

pub(super) struct Partial {
    path: PathBuf,
    /// `None` once it is about to be put in its place.
    file: Option<File>,
    /// Locked from then on.
    folder: Option<File>,
    in_place: bool,
}

impl Partial {
    /// Begins the file that is to be `target`, and removes what killed processes have left of
    /// such ones.
    pub(super) fn begin(target: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        remove_left_over(target);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = sidecar::named(target, &format!("{MARK}{}-{number}", process::id()));
            let file = match create(&path) {
                // Of an earlier process of that number, in another pid namespace perhaps.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                created => created?,
            };
            // Where files can't be locked, nobody takes this one for left over either.
            let _ = lock(&file);
            // Before it was locked, somebody may have taken it for left over.
            let is_there = is_at(&file, &path);
            let partial = Self { path, file: Some(file), folder: None, in_place: false };
            if is_there {
                return Ok(partial);
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it the permissions of another file and, where that is allowed, its owner.
    pub(super) fn share(&self, like: &Metadata) {
        if let Some(file) = &self.file {
            sidecar::share(file, like);
        }
    }

    /// Sees to it that its content is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::sync_all)
    }

    fn close(&mut self) {
        if self.file.is_some() {
            self.folder = busy_folder(&self.path);
            self.file = None;
        }
    }

    /// Puts it in the place of `target`, in one step.
    pub(super) fn put_in_place(&mut self, target: &Path) -> io::Result<()> {
        self.close();
        fs::rename(&self.path, target).map_err(taken)?;
        self.in_place = true;
        Ok(())
    }

    /// Gives it a name that nobody has, in one step; if somebody has it, that is an error of
    /// the kind `AlreadyExists`.
    pub(super) fn put_if_free(&mut self, target: &Path) -> io::Result<()> {
        self.close();
        rename_if_free(&self.path, target).map_err(taken)?;
        self.in_place = true;
        Ok(())
    }
}

/// A lock on the folder of a file that has none of its own any more, and not yet its name: so
/// that nobody takes it for left over. Not every file system has one.
fn busy_folder(path: &Path) -> Option<File> {
    const LOOKS: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(5);
    let folder = open_folder(path.parent()?)?;
    for _ in 0..LOOKS {
        match folder.try_lock_shared() {
            Ok(()) => break,
            // Who looks for what is left over does so for a moment.
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(_)) => return None,
        }
    }
    Some(folder)
}

/// Elsewhere a folder can't be opened.
fn open_folder(folder: &Path) -> Option<File> {
    if cfg!(unix) { File::open(folder).ok() } else { None }
}

/// Where that lock can't be had, somebody may have taken the file for left over.
fn taken(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::NotFound => {
            io::Error::new(error.kind(), "another process has removed the new file; try again")
        }
        _ => error,
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let is_ours = self.file.as_ref().is_none_or(|file| is_at(file, &self.path));
        if !self.in_place && is_ours {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Elsewhere a locked file could not be written through another descriptor, so that nobody is
/// known to have left it.
fn lock(file: &File) -> io::Result<()> {
    if cfg!(unix) { sidecar::lock(file) } else { Ok(()) }
}

/// Whether nobody writes it any more, as far as can be known.
fn is_left_over(file: &File) -> bool {
    cfg!(unix) && sidecar::try_lock(file).unwrap_or(false)
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => FileId::of_metadata(&open) == FileId::of_metadata(&named),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Removes the files that were to be `target` and that nobody writes.
fn remove_left_over(target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else { return };
    let lock = open_folder(folder);
    if lock.as_ref().is_some_and(|lock| matches!(sidecar::try_lock(lock), Ok(false))) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_partial_of(&entry.file_name(), name) {
            continue;
        }
        let path = entry.path();
        // A second name of what is already at its place, and perhaps open there.
        if is_same_file(&path, target) {
            let _ = fs::remove_file(&path);
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        // While it is locked here, its name is nobody else's.
        if is_left_over(&file) && is_at(&file, &path) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether it is named as the partial file of one that is called `name`.
fn is_partial_of(file: &OsStr, name: &OsStr) -> bool {
    let file = file.as_encoded_bytes();
    let rest = file.strip_prefix(name.as_encoded_bytes());
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix(MARK.as_bytes())) else { return false };
    let mut numbers = rest.split(|byte| *byte == b'-');
    let is_number = |part: Option<&[u8]>| {
        part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    is_number(numbers.next()) && is_number(numbers.next()) && numbers.next().is_none()
}

/// Whether a file is named as the partial one of any other.
pub(super) fn is_partial(name: &str) -> bool {
    name.contains(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_files_are_known_by_their_names() {
        let of = |file: &str| is_partial_of(OsStr::new(file), OsStr::new("copy.db"));
        assert!(of("copy.db.partial-17-1"));
        for other in [
            "copy.db",
            "copy.db.partial-",
            "copy.db.partial-17",
            "copy.db.partial-17-",
            "copy.db.partial-17-1-2",
            "copy.db.partial-17-1.bak",
            "other.db.partial-17-1",
            "xcopy.db.partial-17-1",
        ] {
            assert!(!of(other), "{other}");
        }
    }
}

//! Putting a new file in the place of a database that SQLite can't read, or that is not there.
//!
//! A log that stayed beside would be applied to the new file and destroy it, so it is moved
//! with the old one. A lock on the whole file keeps SQLite's connections of other processes
//! away meanwhile.
//!
//! Invariant: whatever fails, the old file has its name and its log again. Whoever is killed
//! leaves both names of it, which the next restore undoes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::partial::Partial;
use super::steps::reached;
use super::{in_use, kept, logs};
use crate::engine;
use crate::error::BackupProblem;
use crate::new_file::sync_folder_of;
use crate::sidecar;

/// How long somebody of this process is waited for who is opening a database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Puts `new` where no database is.
pub(super) fn place(new: &mut Partial, database: &Path) -> Result<(), BackupProblem> {
    if logs::has_one(database) {
        // Of a database that somebody has deleted.
        let kept = kept::new_name(database)?;
        set_aside(database, &kept).map_err(BackupProblem::of_io)?;
        let _ = fs::remove_file(sidecar::named(&kept, "-shm"));
    }
    sync_folder_of(database).map_err(BackupProblem::of_io)?;
    reached("aside");
    match new.put_if_free(database) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(in_use::users(database).into());
        }
        put => put.map_err(BackupProblem::of_io)?,
    }
    reached("renamed");
    synced(database, None)
}

/// Puts `new` in the place of `database`; where the old one is now.
pub(super) fn replace(new: &mut Partial, database: &Path) -> Result<PathBuf, BackupProblem> {
    let Some(_alone) = engine::OPENING.try_write_for(PATIENCE) else {
        return Err(BackupProblem::InUse { here: true, others: Vec::new() });
    };
    in_use::refuse(database)?;
    let lock = WholeFile::lock(database)?;
    reached("locked");
    // Somebody may have come in between.
    in_use::refuse_others(database)?;
    let kept = kept::new_name(database)?;
    keep(database, &lock, &kept).map_err(BackupProblem::of_io)?;
    reached("kept");
    let put = set_aside(database, &kept).and_then(|()| {
        reached("aside");
        // Before the new name of the database is: or a log could come back after a power cut.
        sync_folder_of(database)?;
        new.put_in_place(database)
    });
    if let Err(error) = put {
        // Only what has its log again can lose its second name.
        if kept::bring_back(&kept, database).is_ok() {
            let _ = fs::remove_file(&kept);
        }
        return Err(BackupProblem::of_io(error));
    }
    reached("renamed");
    let _ = fs::remove_file(sidecar::named(&kept, "-shm"));
    synced(database, Some(&kept))?;
    Ok(kept)
}

fn synced(database: &Path, kept: Option<&Path>) -> Result<(), BackupProblem> {
    let kept = kept.map(Path::to_owned);
    sync_folder_of(database).map_err(|source| BackupProblem::NotSynced { kept, source })
}

/// Gives the old file another name; where that can't be, copies it.
fn keep(database: &Path, lock: &WholeFile, kept: &Path) -> io::Result<()> {
    // An empty file would become a new database under both names.
    if !logs::is_empty(database) && fs::hard_link(database, kept).is_ok() {
        return Ok(());
    }
    keep_copy(database, lock, kept)
}

fn keep_copy(database: &Path, lock: &WholeFile, kept: &Path) -> io::Result<()> {
    let mut copy = Partial::begin(database)?;
    lock.copy_to(&copy, database)?;
    copy.share(&fs::metadata(database)?);
    copy.sync()?;
    copy.put_if_free(kept)
}

/// Moves what is beside the old file to its new name.
fn set_aside(database: &Path, kept: &Path) -> io::Result<()> {
    for suffix in kept::BESIDE {
        let beside = sidecar::named(database, suffix);
        if beside.exists() {
            fs::rename(beside, sidecar::named(kept, suffix))?;
        }
    }
    Ok(())
}

/// A lock on all of a database file, of the kind that SQLite takes. For who knows that this
/// process does not have the file open: closing it drops all locks that this process has on
/// it.
struct WholeFile {
    /// `None` where there is no such lock.
    file: Option<File>,
}

impl WholeFile {
    #[cfg(unix)]
    fn lock(database: &Path) -> Result<Self, BackupProblem> {
        use rustix::fs::{FlockOperation, fcntl_lock};

        use crate::file_id::FileId;

        loop {
            let opened = OpenOptions::new().read(true).write(true).open(database);
            let file = opened.map_err(BackupProblem::Io)?;
            match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                    let others = in_use::users(database).others;
                    return Err(BackupProblem::InUse { here: false, others });
                }
                Err(error) => return Err(BackupProblem::Io(error.into())),
            }
            let open = FileId::of_metadata(&file.metadata().map_err(BackupProblem::Io)?);
            // Another restore may have replaced it before it was locked.
            if FileId::of(database).is_ok_and(|named| named == open) {
                return Ok(Self { file: Some(file) });
            }
        }
    }

    /// Elsewhere a file that is open can't be replaced.
    #[cfg(not(unix))]
    fn lock(_database: &Path) -> Result<Self, BackupProblem> {
        Ok(Self { file: None })
    }

    /// Copies the locked file, through the one descriptor that has the lock.
    fn copy_to(&self, copy: &Partial, database: &Path) -> io::Result<()> {
        let mut to = OpenOptions::new().write(true).open(copy.path())?;
        match &self.file {
            Some(file) => io::copy(&mut &*file, &mut to),
            None => io::copy(&mut File::open(database)?, &mut to),
        }
        .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on a file system without hard links.
    #[test]
    fn the_old_file_is_copied_under_its_lock() {
        let folder = tempfile::tempdir().unwrap();
        let (database, kept) = (folder.path().join("shop.db"), folder.path().join("old.db"));
        let content = vec![0x5A; 300_000];
        fs::write(&database, &content).unwrap();
        let lock = WholeFile::lock(&database).unwrap();
        keep_copy(&database, &lock, &kept).unwrap();
        assert!(fs::read(&kept).unwrap() == content);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

//! The names of old databases that were replaced: `NAME.replaced-20260131T235959Z`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::partial::Partial;
use super::stamp;
use crate::error::BackupProblem;
use crate::file_id::is_same_file;
use crate::new_file::sync_folder_of;
use crate::sidecar;

const MARK: &str = ".replaced-";

/// What goes with a database when it gets another name.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-journal", "-shm"];

/// Whether a file is named as an old one that was kept.
pub(super) fn is_one(name: &str) -> bool {
    name.contains(MARK)
}

/// A name that nobody has, with this moment in it.
pub(super) fn new_name(database: &Path) -> Result<PathBuf, BackupProblem> {
    let now = stamp::now().map_err(BackupProblem::of_sqlite)?;
    let named = |number: u32| {
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        sidecar::named(database, &format!("{MARK}{now}{number}"))
    };
    let mut number = 1;
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let is_taken = |path: &Path| {
        is_there(path) || BESIDE.iter().any(|end| is_there(&sidecar::named(path, end)))
    };
    while is_taken(&named(number)) {
        number += 1;
    }
    Ok(named(number))
}

/// Gives a whole copy of the old database its name.
pub(super) fn place(copy: &mut Partial, database: &Path) -> Result<PathBuf, BackupProblem> {
    loop {
        let kept = new_name(database)?;
        match copy.put_if_free(&kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            put => return put.map(|()| kept).map_err(BackupProblem::of_io),
        }
    }
}

/// Takes away the names that a killed restore has given to the file itself: through two names
/// of one file SQLite would have two logs (<https://sqlite.org/howtocorrupt.html>, section
/// 2.5). A log that it has already moved comes back. Nobody may have the file open.
pub(super) fn take_home(database: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else {
        return Ok(());
    };
    let mut ours = name.as_encoded_bytes().to_vec();
    ours.extend_from_slice(MARK.as_bytes());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(&ours);
        if is_ours && is_second_name(&path, database) {
            bring_back(&path, database)?;
            sync_folder_of(database)?;
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Moves what is beside a kept file back to the database that it is.
pub(super) fn bring_back(kept: &Path, database: &Path) -> io::Result<()> {
    for suffix in BESIDE {
        let (from, to) = (sidecar::named(kept, suffix), sidecar::named(database, suffix));
        if from.exists() && !to.exists() {
            fs::rename(from, to)?;
        }
    }
    Ok(())
}

/// Whether removing the one leaves the other.
fn is_second_name(path: &Path, database: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let is_file = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
        let names = fs::metadata(path).map_or(0, |meta| meta.nlink());
        is_file && names > 1 && is_same_file(path, database)
    }
    #[cfg(not(unix))]
    {
        let _ = (path, database);
        false
    }
}

//! The file that is to be made, before anything is.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::BackupProblem;
use crate::file_id::is_same_file;
use crate::sidecar;

/// What SQLite and db-core keep beside a database, by the end of the name.
const BESIDE: [&str; 6] = ["-wal", "-shm", "-journal", "-next", "-writer", "-sync"];

/// Where a file at `path` is made: absolute, and past all links.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, BackupProblem> {
    if path.as_os_str().is_empty() {
        return Err(BackupProblem::Empty);
    }
    let absolute = std::path::absolute(path).map_err(BackupProblem::Io)?;
    match fs::metadata(&absolute) {
        Ok(meta) if meta.is_dir() => Err(BackupProblem::Folder),
        Ok(meta) if !meta.is_file() => Err(BackupProblem::NotAFile),
        Ok(_) => fs::canonicalize(&absolute).map_err(BackupProblem::Io),
        Err(error) if !is_missing(&error) => Err(BackupProblem::Io(error)),
        // A link that leads nowhere.
        Err(error) if fs::symlink_metadata(&absolute).is_ok() => Err(BackupProblem::Io(error)),
        Err(_) => {
            let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
                return Err(BackupProblem::Folder);
            };
            if !folder.is_dir() {
                return Err(BackupProblem::NoFolder);
            }
            Ok(fs::canonicalize(folder).map_err(BackupProblem::Io)?.join(name))
        }
    }
}

/// An existing file that is to be read, past all links.
pub(super) fn existing(path: &Path) -> Result<PathBuf, BackupProblem> {
    match resolve(path) {
        Ok(found) if found.exists() => Ok(found),
        Ok(_) | Err(BackupProblem::NoFolder) => Err(BackupProblem::Missing),
        Err(BackupProblem::Io(error)) if is_missing(&error) => Err(BackupProblem::Missing),
        Err(problem) => Err(problem),
    }
}

/// A file in the place of a folder is as good as no folder.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether `path` is the database at `database`, or one of the files that belong to it. Both
/// are resolved.
pub(super) fn is_part_of(path: &Path, database: &Path) -> bool {
    path == database || is_same_file(path, database) || is_beside(path, database)
}

/// Whether `path` is named as one of the files that belong to a database.
pub(super) fn is_beside(path: &Path, database: &Path) -> bool {
    BESIDE.iter().any(|suffix| path == sidecar::named(database, suffix))
}

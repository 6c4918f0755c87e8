//! Whose backups a folder has: of the databases of one name, only one.
//!
//! The names of backups tell the name of the database and not its folder. So a note in the
//! folder, `NAME.source`, has its path; without it two databases of one name would delete each
//! other's backups.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::partial::Partial;
use crate::error::BackupProblem;
use crate::file_id::is_same_file;
use crate::sidecar;

const NOTE: &str = ".source";

/// Whether a file is named as such a note.
pub(super) fn is_note(name: &str) -> bool {
    name.ends_with(NOTE)
}

/// Notes that the backups in `folder` are those of `database`, unless they are another's that is
/// still there.
pub(super) fn claim(folder: &Path, database: &Path) -> Result<(), BackupProblem> {
    let note = sidecar::named(&folder.join(database.file_name().unwrap_or_default()), NOTE);
    let database = fs::canonicalize(database).map_err(BackupProblem::Io)?;
    loop {
        let is_there = match fs::read(&note) {
            Ok(path) => {
                let noted = path_of(path);
                if noted == database {
                    return Ok(());
                }
                if noted.exists() && !is_same_file(&noted, &database) {
                    return Err(BackupProblem::OtherDatabase(noted));
                }
                // It was moved, or is gone.
                true
            }
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(BackupProblem::Io(error)),
        };
        match write(&note, &database, is_there) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            written => return written.map_err(BackupProblem::of_io),
        }
    }
}

fn write(note: &Path, database: &Path, is_there: bool) -> io::Result<()> {
    let mut partial = Partial::begin(note)?;
    let mut file = fs::OpenOptions::new().write(true).open(partial.path())?;
    file.write_all(database.as_os_str().as_encoded_bytes())?;
    drop(file);
    partial.share(&fs::metadata(database)?);
    partial.sync()?;
    if is_there { partial.put_in_place(note) } else { partial.put_if_free(note) }
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    return <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into();
    #[cfg(not(unix))]
    return String::from_utf8_lossy(&bytes).into_owned().into();
}

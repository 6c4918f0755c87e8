//! A private folder for a database that is gone when it is dropped.
//!
//! SQLite's `:memory:` is another database for each connection, and its shared cache
//! has locking rules of its own; a file in a private folder has the rules of every
//! other file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::{Error, Result};

pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        let base = std::env::temp_dir();
        loop {
            let name = format!("db-core-{}-{:016x}", std::process::id(), fastrand::u64(..));
            let folder = base.join(name);
            match private_folder(&folder) {
                Ok(()) => return Ok(Self { folder }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => {
                    return Err(Error::Scratch { path: folder, source });
                }
            }
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("memory.db")
    }

    #[cfg(test)]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed is in the folder for temporary files, where it may be.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_its_owner() {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.folder().to_owned();
        fs::write(scratch.file(), "x").unwrap();
        drop(scratch);
        assert!(!folder.exists());
    }
}

//! A folder of backups: their names, which of them are those of a database, and how many are
//! kept.
//!
//! Invariant: only what is named exactly as [`Database::backup`](crate::Database::backup)
//! names it for this database is ever deleted. None of the files is opened.

use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::partial::{is_partial, is_same_file};
use super::stamp::{self, Calendar};
use super::{Task, kept, target};
use crate::error::{BackupProblem, BackupTask, Result};

/// The usual extensions of databases and of their copies.
const EXTENSIONS: [&str; 5] = ["db", "sqlite", "sqlite3", "bak", "backup"];

/// A folder with backups of one database.
///
/// A backup is a file that [`Database::backup`](crate::Database::backup) has made, or another
/// one whose name begins with the database's, such as `shop-before-update.db` for `shop.db`.
/// Only if there is none of these, any file with the database's extension, or `.db`,
/// `.sqlite`, `.sqlite3`, `.bak`, `.backup`, is taken for one. The files are not opened.
#[derive(Clone, Debug)]
pub struct Backups {
    folder: PathBuf,
    database: PathBuf,
}

/// A backup in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupFile {
    /// Where it is.
    pub path: PathBuf,
    /// When it was made: by its name, or else when the file was changed last.
    pub time: SystemTime,
    /// Its size.
    pub bytes: u64,
}

impl Backups {
    /// The backups in `dir` of the database at `database`. Neither need exist.
    pub fn in_folder(dir: impl AsRef<Path>, database: impl AsRef<Path>) -> Self {
        Self { folder: dir.as_ref().to_owned(), database: database.as_ref().to_owned() }
    }

    /// All of them, newest first; none if there is no such folder.
    ///
    /// # Errors
    ///
    /// [`Error::Backup`](crate::Error::Backup) if the folder can't be read.
    ///
    /// ```
    /// use db_core::{Backups, Options};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let (path, backups) = (folder.path().join("shop.db"), folder.path().join("backups"));
    /// let db = Options::new().backups(&backups).open(&path)?;
    /// let made = db.backup(|_progress| ())?;
    /// let all = Backups::in_folder(&backups, &path).list()?;
    /// assert_eq!(all[0].path, made);
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn list(&self) -> Result<Vec<BackupFile>> {
        let failed = |problem| {
            let task = Task { task: BackupTask::Backup, database: &self.database };
            task.failed(&self.folder, problem)
        };
        let calendar = Calendar::open().map_err(|error| failed(BackupProblem::of_sqlite(error)))?;
        let (mut named, mut others) = (Vec::new(), Vec::new());
        for path in self.files().map_err(failed)? {
            let Some(name) = path.file_name() else { continue };
            let list = match self.kind_of(&path, name) {
                Kind::Other => continue,
                Kind::Named => &mut named,
                Kind::ByExtension => &mut others,
            };
            let order = self.own(name).map(|own| (own.stamp.to_vec(), own.number));
            // It may be gone by now.
            let Ok(meta) = fs::metadata(&path) else { continue };
            let told = order.as_ref().and_then(|(stamp, _)| calendar.moment(stamp));
            let changed = || meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let time = told.unwrap_or_else(changed);
            let number = order.map_or(0, |(_, number)| number);
            list.push((number, BackupFile { path, time, bytes: meta.len() }));
        }
        let mut all = if named.is_empty() { others } else { named };
        all.sort_by(|(number, file), (other_number, other)| {
            (other.time, other_number, &other.path).cmp(&(file.time, number, &file.path))
        });
        Ok(all.into_iter().map(|(_number, file)| file).collect())
    }

    /// The newest of them, if there is one.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn newest(&self) -> Result<Option<BackupFile>> {
        Ok(self.list()?.into_iter().next())
    }

    /// A path for a new one.
    pub(super) fn new_path(&self) -> Result<PathBuf, BackupProblem> {
        let now = stamp::now().map_err(BackupProblem::of_sqlite)?;
        let named = |number: u32| {
            let mut name = self.stem().to_owned();
            name.push("-");
            name.push(&now);
            if number > 1 {
                name.push(format!("-{number}"));
            }
            if let Some(extension) = self.database.extension() {
                name.push(".");
                name.push(extension);
            }
            self.folder.join(name)
        };
        let mut number = 1;
        while fs::symlink_metadata(named(number)).is_ok() {
            number += 1;
        }
        Ok(named(number))
    }

    /// Deletes all but the newest `keep` of those that are named as by
    /// [`new_path`](Self::new_path); never the one that has just been made.
    pub(super) fn rotate(&self, keep: usize, made: &Path) -> Result<(), BackupProblem> {
        let mut own = Vec::new();
        for path in self.files()? {
            let Some(name) = path.file_name() else { continue };
            let is_file = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
            let order = self.own(name).map(|own| (own.stamp.to_vec(), own.number));
            if let Some(order) = order
                && is_file
                && !is_same_file(&path, &self.database)
            {
                own.push((order, path));
            }
        }
        own.sort_by_key(|(order, _path)| Reverse(order.clone()));
        for (_order, old) in own.into_iter().skip(keep) {
            if old == made {
                continue;
            }
            match fs::remove_file(&old) {
                // Somebody else has kept the newest ones as well.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => {
                    let made = made.to_owned();
                    return Err(BackupProblem::NotRotated { made, old, source });
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<PathBuf>, BackupProblem> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(BackupProblem::Io)?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<Result<_, _>>().map_err(BackupProblem::Io)
    }

    fn stem(&self) -> &OsStr {
        self.database.file_stem().unwrap_or_default()
    }

    /// The parts of a name that is one of ours, for this database.
    fn own<'n>(&self, name: &'n OsStr) -> Option<Name<'n>> {
        let parts = self.parts(name)?;
        (parts.stem == self.stem().as_encoded_bytes()).then_some(parts)
    }

    /// The parts of a name that is one of ours, for any database with this extension.
    fn parts<'n>(&self, name: &'n OsStr) -> Option<Name<'n>> {
        let mut name = name.as_encoded_bytes();
        if let Some(extension) = self.database.extension() {
            name = name.strip_suffix(extension.as_encoded_bytes())?.strip_suffix(b".")?;
        }
        Name::parse(name)
    }

    fn kind_of(&self, path: &Path, name: &OsStr) -> Kind {
        let text = name.to_string_lossy();
        let is_beside = ["-wal", "-shm", "-journal"].iter().any(|end| text.ends_with(end));
        let is_part =
            || target::is_beside(path, &self.database) || is_same_file(path, &self.database);
        let is_file = || fs::metadata(path).is_ok_and(|meta| meta.is_file());
        if is_beside || is_partial(&text) || kept::is_one(&text) || is_part() || !is_file() {
            return Kind::Other;
        }
        if let Some(parts) = self.parts(name) {
            let own = parts.stem == self.stem().as_encoded_bytes();
            return if own { Kind::Named } else { Kind::Other };
        }
        let stem = self.stem().as_encoded_bytes();
        let rest = name.as_encoded_bytes().strip_prefix(stem);
        if rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric)) {
            return Kind::Named;
        }
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        let is_usual = |extension: &OsString| EXTENSIONS.iter().any(|usual| extension == usual);
        let is_own = path.extension() == self.database.extension();
        match extension {
            Some(extension) if is_own || is_usual(&extension) => Kind::ByExtension,
            _ => Kind::Other,
        }
    }
}

enum Kind {
    /// Begins with the database's name.
    Named,
    /// May be any database.
    ByExtension,
    /// None of this database's backups.
    Other,
}

/// `STEM-STAMP`, or `STEM-STAMP-NUMBER` for a second one in that second.
struct Name<'n> {
    stem: &'n [u8],
    stamp: &'n [u8],
    number: u32,
}

impl<'n> Name<'n> {
    fn parse(name: &'n [u8]) -> Option<Self> {
        let (head, last) = split_last(name)?;
        if stamp::is_one(last) {
            return Some(Self { stem: head, stamp: last, number: 1 });
        }
        let (stem, stamp) = split_last(head)?;
        let number: u32 = std::str::from_utf8(last).ok()?.parse().ok()?;
        let is_ours = stamp::is_one(stamp) && number > 1 && number.to_string().as_bytes() == last;
        is_ours.then_some(Self { stem, stamp, number })
    }
}

fn split_last(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = name.iter().rposition(|byte| *byte == b'-')?;
    Some((&name[..at], &name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(database: &str, name: &str) -> Option<u32> {
        let backups = Backups::in_folder("backups", database);
        backups.own(OsStr::new(name)).map(|own| own.number)
    }

    #[test]
    fn only_the_exact_form_is_ours() {
        assert_eq!(own("shop.db", "shop-20260131T235959Z.db"), Some(1));
        assert_eq!(own("shop.db", "shop-20260131T235959Z-2.db"), Some(2));
        assert_eq!(own("shop", "shop-20260131T235959Z"), Some(1));
        assert_eq!(own("shop-eu.db", "shop-eu-20260131T235959Z.db"), Some(1));
        for name in [
            "shop.db",
            "shop-20260131T235959Z",
            "shop-20260131T235959Z.db-wal",
            "shop-20260131T235959Z.sqlite",
            "shop-20260131T235959Z-1.db",
            "shop-20260131T235959Z-02.db",
            "shop-20260131T235959Z-x.db",
            "shop-20260131T235959Z-2-3.db",
            "shop-2026-01-31.db",
            "shop-eu-20260131T235959Z.db",
            "shop20260131T235959Z.db",
            "xshop-20260131T235959Z.db",
            "shop-20260131T235959Z.db.partial-1-1",
        ] {
            assert_eq!(own("shop.db", name), None, "{name}");
        }
    }
}

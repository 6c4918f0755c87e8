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

use super::name::Name;
use super::partial::is_partial;
use super::stamp::{self, Calendar};
use super::{Task, kept, logs, owner, target};
use crate::error::{BackupProblem, BackupTask, Result};
use crate::file_id::is_same_file;

/// The usual extensions of databases and of their copies.
const EXTENSIONS: [&str; 5] = ["db", "sqlite", "sqlite3", "bak", "backup"];

/// A folder with backups of one database.
///
/// A backup is a file that [`Database::backup`](crate::Database::backup) has made, or another
/// one whose name begins with the database's, such as `shop-before-update.db` for `shop.db`.
/// Those that it has made come first. Only if there is none of either, any file with the database's extension, or `.db`,
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

    /// All of them: those that [`Database::backup`](crate::Database::backup) has made, newest
    /// first, then others, newest first; none if there is no such folder.
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
        let (mut own, mut named, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for path in self.files().map_err(failed)? {
            let Some(name) = path.file_name() else { continue };
            let list = match self.kind_of(&path, name) {
                Kind::Other => continue,
                Kind::Own => &mut own,
                Kind::Named => &mut named,
                Kind::ByExtension => &mut others,
            };
            let order = self.own(name).map(|own| own.order());
            // It may be gone by now.
            let Ok(meta) = fs::metadata(&path) else { continue };
            let told = order.as_ref().and_then(|(stamp, _)| calendar.moment(stamp));
            let changed = || meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let time = told.unwrap_or_else(changed);
            let number = order.map_or(0, |(_, number)| number);
            list.push((number, BackupFile { path, time, bytes: meta.len() }));
        }
        if own.is_empty() && named.is_empty() {
            named = others;
        }
        let mut all = Vec::new();
        for mut list in [own, named] {
            list.sort_by(|(number, file): &(u32, BackupFile), (other_number, other)| {
                (other.time, other_number, &other.path).cmp(&(file.time, number, &file.path))
            });
            all.extend(list.into_iter().map(|(_number, file)| file));
        }
        Ok(all)
    }

    /// The newest that [`Database::backup`](crate::Database::backup) has made; only if there is
    /// none, the newest other.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn newest(&self) -> Result<Option<BackupFile>> {
        Ok(self.list()?.into_iter().next())
    }

    /// A path for a new one, that nobody has yet. However wrong the clock was before, or is
    /// now, it is the newest of them.
    pub(super) fn new_path(&self) -> Result<PathBuf, BackupProblem> {
        let mut stamp = stamp::now().map_err(BackupProblem::of_sqlite)?;
        let mut number = 1;
        for path in self.files()? {
            let Some(own) = path.file_name().and_then(|name| self.own(name)) else { continue };
            let newest = String::from_utf8_lossy(own.stamp);
            if *newest > *stamp {
                (stamp, number) = (newest.into_owned(), own.number + 1);
            } else if *newest == *stamp {
                number = number.max(own.number + 1);
            }
        }
        let named = |number| {
            let extension = self.database.extension();
            self.folder.join(Name::file(self.stem(), &stamp, number, extension))
        };
        // What is beside would be taken for its log.
        while fs::symlink_metadata(named(number)).is_ok() || logs::has_one(&named(number)) {
            number += 1;
        }
        Ok(named(number))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a new one is written before it has its name: so the next one finds what a killed
    /// process has left.
    pub(super) fn beginning(&self) -> PathBuf {
        self.folder.join(self.database.file_name().unwrap_or_default())
    }

    /// Deletes all but the newest `keep` of those that are named as by
    /// [`new_path`](Self::new_path); never the one that has just been made.
    pub(super) fn rotate(&self, keep: usize, made: &Path) -> Result<(), BackupProblem> {
        let mut own = Vec::new();
        for path in self.files()? {
            let Some(name) = path.file_name() else { continue };
            let is_file = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
            let order = self.own(name).map(|own| own.order());
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
        if is_beside
            || is_partial(&text)
            || kept::is_one(&text)
            || owner::is_note(&text)
            || is_part()
            || !is_file()
        {
            return Kind::Other;
        }
        if let Some(parts) = self.parts(name) {
            let own = parts.stem == self.stem().as_encoded_bytes();
            return if own { Kind::Own } else { Kind::Other };
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
    /// Named as by [`Backups::new_path`].
    Own,
    /// Begins with the database's name.
    Named,
    /// May be any database.
    ByExtension,
    /// None of this database's backups.
    Other,
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

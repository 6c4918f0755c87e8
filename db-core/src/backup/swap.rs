//! Putting a new file in the place of a database that nobody has open.
//!
//! A log that stays beside would be applied to the new file and destroy it, so what is in it
//! is carried into the old one first. A lock on the whole file keeps SQLite's connections of
//! other processes away meanwhile, and none has it: with a WAL each has a lock on the database
//! for as long as it is open.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::partial::{Partial, is_same_file, sync_folder_of};
use super::{copy, in_use, stamp};
use crate::engine;
use crate::error::{BackupProblem, is_lock};
use crate::sidecar;

const MARK: &str = ".replaced-";

/// What SQLite applies to a database when it finds it beside.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// How long somebody of this process is waited for who is opening a database.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long SQLite waits for somebody who has the old file open.
const BUSY: Duration = Duration::from_millis(500);

static INTERCEPT: OnceLock<fn(&'static str)> = OnceLock::new();

/// Has `intercept` called at every step of a restore, with its name. Once a process; `false`
/// if there is one already.
pub fn intercept_restore(intercept: fn(&'static str)) -> bool {
    INTERCEPT.set(intercept).is_ok()
}

pub(super) fn reached(step: &'static str) {
    if let Some(intercept) = INTERCEPT.get() {
        intercept(step);
    }
}

/// Whether a file is named as an old one that was kept.
pub(super) fn is_kept(name: &str) -> bool {
    name.contains(MARK)
}

/// Refuses a database that somebody has open.
pub(super) fn refuse_users(database: &Path) -> Result<(), BackupProblem> {
    let users = in_use::users(database);
    if users.is_empty() { Ok(()) } else { Err(users.into()) }
}

/// Puts `new` in the place of `database`, which need not exist; where the old one is now.
pub(super) fn replace(
    new: &mut Partial,
    database: &Path,
) -> Result<Option<PathBuf>, BackupProblem> {
    let Some(_alone) = engine::OPENING.try_write_for(PATIENCE) else {
        return Err(BackupProblem::InUse { here: true, others: Vec::new() });
    };
    refuse_users(database)?;
    let is_settled = settle(database)?;
    reached("settled");
    let lock = if database.exists() { Some(WholeFile::lock(database)?) } else { None };
    // Somebody may have come in between.
    let others = in_use::others(database);
    if !others.is_empty() || (is_settled && has_log(database)) {
        return Err(BackupProblem::InUse { here: false, others });
    }
    let kept = kept_name(database)?;
    if let Some(lock) = &lock {
        keep(database, lock, &kept).map_err(BackupProblem::of_io)?;
        reached("kept");
    }
    set_aside(database, &kept).map_err(BackupProblem::of_io)?;
    reached("aside");
    new.put_in_place(database).map_err(BackupProblem::of_io)?;
    reached("renamed");
    // Whoever has opened the old file just before waits for the lock, and would use its own
    // log by the name that is now the new one's.
    if lock.is_some() && is_settled {
        let others = in_use::others(&kept);
        if !others.is_empty() {
            fs::rename(&kept, database).map_err(BackupProblem::Io)?;
            return Err(BackupProblem::InUse { here: false, others });
        }
    }
    let kept = lock.is_some().then_some(kept);
    sync_folder_of(database).map_err(BackupProblem::Io)?;
    Ok(kept)
}

/// Leaves nothing beside `path` that would be applied to a new file there.
pub(super) fn clear(path: &Path) -> Result<(), BackupProblem> {
    if !has_log(path) {
        return Ok(());
    }
    refuse_users(path)?;
    settle(path)?;
    match logs(path).into_iter().find(|log| log.exists()) {
        Some(log) => Err(BackupProblem::LeftBeside(log)),
        None => Ok(()),
    }
}

fn logs(database: &Path) -> [PathBuf; 2] {
    LOGS.map(|suffix| sidecar::named(database, suffix))
}

fn has_log(database: &Path) -> bool {
    logs(database).iter().any(|log| log.exists())
}

/// Has SQLite carry into the database what a killed process has left beside it; `false` if it
/// can't, because the database is too damaged. Then what is beside stays as it is.
fn settle(database: &Path) -> Result<bool, BackupProblem> {
    if !has_log(database) {
        return Ok(true);
    }
    // SQLite would delete the log of an empty one.
    if fs::metadata(database).map_or(0, |meta| meta.len()) == 0 {
        return Ok(false);
    }
    match carry_over(database) {
        Ok(()) => Ok(true),
        Err(error) if is_lock(&error) => Err(in_use::users(database).into()),
        Err(error) if copy::is_damage(&error) => Ok(false),
        Err(error) => Err(BackupProblem::of_sqlite(error)),
    }
}

fn carry_over(database: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    conn.busy_timeout(BUSY)?;
    // Or a log would be lost that belongs to a file too damaged to be opened.
    let keep_log = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    conn.set_db_config(keep_log, true)?;
    // Reading it rolls back what a killed writer had begun.
    conn.pragma_query_value(None, "schema_version", |_row| Ok(()))?;
    let is_busy = |row: &rusqlite::Row<'_>| row.get::<_, bool>(0);
    if conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], is_busy)? {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    conn.set_db_config(keep_log, false)?;
    conn.close().map_err(|(_conn, error)| error)
}

/// Where the old file is kept: beside, with this moment in its name.
fn kept_name(database: &Path) -> Result<PathBuf, BackupProblem> {
    let now = stamp::now().map_err(BackupProblem::of_sqlite)?;
    let named = |number: u32| {
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        sidecar::named(database, &format!("{MARK}{now}{number}"))
    };
    let mut number = 1;
    let is_taken = |path: &Path| fs::symlink_metadata(path).is_ok() || has_log(path);
    while is_taken(&named(number)) {
        number += 1;
    }
    Ok(named(number))
}

/// Gives the old file another name; where that can't be, copies it.
fn keep(database: &Path, lock: &WholeFile, kept: &Path) -> io::Result<()> {
    fs::hard_link(database, kept).or_else(|_refused| keep_copy(database, lock, kept))?;
    forget_other_names(database, kept)
}

fn keep_copy(database: &Path, lock: &WholeFile, kept: &Path) -> io::Result<()> {
    let mut copy = Partial::begin(kept)?;
    lock.copy_to(&copy, database)?;
    copy.share(&fs::metadata(database)?);
    copy.sync()?;
    copy.put_in_place(kept)
}

/// Removes the names that a killed restore has given the old file: through two names of one
/// file SQLite would have two logs (<https://sqlite.org/howtocorrupt.html>, section 2.5). A log
/// that it has already moved there goes with the name.
fn forget_other_names(database: &Path, kept: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else {
        return Ok(());
    };
    let mut ours = name.as_encoded_bytes().to_vec();
    ours.extend_from_slice(MARK.as_bytes());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (is_kept, path) =
            (entry.file_name().as_encoded_bytes().starts_with(&ours), entry.path());
        if !is_kept || path == kept || !is_same_file(&path, database) {
            continue;
        }
        for suffix in LOGS {
            let log = sidecar::named(&path, suffix);
            if log.exists() && !sidecar::named(database, suffix).exists() {
                fs::rename(log, sidecar::named(kept, suffix))?;
            }
        }
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Moves what could not be carried over to the old file, and removes what means nothing
/// without its log.
fn set_aside(database: &Path, kept: &Path) -> io::Result<()> {
    for suffix in LOGS {
        let log = sidecar::named(database, suffix);
        if log.exists() {
            fs::rename(log, sidecar::named(kept, suffix))?;
        }
    }
    match fs::remove_file(sidecar::named(database, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
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
        use std::os::unix::fs::MetadataExt;

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
            let number = |meta: fs::Metadata| (meta.dev(), meta.ino());
            let open = file.metadata().map(number).map_err(BackupProblem::Io)?;
            // Another restore may have replaced it before it was locked.
            if fs::metadata(database).map(number).is_ok_and(|named| named == open) {
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

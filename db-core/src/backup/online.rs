//! A backup of a database that is open.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::folder::Backups;
use super::partial::Partial;
use super::{Progress, Task, copy, damage, in_use, logs, owner, target};
use crate::call::{busy_since, outermost};
use crate::engine::{Engine, ReadTx};
use crate::error::{BackupProblem, BackupTask, Error, Result, Spent, is_lock};
use crate::file_id::FileId;
use crate::new_file::sync_folder_of;
use crate::open_guard::Kind;
use crate::site::Site;
use crate::trace::Span;

pub(super) fn backup(
    engine: &Engine,
    progress: &mut dyn FnMut(Progress),
    site: Site,
) -> Result<PathBuf> {
    let Some(folder) = &engine.options().backups else {
        return Err(Error::invalid_option(
            "backups",
            "is not set, so there is no folder for backups; set it when the database is opened, or name a file with backup_to",
        ));
    };
    let task = Task { task: BackupTask::Backup, database: engine.path() };
    let failed = |problem| task.failed(folder, problem);
    fs::create_dir_all(folder).map_err(|error| failed(BackupProblem::of_io(error)))?;
    let backups = Backups::in_folder(folder, engine.path());
    owner::claim(folder, engine.path()).map_err(failed)?;
    let made = spanned(engine, &To::Folder(&backups), progress, site)?;
    if let Some(keep) = engine.options().keep_backups {
        backups.rotate(keep, &made).map_err(failed)?;
    }
    Ok(made)
}

pub(super) fn backup_to(
    engine: &Engine,
    path: &Path,
    progress: &mut dyn FnMut(Progress),
    site: Site,
) -> Result<()> {
    spanned(engine, &To::File(path), progress, site).map(drop)
}

/// Where a backup goes.
enum To<'a> {
    File(&'a Path),
    /// By a name that is chosen when it is made.
    Folder(&'a Backups),
}

fn spanned(
    engine: &Engine,
    to: &To<'_>,
    progress: &mut dyn FnMut(Progress),
    site: Site,
) -> Result<PathBuf> {
    let span = Span::of_call(Kind::Reader, site);
    let result = span.in_scope(|| make(engine, to, progress, site, &span));
    span.ended(result.is_ok());
    result
}

/// Where it is now.
fn make(
    engine: &Engine,
    backup: &To<'_>,
    progress: &mut dyn FnMut(Progress),
    site: Site,
    span: &Span,
) -> Result<PathBuf> {
    engine.usable()?;
    let task = Task { task: BackupTask::Backup, database: engine.path() };
    let path = match backup {
        To::File(path) => path,
        To::Folder(backups) => backups.folder(),
    };
    let failed = |problem| task.failed(path, problem);
    let (file, identity) = engine.file();
    let database = fs::canonicalize(file).map_err(|error| failed(BackupProblem::Io(error)))?;
    let to = match backup {
        To::File(path) => target::resolve(path).map_err(failed)?,
        To::Folder(backups) => backups.beginning(),
    };
    if let To::File(_) = backup {
        if target::is_part_of(&to, &database) || FileId::of(&to).is_ok_and(|to| to == *identity) {
            return Err(failed(BackupProblem::Itself));
        }
        // Before the work; it is looked again after it.
        in_use::refuse(&to).map_err(failed)?;
    }
    let io = |error| failed(BackupProblem::of_io(error));
    let mut partial = Partial::begin(&to).map_err(io)?;
    let locked = |error| outermost(error, engine, site, busy_since(engine), Spent::default());
    let tx = ReadTx::begin(engine, site, span, true, false).map_err(locked)?;
    let copied = tx.without_limit(|conn| copy::pages(conn, partial.path(), progress));
    drop(tx);
    match copied {
        Ok(()) => {}
        Err(error) if is_lock(&error) => return Err(locked(error.into())),
        Err(error) if damage::is_damage(&error) => {
            return Err(failed(BackupProblem::Damaged(vec![damage::finding(&error)])));
        }
        Err(error) => return Err(failed(BackupProblem::of_sqlite(error))),
    }
    let damage = damage::of_copy(partial.path(), Some(engine.options()))
        .map_err(|error| failed(BackupProblem::of_sqlite(error)))?;
    if !damage.is_empty() {
        return Err(failed(BackupProblem::Damaged(damage)));
    }
    let replaced = match backup {
        To::File(_) => fs::metadata(&to).ok(),
        To::Folder(_) => None,
    };
    let like = replaced.map_or_else(|| fs::metadata(&database), Ok).map_err(io)?;
    partial.share(&like);
    partial.sync().map_err(io)?;
    let made = match backup {
        To::File(_) => replace(&mut partial, to).map_err(failed)?,
        To::Folder(backups) => place(&mut partial, backups).map_err(failed)?,
    };
    let not_synced = |source| BackupProblem::NotSynced { kept: None, source };
    sync_folder_of(&made).map_err(|error| task.failed(&made, not_synced(error)))?;
    Ok(made)
}

fn replace(new: &mut Partial, old: PathBuf) -> Result<PathBuf, BackupProblem> {
    // A log of the old backup would be applied to the new one.
    logs::clear(&old)?;
    in_use::refuse(&old)?;
    new.put_in_place(&old).map_err(BackupProblem::of_io)?;
    Ok(old)
}

/// Others may make backups in the same second.
fn place(new: &mut Partial, backups: &Backups) -> Result<PathBuf, BackupProblem> {
    loop {
        let path = backups.new_path()?;
        match new.put_if_free(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            put => return put.map(|()| path).map_err(BackupProblem::of_io),
        }
    }
}

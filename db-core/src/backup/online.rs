//! A backup of a database that is open.

use std::fs;
use std::path::{Path, PathBuf};

use super::folder::Backups;
use super::partial::{Partial, sync_folder_of};
use super::{Progress, Task, copy, damage, in_use, logs, target};
use crate::call::{busy_since, outermost};
use crate::engine::{Engine, ReadTx};
use crate::error::{BackupProblem, BackupTask, Error, Result, Spent, is_lock};
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
    let made = backups.new_path().map_err(failed)?;
    backup_to(engine, &made, progress, site)?;
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
    let span = Span::of_call(Kind::Reader, site);
    let result = span.in_scope(|| make(engine, path, progress, site, &span));
    span.ended(result.is_ok());
    result
}

fn make(
    engine: &Engine,
    path: &Path,
    progress: &mut dyn FnMut(Progress),
    site: Site,
    span: &Span,
) -> Result<()> {
    engine.usable()?;
    let task = Task { task: BackupTask::Backup, database: engine.path() };
    let failed = |problem| task.failed(path, problem);
    let database =
        fs::canonicalize(engine.path()).map_err(|error| failed(BackupProblem::Io(error)))?;
    let to = target::resolve(path).map_err(failed)?;
    if target::is_part_of(&to, &database) {
        return Err(failed(BackupProblem::Itself));
    }
    // Before the work; it is looked again after it.
    in_use::refuse(&to).map_err(failed)?;
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
    let like = fs::metadata(&to).or_else(|_new| fs::metadata(&database)).map_err(io)?;
    partial.share(&like);
    partial.sync().map_err(io)?;
    // A log of the old backup would be applied to the new one.
    logs::clear(&to).map_err(failed)?;
    in_use::refuse(&to).map_err(failed)?;
    partial.put_in_place(&to).map_err(io)?;
    sync_folder_of(&to).map_err(io)
}

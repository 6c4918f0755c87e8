//! Why a backup was not made, or not put back.

use std::io::ErrorKind;
use std::path::Path;

use db_core::{BackupFailed, BackupProblem, BackupTask, Backups};

use super::{Failure, OTHER_PATH, WAIT_LONGER};
use crate::exit::Status;
use crate::human::typed;

/// `file` is the database, `told` the sentence of the library.
pub(super) fn failure(file: &Path, told: String, failed: BackupFailed) -> Failure {
    let BackupFailed { task, path, problem, .. } = failed;
    let restores = task == BackupTask::Restore;
    let failed = |status, kind| Failure::new(status, kind, told.clone());
    match problem {
        BackupProblem::Damaged(findings) if restores => {
            let what = findings.first().map(|finding| finding.what.clone()).unwrap_or_default();
            let (backup, database) = (path.display(), file.display());
            let message = format!("the backup {backup} is damaged: {what}");
            Failure::new(Status::Damaged, "damaged", message)
                .advise(format!("{database} is as it was: nothing was replaced"))
                .advise(format!("see what is damaged: db-core verify {}", typed(&path)))
                .advise(Failure::older_backup(&path, file))
        }
        BackupProblem::Damaged(findings) => {
            let what = findings.first().map(|finding| finding.what.clone()).unwrap_or_default();
            Failure::damaged(file, &what).advise("no backup was made, and none was replaced")
        }
        BackupProblem::InUse { .. } if !restores => {
            failed(Status::Locked, "in_use").other_target(file, &path)
        }
        BackupProblem::InUse { .. } => failed(Status::Locked, "in_use")
            .advise("stop the programs that use it, and try again; nothing was changed"),
        BackupProblem::Missing => Failure::missing(&path),
        BackupProblem::Folder => Failure::folder(&path),
        BackupProblem::NoRoom => Failure::full(&path),
        BackupProblem::LeftBeside(_) => failed(Status::Unusable, "left_beside")
            .advise("move the old file, and what is beside it, to another folder, and try again"),
        BackupProblem::NotAlone(_) => failed(Status::Unusable, "not_alone")
            .advise(format!("make a backup of it first: db-core backup {} NEW", path.display()))
            .advise("and restore that; nothing was replaced"),
        BackupProblem::NotSynced { .. } => failed(Status::Unusable, "not_synced")
            .advise("run sync before the power goes, and see to the disk"),
        BackupProblem::NoFolder => {
            failed(Status::Unusable, "no_folder").advise("make the folder, or check the path")
        }
        BackupProblem::Itself => {
            failed(Status::Unusable, "itself").advise("give another path, best on another disk")
        }
        BackupProblem::Io(error) if error.kind() == ErrorKind::PermissionDenied => {
            Failure::denied(format!("you may not write {}", path.display()))
        }
        BackupProblem::Io(error) => Failure::unreadable(&path, &error),
        BackupProblem::Sqlite(error) => {
            let mut failure = Failure::of_sqlite(&path, &error);
            // A restore has no such option.
            failure.advice.retain(|line| !restores || line != WAIT_LONGER);
            failure
        }
        _ => failed(Status::Unusable, "backup"),
    }
}

impl Failure {
    /// What to do if others use the file at the place of the backup.
    pub(crate) fn other_target(self, from: &Path, to: &Path) -> Self {
        let restore = format!("db-core restore {} {}", typed(from), typed(to));
        self.advise(OTHER_PATH).advise(format!("to put a backup in its place: {restore}"))
    }

    /// What to take if that backup of `database` is damaged: of those beside it the next one.
    pub(crate) fn older_backup(backup: &Path, database: &Path) -> String {
        let absolute = std::path::absolute(backup).unwrap_or_default();
        let folder = absolute.parent().unwrap_or(Path::new("."));
        let all = Backups::in_folder(folder, database).list().unwrap_or_default();
        let mut all = all.into_iter().filter(|file| file.bytes > 0).map(|file| file.path);
        match all.by_ref().find(|path| *path == absolute).and_then(|_| all.next()) {
            Some(older) => {
                let (older, database) = (typed(&older), typed(database));
                format!("take an older backup: db-core restore {older} {database}")
            }
            None => "take an older backup".to_owned(),
        }
    }
}

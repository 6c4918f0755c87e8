//! Backups, and putting them back.

use super::{Advice, action, advice};
use crate::error::backup::{BackupProblem, BackupTask};
use crate::error::is_lock;

pub(in crate::error) fn backup(task: BackupTask, problem: &BackupProblem) -> Advice {
    match (problem, task) {
        (BackupProblem::Empty, _) => action(&["give the path of a file"]),
        (BackupProblem::Folder | BackupProblem::NotAFile, _) => {
            action(&["add the file's name to the path"])
        }
        (BackupProblem::NoFolder, _) => {
            action(&["create the folder first: std::fs::create_dir_all", "check the path"])
        }
        (BackupProblem::Missing, _) => action(&["check the path"]),
        (BackupProblem::Itself, _) => action(&[
            "name another file, best on another disk: a backup beside dies with its database",
        ]),
        (BackupProblem::Damaged(_), BackupTask::Backup) => action(&[
            "keep the backups that you have: none was replaced",
            "see what is wrong: db-core verify FILE",
            "if only an index is, rebuild it: db-core reindex FILE",
            "else restore the newest backup",
        ]),
        (BackupProblem::Damaged(_), BackupTask::Restore) => action(&[
            "restore an older backup: the database is as it was",
            "as the last resort export what can be read of the backup and start anew: sqlite3 BACKUP .recover > out.sql, then sqlite3 NEW < out.sql, and see that NEW has your rows",
        ]),
        (BackupProblem::InUse { .. }, _) => action(&[
            "close it there: end the programs that use it, then try again",
            "nothing has been changed",
        ]),
        (BackupProblem::LeftBeside(_), _) => {
            action(&["move the old file and what is beside it to another folder, then try again"])
        }
        (BackupProblem::NotAlone(_), _) => action(&[
            "make a backup of it first, and restore that: db-core backup BACKUP NEW",
            "nothing has been changed",
        ]),
        (BackupProblem::OtherDatabase(_), _) => action(&[
            "give each database a folder of its own: they would delete each other's backups",
            "if this is the one to go on with, delete the file NAME.source in that folder",
        ]),
        (BackupProblem::NoRoom, _) => action(&[
            "make room: a backup needs as much as the database takes, a restore three times that",
            "nothing has been replaced",
        ]),
        (BackupProblem::NotRotated { .. }, _) => {
            action(&["delete it by hand", "check who may write to the folder of backups"])
        }
        (BackupProblem::NotSynced { .. }, _) => {
            action(&["run sync before the power goes", "see to the disk: it may be failing"])
        }
        (BackupProblem::Sqlite(error), _) if is_lock(error) => action(&[
            "wait for who is at work in it, or end that program, then try again",
            "nothing has been changed",
        ]),
        (BackupProblem::Io(_) | BackupProblem::Sqlite(_), _) => advice(
            &["the file or its folder may not be written", "the disk or its cable failed"],
            &["mend what the error names, and try again: nothing has been replaced"],
        ),
    }
}

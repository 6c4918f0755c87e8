//! Backups, and putting them back.

use std::fmt::{self, Formatter};
use std::path::Path;

use super::{Text, one_line};
use crate::error::advice::{self, Advice};
use crate::error::backup::{BackupFailed, BackupProblem, BackupTask};
use crate::finding::Finding;
use crate::other_process::OtherProcess;

/// So many findings are told; the check tells all.
const MOST: usize = 10;

impl Text for BackupFailed {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (database, path) = (self.database.display(), self.path.display());
        let restores = self.task == BackupTask::Restore;
        match &self.problem {
            BackupProblem::NotRotated { made, old, source } => {
                let (made, old, source) = (made.display(), old.display(), one_line(source));
                return write!(
                    f,
                    "the backup {made} is made, but the old {old} could not be deleted: {source}"
                );
            }
            BackupProblem::NotSynced { kept, source } => {
                write!(f, "{path} is the new file, but a power cut could undo that")?;
                if let Some(kept) = kept {
                    write!(f, " (the old one is {})", kept.display())?;
                }
                return write!(f, ": the folder could not be synced: {}", one_line(source));
            }
            _ if restores => write!(f, "{database} was not restored: ")?,
            _ => write!(f, "no backup of {database} was made: ")?,
        }
        match &self.problem {
            BackupProblem::Empty => write!(f, "the path is empty"),
            BackupProblem::Folder => write!(f, "{path} is a folder, not a file"),
            BackupProblem::NotAFile => write!(f, "{path} is not an ordinary file"),
            BackupProblem::NoFolder => match self.path.parent() {
                Some(folder) if folder != Path::new("") => {
                    write!(f, "the folder {} for {path} does not exist", folder.display())
                }
                _ => write!(f, "the folder for {path} does not exist"),
            },
            BackupProblem::Missing => write!(f, "there is no backup at {path}"),
            BackupProblem::Itself => {
                write!(f, "{path} is the database itself, or a file that belongs to it")
            }
            BackupProblem::Damaged(findings) => {
                if restores {
                    write!(f, "the backup {path} is damaged")?;
                } else {
                    write!(f, "the database itself is most likely damaged")?;
                }
                match findings.first() {
                    Some(first) => write!(f, ": {}", one_line(first)),
                    None => Ok(()),
                }
            }
            BackupProblem::InUse { here, others } => {
                write!(f, "{path} is open in ")?;
                in_use(*here, others, f)
            }
            BackupProblem::LeftBeside(log) => {
                write!(f, "{} is beside it, and would be applied to the new file", log.display())
            }
            BackupProblem::NotAlone(log) => {
                write!(f, "a part of {path} is in {}, so it is no backup by itself", log.display())
            }
            BackupProblem::OtherDatabase(other) => {
                let other = other.display();
                write!(f, "{path} has the backups of {other}, which has the same name")
            }
            BackupProblem::NoRoom => write!(f, "there is no room for {path}"),
            BackupProblem::Io(source) => write!(f, "{path}: {}", one_line(source)),
            BackupProblem::Sqlite(source) => write!(f, "{path}: {}", one_line(source)),
            BackupProblem::NotRotated { .. } | BackupProblem::NotSynced { .. } => Ok(()),
        }
    }

    fn facts(&self) -> Vec<String> {
        let BackupProblem::Damaged(findings) = &self.problem else { return Vec::new() };
        let mut facts: Vec<_> = findings.iter().take(MOST).map(told).collect();
        if findings.len() > MOST {
            facts.push(format!("{} more findings", findings.len() - MOST));
        }
        facts
    }

    fn advice(&self) -> Advice {
        advice::backup(self.task, &self.problem)
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.database)
    }
}

fn told(finding: &Finding) -> String {
    one_line(finding)
}

/// `this process, and in process 7 (`shop`)`
fn in_use(here: bool, others: &[OtherProcess], f: &mut Formatter<'_>) -> fmt::Result {
    if here {
        f.write_str("this process")?;
    }
    for (at, process) in others.iter().enumerate() {
        if here || at > 0 {
            f.write_str(" and in ")?;
        }
        write!(f, "{process}")?;
    }
    if !here && others.is_empty() {
        f.write_str("another process")?;
    }
    Ok(())
}

//! Commits that are not known to be on the disk.

use std::fmt::{self, Formatter};
use std::path::Path;

use super::Text;
use crate::error::advice::{self, Advice};
use crate::error::kinds::{NotDurable, SyncProblem};
use crate::units::seconds;

impl Text for NotDurable {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (site, path) = (self.site, self.path.display());
        match &self.problem {
            SyncProblem::Failed(error) if self.committed => {
                write!(
                    f,
                    "{site} has committed, but {path} could not be synced to the disk: {error}"
                )
            }
            SyncProblem::Failed(error) => write!(
                f,
                "{path} takes no more writes, so {site} was not begun: an earlier commit could not be synced to the disk: {error}"
            ),
            SyncProblem::Unopened(error) => write!(
                f,
                "{site} has written nothing: the log of {path} could not be opened for syncing: {error}"
            ),
            SyncProblem::Late(waited, spent) => write!(
                f,
                "{site} has committed, but {path} was not yet synced to the disk after {}{spent}",
                seconds(*waited)
            ),
        }
    }

    fn advice(&self) -> Advice {
        match &self.problem {
            SyncProblem::Failed(_) if self.committed => advice::NOT_DURABLE,
            SyncProblem::Failed(_) => advice::NO_MORE_WRITES,
            SyncProblem::Unopened(_) => advice::UNOPENED,
            SyncProblem::Late(..) => advice::SYNC_LATE,
        }
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

//! Whether there is a backup, and how old the newest is.

use std::path::Path;
use std::time::{Duration, SystemTime};

use db_core::Backups;

use super::{Check, Level};
use crate::human::{bytes, time, typed};
use crate::look::Look;

const NAME: &str = "backups";

pub(super) fn check(look: &Look, folder: &Path, max_age: Duration) -> Check {
    let make = format!(
        "make one: db-core backup {} {}",
        typed(&look.path),
        typed(&folder.join(look.path.file_name().unwrap_or_default()))
    );
    if !folder.is_dir() {
        let what = format!("{} is no folder", folder.display());
        return Check::new(Level::Problem, NAME, what)
            .advise("check the path given with --backups");
    }
    match Backups::in_folder(folder, &look.path).newest() {
        Err(error) => Check::new(Level::Problem, NAME, error.to_string()),
        Ok(None) => {
            let what = format!("{} holds no backup of {}", folder.display(), look.path.display());
            Check::new(Level::Problem, NAME, what).advise(make)
        }
        Ok(Some(newest)) => {
            let age = SystemTime::now().duration_since(newest.time).unwrap_or_default();
            let (path, size) = (newest.path.display(), bytes(newest.bytes));
            let what = format!("the newest is {path}, {size}, {} old", time(age));
            if age > max_age {
                let what = format!("{what}: older than {}", time(max_age));
                return Check::new(Level::Problem, NAME, what).advise(make);
            }
            Check::new(Level::Ok, NAME, what)
        }
    }
}

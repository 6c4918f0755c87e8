//! The file that is to be made: what is there already, and whether it may be replaced.
//!
//! Whoever swaps the two paths of `backup` names a database as the place of the backup. So
//! only what looks like a backup is replaced: a database with nothing beside it.

use std::path::Path;

use crate::exit::Status;
use crate::failure::{Failure, OTHER_PATH};
use crate::human::typed;
use crate::look::{Kind, Look};
use crate::open;

/// What is beside a database only while it is used, or once it was.
const OF_USE: [&str; 6] = ["-wal", "-shm", "-journal", "-writer", "-next", "-sync"];

/// The usual sign for stdout is a name like any other to the system.
pub(crate) fn refuse_dash(path: &Path) -> Result<(), Failure> {
    if path.as_os_str() != "-" {
        return Ok(());
    }
    let message = "a database can't be written to stdout, if that is what - is to mean".to_owned();
    Err(Failure::new(Status::Usage, "usage", message)
        .advise("give the path of a file; one that is named - is written ./-"))
}

const REPLACE: &str = "to replace it all the same: --replace";

/// Refuses to have `to` replaced by a backup of `from`, if it does not look like a backup.
pub(crate) fn refuse_to_replace(to: &Path, from: &Look) -> Result<(), Failure> {
    let is_part = OF_USE.iter().any(|end| open::is_same(to, &from.beside(end)));
    if !to.exists() || is_part {
        // What is a part of the database itself, the library refuses.
        return Ok(());
    }
    let there = Look::at_any(to)?;
    let (path, database) = (to.display(), from.path.display());
    let refused = |kind, message| Failure::new(Status::Unusable, kind, message);
    if there.kind == Kind::Other {
        let message = format!("{path} is there, and is no SQLite database: it was not replaced");
        return Err(refused("exists", message).advise(OTHER_PATH).advise(REPLACE));
    }
    if let Some(end) = OF_USE.into_iter().find(|end| there.beside(end).exists()) {
        let message = format!(
            "{path} looks like a database in use, and not like a backup: {path}{end} is beside it"
        );
        return Err(refused("in_use", message).other_target(&from.path, to).advise(REPLACE));
    }
    if from.kind == Kind::Empty && there.kind == Kind::Database {
        let message = format!("{database} is empty, and {path} is not: it was not replaced");
        let restore = format!("db-core restore {} {}", typed(to), typed(&from.path));
        return Err(refused("emptied", message)
            .advise(format!("if there should be something in {database}: {restore}"))
            .advise(REPLACE));
    }
    Ok(())
}

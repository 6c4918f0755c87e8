//! Who holds locks on a database's files, by the kernel's table of them: SQLite's own, and
//! those of the gate. The files are looked at by `stat` alone, never opened: closing a
//! descriptor of the database would drop SQLite's locks in this process
//! (<https://sqlite.org/howtocorrupt.html>, section 2.2).

#[cfg(target_os = "linux")]
mod sqlite;
#[cfg(target_os = "linux")]
mod table;

use std::fs::File;
use std::path::Path;

use crate::holder::LockHolders;
use crate::other_process::OtherProcess;

#[cfg(target_os = "linux")]
pub(crate) use table::this_process;

/// Who holds SQLite's locks on the database at that path.
#[cfg(target_os = "linux")]
pub(crate) fn of_database(database: &Path) -> LockHolders {
    sqlite::find(database)
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of_database(_database: &Path) -> LockHolders {
    LockHolders::default()
}

/// Which other processes have any lock on the database at that path, or on its WAL.
#[cfg(target_os = "linux")]
pub(crate) fn on_database(database: &Path) -> Vec<OtherProcess> {
    let Some(table) = table::Table::read() else { return Vec::new() };
    let mut owners = Vec::new();
    for file in [database.to_owned(), crate::sidecar::named(database, "-shm")] {
        let entries = std::fs::metadata(file).map(|meta| table.of(&meta)).unwrap_or_default();
        owners.extend(entries.iter().map(|entry| entry.owner));
    }
    owners.sort_unstable();
    owners.dedup();
    owners.retain(|owner| *owner != table::this_process());
    let others = owners.into_iter().map(OtherProcess::describe);
    others.filter(|process| !process.ended).collect()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn on_database(_database: &Path) -> Vec<OtherProcess> {
    Vec::new()
}

/// Which other process has the lock of this file.
#[cfg(target_os = "linux")]
pub(crate) fn of_file(file: &File) -> Option<OtherProcess> {
    let entries = table::Table::read()?.of(&file.metadata().ok()?);
    let found = entries.iter().find(|entry| entry.kind == table::Kind::Flock)?;
    (found.owner != table::this_process()).then(|| OtherProcess::describe(found.owner))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn of_file(_file: &File) -> Option<OtherProcess> {
    None
}

//! What a lock on a byte of SQLite's files means.
//!
//! In WAL mode locks are on bytes of the `-shm` file (`WALINDEX_LOCK_OFFSET` in wal.c: 120
//! for writing, 121 for a checkpoint, 122 for recovery, 123 to 127 for snapshots); with a
//! rollback journal, and in exclusive mode, on bytes of the database (`PENDING_BYTE` in
//! os.h: one that is pending, one that is reserved, 510 that are shared).

use std::path::{Path, PathBuf};

use super::table::{Entry, Kind, Table, this_process};
use crate::holder::{LockHolder, LockHolders, SqliteLock};
use crate::other_process::OtherProcess;
use crate::sidecar;

const WRITE: u64 = 120;
const CHECKPOINT: u64 = 121;
const RECOVER: u64 = 122;
const READ: (u64, u64) = (123, 127);
const PENDING: u64 = 0x4000_0000;
const RESERVED: u64 = PENDING + 1;
const SHARED: (u64, u64) = (PENDING + 2, PENDING + 511);

pub(super) fn find(database: &Path) -> LockHolders {
    let Some(table) = Table::read() else { return LockHolders::default() };
    let entries = |path: PathBuf| {
        let meta = std::fs::metadata(path);
        let entries = meta.map(|meta| table.of(&meta)).unwrap_or_default();
        entries.into_iter().filter(|entry| entry.kind == Kind::Posix)
    };
    // SQLite's files are beside the file itself, whatever links lead there.
    let file = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let shm = sidecar::named(&file, "-shm");
    let has_log = shm.exists();
    let mut told = LockHolders { is_told: true, ..LockHolders::default() };
    for entry in entries(shm) {
        told.add(&entry, in_log(&entry));
    }
    for entry in entries(file) {
        told.add(&entry, in_database(&entry, has_log));
    }
    told
}

fn in_log(entry: &Entry) -> Option<SqliteLock> {
    let has = |byte| entry.covers(byte, byte);
    if entry.writes && has(WRITE) {
        Some(SqliteLock::Write)
    } else if entry.writes && has(RECOVER) {
        Some(SqliteLock::Recovery)
    } else if entry.writes && has(CHECKPOINT) {
        Some(SqliteLock::Checkpoint)
    } else if !entry.writes && entry.covers(READ.0, READ.1) {
        Some(SqliteLock::Read)
    } else {
        None
    }
}

/// In WAL mode every connection has a shared lock on the database for as long as it is open.
fn in_database(entry: &Entry, has_log: bool) -> Option<SqliteLock> {
    if entry.writes && entry.covers(SHARED.0, SHARED.1) {
        Some(SqliteLock::Exclusive)
    } else if entry.writes && entry.covers(PENDING, RESERVED) {
        Some(SqliteLock::Write)
    } else if !entry.writes && entry.covers(SHARED.0, SHARED.1) && !has_log {
        Some(SqliteLock::Read)
    } else {
        None
    }
}

impl LockHolders {
    fn add(&mut self, entry: &Entry, lock: Option<SqliteLock>) {
        let Some(lock) = lock else { return };
        let list = if lock == SqliteLock::Read { &mut self.readers } else { &mut self.writers };
        if list.iter().any(|holder| holder.process.id == entry.owner) {
            return;
        }
        let process = OtherProcess::describe(entry.owner);
        // These locks go with their process; it has ended just now.
        if !process.ended {
            let is_this = entry.owner == this_process();
            list.push(LockHolder { process, is_this, lock });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(writes: bool, first: u64, last: u64) -> Entry {
        Entry { owner: 1, kind: Kind::Posix, writes, first, last }
    }

    #[test]
    fn bytes_of_the_log_are_told_apart_also_when_merged() {
        assert_eq!(in_log(&entry(true, 120, 120)), Some(SqliteLock::Write));
        assert_eq!(in_log(&entry(true, 120, 121)), Some(SqliteLock::Write));
        assert_eq!(in_log(&entry(true, 121, 121)), Some(SqliteLock::Checkpoint));
        assert_eq!(in_log(&entry(true, 121, 122)), Some(SqliteLock::Recovery));
        assert_eq!(in_log(&entry(false, 125, 125)), Some(SqliteLock::Read));
        // Of every connection, for as long as it is open.
        assert_eq!(in_log(&entry(false, 128, 128)), None);
    }

    #[test]
    fn a_connection_that_is_only_open_holds_nothing() {
        assert_eq!(in_database(&entry(false, SHARED.0, SHARED.1), true), None);
        assert_eq!(in_database(&entry(false, SHARED.0, SHARED.1), false), Some(SqliteLock::Read));
        assert_eq!(in_database(&entry(true, RESERVED, RESERVED), false), Some(SqliteLock::Write));
        assert_eq!(
            in_database(&entry(true, PENDING, SHARED.1), false),
            Some(SqliteLock::Exclusive)
        );
    }
}

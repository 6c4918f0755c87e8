//! What a failed sync leaves behind: as in Linux, what it was to write counts as written
//! though it is not, so a hole may stay in the WAL that no later sync mends. What is
//! acknowledged behind a hole is not found after a power cut.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use db_core::{Database, Error, Options, Synchronous};
use rusqlite::Connection;
use tempfile::TempDir;

use super::record::{add, options as small};
use super::vfs::{Disk, Fault, Kind, Note};
use super::{Recording, cut, seed};

/// Without checkpoints of its own, which mend a hole.
fn options(mode: Synchronous) -> Options {
    small(mode).on_connect(|conn| {
        conn.execute_batch("PRAGMA page_size = 1024; PRAGMA wal_autocheckpoint = 0")
    })
}

struct Shop {
    folder: TempDir,
    path: PathBuf,
    disk: Arc<Disk>,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::watch(folder.path());
        let path = folder.path().join("shop.db");
        Self { folder, path, disk }
    }

    fn open(&self) -> Database {
        options(Synchronous::Shared).open(&self.path).unwrap()
    }

    /// A write that is `Ok`.
    fn acked(&self, db: &Database) {
        self.disk.note(Note::Acked(add(db).unwrap()));
    }

    /// A write whose shared sync fails.
    fn fails(&self, db: &Database) {
        self.disk
            .fail(|call| (call.kind == Kind::SharedSync).then_some(Fault { code: 0, half: false }));
        assert!(matches!(add(db), Err(Error::NotDurable(error)) if error.committed));
        self.disk.heal();
    }

    /// Folds the WAL in, so that it has no more than what comes now.
    fn checkpoint(&self) {
        let conn = plain(&self.path, "NORMAL");
        let busy = conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0));
        assert_eq!(busy, Ok(0));
    }

    #[track_caller]
    fn survives(self) {
        let Self { folder, path, disk } = self;
        let recording = Recording::of(Synchronous::Shared, disk.take(), path, folder);
        if let Err((seed, trouble)) = cut(&recording, seed(), 3_000, |_| true) {
            panic!("cut {seed}: {trouble}; {}", recording.keep());
        }
    }
}

fn plain(path: &Path, synchronous: &str) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update(None, "synchronous", synchronous).unwrap();
    conn.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    conn.query_row("SELECT n FROM counter", [], |_| Ok(())).unwrap();
    conn
}

/// The database is closed, which folds the WAL in, and opened anew.
#[test]
fn opened_anew() {
    let shop = Shop::new();
    let db = shop.open();
    for _ in 0..40 {
        shop.acked(&db);
    }
    shop.checkpoint();
    shop.acked(&db);
    shop.fails(&db);
    drop(db);
    let db = shop.open();
    shop.acked(&db);
    shop.acked(&db);
    shop.survives();
}

/// As before, but somebody else has the file open, so the WAL stays.
#[test]
fn opened_anew_beside_another_program() {
    let shop = Shop::new();
    let db = shop.open();
    shop.acked(&db);
    let _other = plain(&shop.path, "NORMAL");
    shop.fails(&db);
    drop(db);
    let db = shop.open();
    shop.acked(&db);
    shop.acked(&db);
    shop.survives();
}

/// Another `Database` on the same file, as in another process, that was open all the time.
#[test]
fn another_database_goes_on() {
    let shop = Shop::new();
    let db = shop.open();
    shop.acked(&db);
    let other = shop.open();
    shop.acked(&other);
    shop.fails(&db);
    // Its own sync would end well, as the kernel tells it, behind the hole.
    assert!(matches!(add(&other), Err(Error::NotDurable(error)) if error.committed));
    assert!(matches!(add(&other), Err(Error::NotDurable(error)) if !error.committed));
    drop(db);
    let third = shop.open();
    shop.acked(&third);
    shop.survives();
}

/// The WAL was begun by a program that syncs nothing, not even the folder.
fn survives_a_program_without_syncs(mode: Synchronous) {
    let shop = Shop::new();
    let db = options(mode).open(&shop.path).unwrap();
    shop.acked(&db);
    db.close().unwrap();
    let other = plain(&shop.path, "OFF");
    other.execute_batch("CREATE TABLE other (x); DROP TABLE other").unwrap();
    let db = options(mode).open(&shop.path).unwrap();
    shop.acked(&db);
    shop.survives();
}

#[test]
fn a_wal_of_a_program_without_syncs() {
    survives_a_program_without_syncs(Synchronous::Shared);
}

/// There SQLite's own sync takes the folder along.
#[test]
fn a_wal_of_a_program_without_syncs_and_full() {
    survives_a_program_without_syncs(Synchronous::Full);
}

//! A forked child can't use the files that its parent has open, and can't harm them.
#![cfg(unix)]

use std::cell::RefCell;

use db_core::{Database, Error, active_connections};

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

/// Runs `child` in a forked child; its number comes back as the exit status.
fn in_child(child: impl FnOnce() -> i32) -> i32 {
    // SAFETY: this binary has one test, so that no other thread holds a lock which the
    // child would need; the child ends with `_exit` and runs none of the harness.
    unsafe {
        match fork() {
            0 => _exit(child()),
            id => {
                let mut status = 0;
                assert_eq!(waitpid(id, &raw mut status, 0), id);
                assert_eq!(status & 0x7f, 0, "the child was killed by a signal");
                status >> 8
            }
        }
    }
}

#[test]
fn a_child_is_refused_and_leaves_its_parent_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let db = Database::open(&path).unwrap();
    db.write(|w| w.execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (1)")).unwrap();
    let count = |db: &Database| {
        db.read(|r| r.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)))
    };
    assert_eq!(count(&db).unwrap(), 1);

    // The lane is held while the process forks: the child must not wait for it.
    let writer = RefCell::new(Some(db.writer().unwrap()));
    let told = in_child(|| {
        let refused = |error: Error| match error {
            Error::Forked { opened_by, process, .. } => {
                opened_by != process && process == std::process::id()
            }
            _ => false,
        };
        if !db.reader().is_err_and(refused) {
            return 1;
        }
        if !db.writer().is_err_and(refused) {
            return 2;
        }
        if active_connections() != 0 {
            return 3;
        }
        // SQLite's notes about the file's locks were inherited, the locks were not.
        if !Database::open(&path).is_err_and(refused) {
            return 4;
        }
        let other = Database::open(folder.path().join("other.db"));
        let answer =
            other.and_then(|db| Ok(db.read(|r| r.query_row("SELECT 7", [], |row| row.get(0)))?));
        if !matches!(answer, Ok(7)) {
            return 5;
        }
        // Its own copy of the open guard must not end the parent's transaction.
        if !writer.take().is_some_and(|writer| writer.commit().is_err_and(refused)) {
            return 6;
        }
        drop(db.clone());
        0
    });
    assert_eq!(told, 0);

    // The parent's transaction was left alone.
    let writer = writer.take().unwrap();
    writer.execute("INSERT INTO t VALUES (2)", []).unwrap();
    writer.commit().unwrap();
    assert_eq!(count(&db).unwrap(), 2);
    let whole = |db: &Database| {
        db.read(|r| r.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)))
    };
    assert_eq!(whole(&db).unwrap(), "ok");
}

//! Whoever opens a new file as soon as it is there keeps its locks
//! (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::hint::spin_loop;
use std::thread;

use common::Foreign;

use super::*;

/// Opens the file once it is there, while `make` ends, in this process.
fn opened(is_there: impl Fn() -> bool + Sync, path: &Path, make: impl FnOnce()) -> Connection {
    thread::scope(|scope| {
        let opener = scope.spawn(|| {
            while !is_there() {
                spin_loop();
            }
            let conn = Connection::open(path).unwrap();
            conn.execute("INSERT INTO item (name) VALUES ('first')", []).unwrap();
            conn
        });
        make();
        opener.join().unwrap()
    })
}

/// Another process can take away the WAL only if it knows of nobody else.
#[track_caller]
fn has_its_locks(conn: &Connection, path: &Path) {
    let mut other = Foreign::open(path);
    let switched = other.run("PRAGMA journal_mode = DELETE");
    assert!(switched.is_err(), "the locks of this process are gone");
    conn.execute("INSERT INTO item (name) VALUES ('second')", []).unwrap();
    assert_eq!(names(path), ["apple", "first", "second"]);
}

#[test]
fn a_backup() {
    let shop = Shop::new();
    let db = Database::open(shop.backup()).unwrap();
    for n in 0..10 {
        let path = shop.folder.path().join(format!("new-{n}.db"));
        let conn = opened(|| path.exists(), &path, || db.backup_to(&path, quiet).unwrap());
        has_its_locks(&conn, &path);
    }
}

#[test]
fn a_restored_database() {
    let shop = Shop::new();
    for n in 0..10 {
        let path = shop.folder.path().join(format!("new-{n}.db"));
        let put_back = || drop(restore(shop.backup(), &path, quiet).unwrap());
        let conn = opened(|| path.exists(), &path, put_back);
        has_its_locks(&conn, &path);
    }
}

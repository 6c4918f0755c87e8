//! A forked child has no watcher of its parent's, and gets one of its own.

use super::*;

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

/// What the child finds; 0 if all is well.
fn child() -> i32 {
    let ear = Ear::new();
    let options = ear.listens(Options::new().leak_after(ms(20)).read_timeout(ms(40)));
    let folder = tempfile::tempdir().unwrap();
    let Ok(db) = options.open(folder.path().join("child.db")) else { return 1 };
    let Ok(guard) = db.reader() else { return 2 };
    let start = Instant::now();
    while ear.count() == 0 {
        if start.elapsed() > PATIENCE {
            return 3;
        }
        thread::sleep(ms(1));
    }
    drop(guard);
    match db.read(|r| Ok::<_, Error>(run_endless(r)?)) {
        Err(Error::BodyTimeout(_)) => 0,
        _ => 4,
    }
}

/// In a process of its own: there no other thread has a lock that the child would need.
#[test]
fn a_child_is_looked_after_and_its_parent_left_alone() {
    if Process::role().is_none() {
        let test = "forked::a_child_is_looked_after_and_its_parent_left_alone";
        let mut process = Process::again(test, "child");
        let said = process.hear("done: ");
        assert!(process.ended().success());
        assert_eq!(said.as_deref(), Some("0"));
        return;
    }
    let (ear, folder) = (Ear::new(), tempfile::tempdir().unwrap());
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let db = ear.listens(Options::new().leak_after(ms(20))).open(&path).unwrap();
    db.write(|w| insert(w, "apple")).unwrap();
    let guards = (db.reader().unwrap(), db.reader().unwrap());
    ear.number(2);
    drop(guards);
    // SAFETY: the only other threads are the harness's, which waits, and those of db-core,
    // whose locks the child does not ask for; it ends with `_exit` and runs none of the
    // harness.
    let status = unsafe {
        match fork() {
            0 => {
                // The last handle that it has.
                drop(db);
                _exit(child())
            }
            id => {
                let mut status = 0;
                assert_eq!(waitpid(id, &raw mut status, 0), id);
                assert_eq!(status & 0x7f, 0, "the child was killed by a signal");
                status >> 8
            }
        }
    };
    // The log is the parent's, and so is the watcher that it had.
    assert!(folder.path().join("shop.db-wal").exists());
    assert_eq!(names(&path), ["apple"]);
    db.write(|w| insert(w, "pear")).unwrap();
    let guard = db.reader().unwrap();
    ear.number(3);
    assert_eq!(count(&guard).unwrap(), 2);
    drop(guard);
    drop(db);
    assert_eq!(names(&path), ["apple", "pear"]);
    common::assert_whole(&path);
    Process::say(&format!("done: {status}"));
}

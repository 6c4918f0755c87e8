//! A forked child has no watcher of its parent's, and gets one of its own.

use super::*;

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

/// What the child finds; 0 if all is well.
fn child(inherited: Database) -> i32 {
    drop(inherited);
    let ear = Ear::new();
    let db = ear.listens(Options::new().leak_after(ms(20)).read_timeout(ms(40)));
    let folder = tempfile::tempdir().unwrap();
    let Ok(db) = db.open(folder.path().join("child.db")) else { return 1 };
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
fn a_child_is_looked_after() {
    if Process::role().is_none() {
        let mut process = Process::again("forked::a_child_is_looked_after", "child");
        let said = process.hear("done: ");
        assert!(process.ended().success());
        assert_eq!(said.as_deref(), Some("0"));
        return;
    }
    let ear = Ear::new();
    let db = ear.open(ms(20));
    let guard = db.writer().unwrap();
    ear.first();
    // SAFETY: the only other threads are the harness's, which waits, and the watcher, which
    // is between two looks or holds nothing that the child asks for; the child ends with
    // `_exit` and runs none of the harness.
    let status = unsafe {
        match fork() {
            0 => _exit(child(Database::clone(&db))),
            id => {
                let mut status = 0;
                assert_eq!(waitpid(id, &raw mut status, 0), id);
                assert_eq!(status & 0x7f, 0, "the child was killed by a signal");
                status >> 8
            }
        }
    };
    // The parent's goes on.
    guard.commit().unwrap();
    let guard = db.reader().unwrap();
    ear.number(2);
    drop(guard);
    Process::say(&format!("done: {status}"));
}

//! What hears the warnings is the program's: it may panic, take its time, and use databases.

use std::panic::resume_unwind;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

const SOON: Duration = ms(30);

/// A database whose listener is given the database itself.
fn open(listen: impl Fn(&Database, &Warning) + Send + Sync + 'static) -> TestDb {
    let own = Arc::new(OnceLock::<Database>::new());
    let its = Arc::clone(&own);
    let options = Options::new().leak_after(SOON);
    let db = TestDb::with(options.on_warning(move |warning| listen(its.wait(), warning)));
    own.set(Database::clone(&db)).unwrap();
    db
}

#[test]
fn one_that_panics_does_not_keep_others_from_being_told() {
    let heard = Arc::new(AtomicUsize::new(0));
    let panics = Arc::clone(&heard);
    let options = Options::new().leak_after(SOON).on_warning(move |_| {
        panics.fetch_add(1, SeqCst);
        resume_unwind(Box::new("the listener's own"));
    });
    let (db, ear) = (TestDb::with(options), Ear::new());
    let other = ear.open(SOON);
    for round in 1..=5 {
        // Both at the same look, or one after the other.
        let (guard, elsewhere) = (db.reader().unwrap(), other.reader().unwrap());
        wait_until("it was told, and has panicked", || heard.load(SeqCst) == round);
        ear.number(round);
        drop((guard, elsewhere));
        db.write(|w| insert(w, "apple")).unwrap();
    }
    ear.stays_at(5);
    assert_eq!(heard.load(SeqCst), 5, "said once, whatever became of it");
}

#[test]
fn one_may_read() {
    let (told, tells) = mpsc::channel();
    let db = open(move |db, _| {
        let read = db.read(|r| count(r));
        let guards = db.open_guards();
        let reader = db.reader().map(|guard| count(&guard).unwrap());
        told.send((read, reader, guards, db.stats().in_use)).unwrap();
    });
    db.write(|w| insert(w, "apple")).unwrap();
    let guards = (db.reader().unwrap(), db.writer().unwrap());
    for _ in 0..2 {
        let (read, reader, guards, in_use) = received(&tells);
        assert_eq!((read.unwrap(), reader.unwrap()), (1, 1));
        assert_eq!((guards.len(), in_use), (2, 2));
    }
    drop(guards);
    looks(3);
    assert!(tells.try_recv().is_err(), "its own reads are not open for long");
}

/// It waits for its turn behind the very guard that it was told of.
#[test]
fn one_may_write() {
    let (told, tells) = mpsc::channel();
    let db = open(move |db, _| {
        told.send(None).unwrap();
        told.send(Some(db.write(|w| insert(w, "noted")))).unwrap();
    });
    let guard = db.writer().unwrap();
    assert!(received(&tells).is_none());
    wait_until("it waits", || db.stats().waiting == 1);
    insert(&guard, "first").unwrap();
    guard.commit().unwrap();
    received(&tells).unwrap().unwrap();
    assert_eq!(db.names(), ["first", "noted"]);

    // And is told of others afterwards.
    let guard = db.writer().unwrap();
    assert!(received(&tells).is_none());
    drop(guard);
    received(&tells).unwrap().unwrap();
    looks(3);
    assert!(tells.try_recv().is_err());
}

#[test]
fn one_may_open_and_drop_databases() {
    let (told, tells) = mpsc::channel();
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own.db"), folder.path().join("other.db"));
    let last = Arc::new(Mutex::new(None::<Database>));
    let (its, elsewhere) = (Arc::clone(&last), other.clone());
    let listen = move |warning: &Warning| {
        let opened = Options::new().open(&elsewhere);
        let written =
            opened.and_then(|db| db.write(|w| Ok(w.execute_batch("CREATE TABLE t (n)")?)));
        // On this thread, the last handle of all.
        drop(its.lock().unwrap().take());
        told.send((written, Heard::from(warning))).unwrap();
    };
    let db = Options::new().leak_after(SOON).on_warning(listen).open(&own).unwrap();
    *last.lock().unwrap() = Some(db.clone());
    db.write(|w| w.execute_batch("CREATE TABLE t (n)")).unwrap();
    let guard = db.reader().unwrap();
    let wal = folder.path().join("own.db-wal");
    assert!(wal.exists());
    wait_until("it was told", || last.lock().unwrap().is_none());
    let (written, heard) = received(&tells);
    written.unwrap();
    assert_eq!(heard.leak().kind, Kind::Reader);
    drop(guard);
    drop(db);
    assert!(!wal.exists());
    assert!(!folder.path().join("other.db-wal").exists());
    looks(3);
}

#[test]
fn one_may_close_the_database() {
    let (told, tells) = mpsc::channel();
    let db = open(move |db, _| told.send(db.close_within(Duration::ZERO)).unwrap());
    let guard = db.reader().unwrap();
    let error = received(&tells).unwrap_err();
    assert!(matches!(error, Error::StillOpen { .. }), "{error:?}");
    drop(guard);
    assert_eq!(db.stats().connections, 0);
    looks(3);
}

/// Run in a process of its own, for the sake of its stderr.
#[test]
fn what_nobody_listens_to_is_told_in_full_on_stderr() {
    let me = concat!(module_path!(), "::what_nobody_listens_to_is_told_in_full_on_stderr");
    let me = me.split_once("::").unwrap().1;
    if let Some(path) = Process::role() {
        let options = || Options::new().leak_after(SOON);
        let db = options().open(PathBuf::from(path)).unwrap();
        let guard = db.writer().unwrap();
        looks(50);
        wait_until("it is old", || db.open_guards()[0].open_for > 2 * SOON);
        looks(3);
        guard.commit().unwrap();
        return;
    }
    let db = TestDb::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([me, "--exact", "--nocapture", "--test-threads=1"])
        .env("DB_CORE_TEST_ROLE", db.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    let place = format!("{}:", file!());
    let thread = format!("(thread {me}) on {}\n", db.path().display());
    assert_eq!(told.matches("db-core: warning:").count(), 1, "{told}");
    assert!(told.starts_with("db-core: warning: writer open for "), "{told}");
    assert!(told.contains(&place) && told.contains(&thread), "{told}");
    assert!(told.contains("\nAction:\n"), "it says what to do: {told}");
}

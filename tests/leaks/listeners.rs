//! What hears the warnings is the program's: it may panic, take its time, and use databases.

use std::panic::resume_unwind;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

const SOON: Duration = ms(30);

/// A database with an item in it, whose listener is given the database itself. It is not told
/// of what it has open itself.
fn open(listen: impl Fn(&Database) + Send + Sync + 'static) -> TestDb {
    let own = Arc::new(OnceLock::<Database>::new());
    let its = Arc::clone(&own);
    let db = TestDb::with(Options::new().leak_after(SOON).on_warning(move |warning| {
        if Some(Heard::from(warning).leak().thread.as_str()) != thread::current().name() {
            listen(its.wait());
        }
    }));
    own.set(Database::clone(&db)).unwrap();
    insert(&Connection::open(db.path()).unwrap(), "apple").unwrap();
    db
}

#[test]
fn one_that_panics_does_not_keep_others_from_being_told() {
    let heard = Arc::new(AtomicUsize::new(0));
    let panics = Arc::clone(&heard);
    let options = Options::new().leak_after(SOON).on_warning(move |warning| {
        if Heard::from(warning).leak().kind == Kind::Reader {
            panics.fetch_add(1, SeqCst);
        }
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
    let db = open(move |db| {
        let read = db.read(|r| count(r));
        let reader = db.reader().map(|guard| count(&guard).unwrap());
        told.send((read, reader, db.open_guards(), db.stats().in_use)).unwrap();
    });
    let writer = db.writer().unwrap();
    let (read, reader, guards, in_use) = received(&tells);
    assert_eq!((read.unwrap(), reader.unwrap()), (1, 1));
    assert_eq!((guards.len(), in_use), (1, 1));
    drop(writer);
    let guard = db.reader().unwrap();
    let (read, reader, guards, in_use) = received(&tells);
    assert_eq!((read.unwrap(), reader.unwrap()), (1, 1));
    assert_eq!((guards.len(), in_use), (1, 1));
    drop(guard);
    looks(3);
    assert!(tells.try_recv().is_err(), "its own reads are not open for long");
}

/// It waits for its turn behind the very guard that it was told of.
#[test]
fn one_may_write() {
    let (told, tells) = mpsc::channel();
    let db = open(move |db| {
        told.send(None).unwrap();
        told.send(Some(db.write(|w| insert(w, "noted")))).unwrap();
    });
    let guard = db.writer().unwrap();
    assert!(received(&tells).is_none());
    wait_until("it waits", || db.stats().waiting == 1);
    insert(&guard, "first").unwrap();
    guard.commit().unwrap();
    received(&tells).unwrap().unwrap();
    assert_eq!(db.names(), ["apple", "first", "noted"]);

    // And is told of others afterwards.
    let guard = db.writer().unwrap();
    assert!(received(&tells).is_none());
    drop(guard);
    received(&tells).unwrap().unwrap();
    looks(3);
    assert!(tells.try_recv().is_err());
}

/// Others are reported, and what takes too long is interrupted, all the same.
#[test]
fn one_may_take_its_time() {
    let (told, tells) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let ends = Mutex::new(ends);
    let slow = open(move |_| {
        told.send(()).unwrap();
        received(&ends.lock().unwrap());
    });
    let guard = slow.reader().unwrap();
    received(&tells);
    let ear = Ear::new();
    let options = ear.listens(Options::new().leak_after(ms(1)).write_timeout(ms(20)));
    let db = TestDb::with(options);
    timeout(db.write(|w| Ok::<_, Error>(run_endless(w)?)));
    ear.first();
    end.send(()).unwrap();
    drop(guard);
}

#[test]
fn one_may_open_and_drop_databases() {
    let (told, tells) = mpsc::channel();
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own.db"), folder.path().join("other.db"));
    let last = Arc::new(Mutex::new(None::<Database>));
    let (its, elsewhere) = (Arc::clone(&last), other.clone());
    let listen = move |warning: &Warning| {
        let heard = Heard::from(warning);
        if heard.leak().kind == Kind::Writer {
            return;
        }
        let opened = Options::new().open(&elsewhere);
        let written =
            opened.and_then(|db| db.write(|w| Ok(w.execute_batch("CREATE TABLE t (n)")?)));
        // On this thread, the last handle of all.
        drop(its.lock().unwrap().take());
        told.send(written).unwrap();
    };
    let db = Options::new().leak_after(SOON).on_warning(listen).open(&own).unwrap();
    *last.lock().unwrap() = Some(db.clone());
    db.write(|w| w.execute_batch("CREATE TABLE t (n)")).unwrap();
    let guard = db.reader().unwrap();
    let wal = folder.path().join("own.db-wal");
    assert!(wal.exists());
    wait_until("it was told", || last.lock().unwrap().is_none());
    received(&tells).unwrap();
    drop(guard);
    drop(db);
    assert!(!wal.exists());
    assert!(!folder.path().join("other.db-wal").exists());
    looks(3);
}

#[test]
fn one_may_close_the_database() {
    let (told, tells) = mpsc::channel();
    let db = open(move |db| told.send(db.close_within(Duration::ZERO)).unwrap());
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

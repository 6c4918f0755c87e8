//! Another process that uses db-core: one that holds the lock for long says in a note of
//! what it is in, and takes the note back. A note is believed only of the process that the
//! system names.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::stdin;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use db_core::{
    Database, Error, Holder, LockHolder, Options, OtherProcess, Result, SqliteLock, TheirWriter,
    WaitedFor, Writer, writer,
};

use super::common::{self, ForeignLock, Lock, PATIENCE, Process, TestDb, wait_until};
use super::outsiders::{child_for, holder_in};
use super::{ms, told};

/// Holds the lock until this process is told to go on.
#[writer]
fn import(db: &Writer) -> Result<()> {
    at_work(db)
}
pub(crate) const IMPORT: u32 = line!() - 3;

#[writer]
fn restock(db: &Writer) -> Result<()> {
    at_work(db)
}

#[writer]
fn fail(db: &Writer) -> Result<()> {
    at_work(db)?;
    Err(Error::NoGlobal)
}

#[writer]
fn panics(db: &Writer) -> Result<()> {
    at_work(db)?;
    resume_unwind(Box::new(()))
}

fn at_work(conn: &rusqlite::Connection) -> Result<()> {
    conn.execute("INSERT INTO item (name) VALUES ('theirs')", [])?;
    Process::say("neighbour: inside");
    hear();
    Ok(())
}

fn hear() -> String {
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Another process.
#[test]
fn neighbour() {
    if Process::role().is_some() {
        serve();
    }
}

/// What another process does: it holds the lock in the way that it is told, on a thread
/// named `worker-3`, until it is told to go on.
pub(crate) fn serve() {
    let path = Process::role().unwrap();
    let options = Options::new().writer_timeout(PATIENCE).busy_timeout(PATIENCE);
    let db = options.open(path).unwrap();
    loop {
        let work = || match hear().as_str() {
            "import" => import(&db).unwrap(),
            "restock" => restock(&db).unwrap(),
            "fail" => drop(fail(&db).unwrap_err()),
            "panics" => drop(catch_unwind(AssertUnwindSafe(|| panics(&db))).unwrap_err()),
            "guard" => at_work(&db.writer().unwrap()).unwrap(),
            "closure" => db.write(|w| at_work(w)).unwrap(),
            "short" => db.write(|w| w.execute("DELETE FROM item", []).map(drop)).unwrap(),
            _ => std::process::exit(0),
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("worker-3".into());
            thread.spawn_scoped(scope, work).unwrap();
        });
        Process::say("neighbour: done");
    }
}

/// Starts a [`neighbour`].
pub(crate) fn start(path: &Path) -> Process {
    Process::again("neighbours::neighbour", path)
}

/// Has a neighbour hold the lock in this way; returns when it does.
#[track_caller]
pub(crate) fn hold(neighbour: &mut Process, way: &str) {
    neighbour.tell(way);
    assert_eq!(neighbour.hear("neighbour: ").as_deref(), Some("inside"));
}

/// Returns when it has let go.
#[track_caller]
pub(crate) fn go_on(neighbour: &mut Process) {
    neighbour.tell("go on");
    assert_eq!(neighbour.hear("neighbour: ").as_deref(), Some("done"));
}

/// What is written beside the database by whoever holds the lock.
pub(crate) fn note(path: &Path) -> String {
    let mut file = path.as_os_str().to_owned();
    file.push("-writer");
    let note = String::from_utf8(fs::read(file).unwrap_or_default()).unwrap();
    note.trim().to_owned()
}

/// The process that somebody is told of who does not wait.
#[track_caller]
pub(crate) fn process_told(db: &Database) -> OtherProcess {
    match told(db, Duration::ZERO).waited_for {
        WaitedFor::Process(process) => process.expect("the system tells"),
        other => panic!("waited for {other:?}"),
    }
}

/// What is told of the process of that number, once that has left its note.
#[track_caller]
pub(crate) fn writer_told(db: &Database, id: u32) -> TheirWriter {
    wait_until("it has left its note", || {
        let process = process_told(db);
        assert_eq!(process.id, id);
        process.writer.is_some()
    });
    process_told(db).writer.unwrap()
}

#[test]
fn who_has_held_the_lock_for_long_is_named_with_its_function_and_since_when() {
    let db = TestDb::new();
    let mut neighbour = start(db.path());
    let before = SystemTime::now();
    hold(&mut neighbour, "import");
    let after = SystemTime::now();
    let theirs = writer_told(&db, neighbour.id());
    let place = format!(
        "`who_holds::neighbours::import` (tests/who_holds/neighbours.rs:{IMPORT}, thread worker-3)"
    );
    assert_eq!(theirs.place, place);
    // It looks at two clocks, and may have to wait in between.
    let slack = Duration::from_secs(2);
    assert!(theirs.since > before - slack && theirs.since < after + slack, "{theirs:?}");
    let looked = theirs.since + theirs.held_for;
    assert!(looked > after && looked <= SystemTime::now() + slack, "{theirs:?}");

    let process = process_told(&db);
    assert!(process.program.as_deref().unwrap().starts_with("who_holds"), "{process:?}");
    assert!(process.arguments.starts_with("neighbours::neighbour --exact"), "{process:?}");
    assert!(!process.stopped && !process.ended);
    let error = Error::WriterTimeout(Box::new(told(&db, Duration::ZERO)));
    let text = error.to_string();
    let who = format!("is held by process {} (`who_holds", neighbour.id());
    assert!(text.contains(&who) && text.contains(&format!(", in {place}, since ")), "{text}");

    let holders = db.lock_holders();
    let [LockHolder { process: listed, is_this, lock, .. }] = holders.writers.as_slice() else {
        panic!("{holders:?}");
    };
    let noted =
        |process: &OtherProcess| process.writer.clone().map(|writer| (writer.place, writer.since));
    assert_eq!((listed.id, noted(listed)), (process.id, noted(&process)));
    assert_eq!((*is_this, *lock), (false, SqliteLock::Write));
    go_on(&mut neighbour);
    assert!(db.lock_holders().writers.is_empty());
}

#[test]
fn a_file_that_is_not_open_here_is_told_of_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    assert!(db_core::lock_holders(&path).writers.is_empty(), "there is no such file");
    common::make_file(&path);
    assert!(db_core::lock_holders(&path).writers.is_empty());
    let mut neighbour = start(&path);
    hold(&mut neighbour, "import");
    let writer = || {
        let holders = db_core::lock_holders(&path);
        let [holder] = holders.writers.as_slice() else { panic!("{holders:?}") };
        holder.clone()
    };
    wait_until("it has left its note", || writer().process.writer.is_some());
    let holder = writer();
    assert_eq!((holder.process.id, holder.is_this), (neighbour.id(), false));
    let told = db_core::lock_holders(&path).to_string();
    let who = format!("writes: process {} (`who_holds", neighbour.id());
    assert!(told.starts_with(&who), "{told}");
    assert!(told.contains(", in `who_holds::neighbours::import` ("), "{told}");
    go_on(&mut neighbour);
    assert_eq!(db_core::lock_holders(&path).to_string(), "writes: nobody\nreads: nobody");
}

/// Guards and closures are named by their line.
#[test]
fn each_way_to_hold_the_lock_leaves_a_note_and_takes_it_back() {
    let db = TestDb::new();
    let mut neighbour = start(db.path());
    let place = |what: &str| format!("neighbours::{what}` (");
    for (way, place) in [
        ("import", place("import")),
        ("fail", place("fail")),
        ("panics", place("panics")),
        ("guard", "tests/who_holds/neighbours.rs:".into()),
        ("closure", "tests/who_holds/neighbours.rs:".into()),
    ] {
        hold(&mut neighbour, way);
        let theirs = writer_told(&db, neighbour.id());
        assert!(theirs.place.contains(&place), "{way}: {theirs:?}");
        let written = note(db.path());
        let id = format!("\n{} ", neighbour.id());
        assert!(written.contains(&id) && written.contains(&theirs.place), "{way}: {written}");
        go_on(&mut neighbour);
        // The process is still there; its note is not.
        assert_eq!(note(db.path()), "", "{way}");
        assert!(db.lock_holders().writers.is_empty(), "{way}");
        db.write(|w| w.execute("DELETE FROM item", [])).unwrap();
    }
}

#[test]
fn who_holds_the_lock_only_shortly_writes_nothing() {
    let db = TestDb::new();
    let mut neighbour = start(db.path());
    for _ in 0..20 {
        neighbour.tell("short");
        assert_eq!(neighbour.hear("neighbour: ").as_deref(), Some("done"));
        assert_eq!(note(db.path()), "");
    }
}

/// Kills a neighbour that has left its note, which stays.
fn killed(db: &TestDb) -> Process {
    let mut neighbour = start(db.path());
    hold(&mut neighbour, "import");
    writer_told(db, neighbour.id());
    neighbour.kill();
    assert!(note(db.path()).contains(&neighbour.id().to_string()));
    neighbour
}

#[test]
fn the_note_of_a_killed_process_names_nobody_who_holds_nothing() {
    let db = TestDb::new();
    let _killed = killed(&db);
    assert!(db.lock_holders().writers.is_empty());
    // The place is free, and nobody is told of.
    db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
    let guard = db.writer().unwrap();
    let holders = db.lock_holders();
    let [this] = holders.writers.as_slice() else { panic!("{holders:?}") };
    let place = &this.process.writer.as_ref().unwrap().place;
    assert!(this.is_this && !place.contains("import"), "{this:?}");
    drop(guard);
}

#[test]
fn the_note_of_a_killed_process_is_not_taken_for_another_ones() {
    let db = TestDb::new();
    let dead = killed(&db);
    // That of a program that leaves none.
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let timeout = Error::WriterTimeout(Box::new(told(&db, Duration::ZERO)));
    let Holder::Processes(named) = holder_in(timeout) else { panic!("nobody is named") };
    for holders in [named, db.lock_holders().writers] {
        let [holder] = holders.as_slice() else { panic!("{holders:?}") };
        assert_eq!(holder.process.id, child_for(db.path()));
        assert_eq!(holder.process.writer, None);
    }
    lock.release();
    // That of one which has not left its own yet.
    let mut second = start(db.path());
    hold(&mut second, "restock");
    wait_until("it has left its note", || {
        let process = process_told(&db);
        assert_eq!(process.id, second.id());
        let theirs = process.writer.as_ref();
        assert!(theirs.is_none_or(|theirs| theirs.place.contains("restock")), "{process:?}");
        theirs.is_some()
    });
    assert!(!note(db.path()).contains(&dead.id().to_string()));
    go_on(&mut second);
    assert_eq!(note(db.path()), "");
}

/// Who only reads has not opened what writers queue at.
#[test]
fn who_only_reads_is_told_what_the_writer_does() {
    let db = TestDb::new();
    db.write(|w| w.execute("DELETE FROM item", [])).unwrap();
    let (path, mut neighbour) = (db.path().to_owned(), start(db.path()));
    db.close().unwrap();
    let reads = Options::new().read_only(true).open(&path).unwrap();
    hold(&mut neighbour, "import");
    wait_until("it has left its note", || !note(&path).is_empty());
    let holders = reads.lock_holders();
    let [holder] = holders.writers.as_slice() else { panic!("{holders:?}") };
    assert_eq!(holder.process.id, neighbour.id());
    let theirs = holder.process.writer.as_ref().expect("it reads the note");
    assert!(theirs.place.contains("neighbours::import"), "{theirs:?}");
    go_on(&mut neighbour);
    assert_eq!(reads.lock_holders().writers, []);
}

/// Who waits for the other process in the front, and who waits behind that one.
#[test]
fn all_who_wait_are_told_of_the_process_and_of_each_other() {
    let db = TestDb::with(Options::new().writer_timeout(PATIENCE));
    let mut neighbour = start(db.path());
    hold(&mut neighbour, "import");
    let theirs = writer_told(&db, neighbour.id());
    thread::scope(|scope| {
        let first = thread::Builder::new().name("first".into());
        let first = first.spawn_scoped(scope, || db.writer()?.commit()).unwrap();
        let met = || told(&db, Duration::ZERO);
        wait_until("it stands at the gate", || met().queue.len() == 1);
        let behind = told(&db, ms(2));
        assert_eq!(behind.queue[0].thread, "first");
        let WaitedFor::Process(Some(process)) = behind.waited_for else { panic!("{behind:?}") };
        assert_eq!((process.id, process.writer.unwrap().since), (neighbour.id(), theirs.since));
        assert_eq!(db.stats().writer, None);
        go_on(&mut neighbour);
        first.join().unwrap().unwrap();
    });
}

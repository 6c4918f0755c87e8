//! Guarantees **one-writer** and **bounded-wait** between processes: writers of several
//! processes queue at the gate, two files beside the database.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use common::{
    ForeignLock, Lock, PATIENCE, Process, TestDb, assert_whole, make_file, names, wait_until,
};
use db_core::{
    Database, Error, Options, Result, WaitedFor, Writer, WriterTimeout, retry_on_locked, writer,
};

/// Ample for what should take no time at all.
const SOON: Duration = Duration::from_secs(3);

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
fn add_slowly(db: &Writer, name: &str) -> Result<()> {
    add(db, name)?;
    Process::say("other: inside");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    Ok(())
}

fn patient(path: &Path) -> Database {
    Options::new().writer_timeout(PATIENCE).busy_timeout(PATIENCE).open(path).unwrap()
}

/// Another process: it waits for its turn, and keeps it until it is told to go on.
#[test]
fn other() {
    let Some(path) = Process::role() else { return };
    let db = patient(Path::new(&path));
    thread::scope(|scope| {
        let slow = scope.spawn(|| add_slowly(&db, "other"));
        wait_until("it waits, or has it", || {
            db.stats().waiting == 1 || !db.open_guards().is_empty()
        });
        Process::say("other: asked");
        slow.join().unwrap().unwrap();
    });
    Process::say("other: done");
}

/// Starts [`other`], which gets its turn at once.
fn other_inside(path: &Path) -> Process {
    let other = Process::again("other", path);
    assert_eq!(other.hear("other: inside").as_deref(), Some(""));
    other
}

fn timed_out(result: Result<()>) -> WriterTimeout {
    match result {
        Err(Error::WriterTimeout(timeout)) => *timeout,
        other => panic!("no timeout: {other:?}"),
    }
}

fn names_it(timeout: &WriterTimeout, process: &Process) {
    let WaitedFor::Process(found) = &timeout.waited_for else {
        panic!("waited for {:?}", timeout.waited_for);
    };
    if cfg!(target_os = "linux") {
        let found = found.as_ref().expect("the system tells");
        assert_eq!((found.id, found.stopped), (process.id(), false));
        assert!(found.program.as_deref().is_some_and(|name| name.starts_with("one_queue")));
    }
}

#[writer(timeout = 150ms)]
fn add_soon(db: &Writer, name: &str) -> Result<()> {
    add(db, name)
}

#[test]
fn who_waits_for_another_process_is_told_which_one() {
    let db = TestDb::new();
    let mut other = other_inside(db.path());
    thread::scope(|scope| {
        let first = scope.spawn(|| db.write(|w| add(w, "first")));
        wait_until("it stands at the gate", || db.stats().locks_met == 1);
        // This one has another thread before it, and that one the process.
        let behind = timed_out(add_soon(&db, "late"));
        names_it(&behind, &other);
        other.tell("go on");
        first.join().unwrap().unwrap();
    });
    let mut other = other_inside(db.path());
    let error = add_soon(&db, "late").unwrap_err();
    let text = error.to_string();
    let who = format!("held by process {} (`one_queue", other.id());
    assert!(text.contains(&who) || cfg!(not(target_os = "linux")), "{text}");
    assert!(text.contains("`one_queue::add_soon`"), "{text}");
    assert!(error.report().contains("let the other process go on"), "{error:#}");
    names_it(&timed_out(Err(error)), &other);
    assert_eq!(timed_out(add_soon(&db, "late")).spent.outsiders, Duration::ZERO);
    other.tell("go on");
    other.ended();
    assert_eq!(db.names(), ["other", "first", "other"]);
}

#[test]
fn a_timeout_says_how_much_of_it_went_where() {
    let db = TestDb::new();
    let here = db.writer().unwrap();
    let mut other = Process::again("other", db.path());
    assert_eq!(other.hear("other: asked").as_deref(), Some(""));
    thread::scope(|scope| {
        let late = scope.spawn(|| {
            let writer = db.writer_within(Duration::from_millis(600))?;
            writer.commit()
        });
        wait_until("it waits", || db.stats().waiting == 1);
        thread::sleep(Duration::from_millis(30));
        // The other process has stood there for longer than one process keeps the gate.
        here.commit().unwrap();
        assert_eq!(other.hear("other: inside").as_deref(), Some(""));
        let late = timed_out(late.join().unwrap());
        names_it(&late, &other);
        let spent = late.spent;
        assert!(spent.threads >= Duration::from_millis(30), "{spent:?}");
        assert!(spent.processes > Duration::ZERO, "{spent:?}");
        let sum = spent.threads + spent.processes + spent.work;
        assert_eq!(sum, late.waited, "{spent:?}");
        let text = Error::WriterTimeout(Box::new(late)).to_string();
        assert!(text.contains(" behind other threads, "), "{text}");
        assert!(text.contains(" behind other processes): "), "{text}");
    });
    other.tell("go on");
    other.ended();
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 40ms)]
fn add_thrice(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[test]
fn attempts_and_their_pauses_are_accounted_for() {
    let db = TestDb::with(Options::new().busy_timeout(Duration::from_millis(30)));
    let lock = ForeignLock::take(db.path(), Lock::Writing("INSERT INTO item (name) VALUES ('x')"));
    let error = add_thrice(&db, "late").unwrap_err();
    lock.release();
    let text = error.to_string();
    let Error::Locked(locked) = error else { panic!("{error}") };
    assert_eq!(locked.attempts, 3);
    assert_eq!(locked.spent.pauses, Duration::from_millis(40 + 80));
    assert!(locked.spent.outsiders >= Duration::from_millis(3 * 30), "{:?}", locked.spent);
    assert!(locked.spent.outsiders + locked.spent.pauses <= locked.waited);
    assert!(
        text.contains(" for the lock of somebody who does not queue, 120 ms in pauses"),
        "{text}"
    );
}

#[test]
fn closing_waits_for_no_other_process() {
    let db = TestDb::new();
    let mut other = other_inside(db.path());
    timed_out(add_soon(&db, "late"));
    let closes = Instant::now();
    db.close().unwrap();
    let second = Database::open(db.path()).unwrap();
    timed_out(add_soon(&second, "late"));
    drop(second);
    assert!(closes.elapsed() < SOON, "{:?}", closes.elapsed());
    other.tell("go on");
    other.ended();
    // Neither of those who waited keeps it.
    add(&Database::open(db.path()).unwrap(), "after").unwrap();
    assert_eq!(db.names(), ["other", "after"]);
}

/// Another process, eight threads of which write all the time, until it is told to end.
#[test]
fn busy_process() {
    let Some(path) = Process::role() else { return };
    let db = patient(Path::new(&path));
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !ends.load(SeqCst) {
                    add(&db, "busy").unwrap();
                }
            });
        }
        wait_until("it writes", || db.stats().commits > 100);
        Process::say("busy: writes");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        ends.store(true, SeqCst);
    });
}

#[test]
fn a_process_of_many_threads_lets_others_in() {
    const TURNS: u32 = 50;
    let db = TestDb::with(Options::new().writer_timeout(PATIENCE));
    let mut busy = Process::again("busy_process", db.path());
    assert_eq!(busy.hear("busy: ").as_deref(), Some("writes"));
    let begun = Instant::now();
    for _ in 0..TURNS {
        add(&db, "here").unwrap();
    }
    // It keeps the gate for a millisecond; a busy machine adds its own.
    let each = begun.elapsed() / TURNS;
    assert!(each < Duration::from_millis(100), "{each:?} a turn");
    busy.tell("end");
    busy.ended();
    let names = db.names();
    assert_eq!(names.iter().filter(|name| *name == "here").count(), TURNS as usize);
    db.assert_whole();
}

fn sidecars(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| {
            let name = path.to_str().unwrap();
            name.ends_with("-next") || name.ends_with("-writer")
        })
        .collect();
    found.sort();
    found
}

#[test]
fn who_only_reads_makes_no_files_and_all_names_lead_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    make_file(&path);
    let count = |db: &Database| {
        db.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get::<_, i64>(0)))
    };
    // It is made a WAL database first, which is a write.
    drop(Database::open(&path).unwrap());
    for file in sidecars(folder.path()) {
        fs::remove_file(file).unwrap();
    }
    let db = Database::open(&path).unwrap();
    let reads = Options::new().read_only(true).open(&path).unwrap();
    assert_eq!((count(&db).unwrap(), count(&reads).unwrap()), (0, 0));
    assert!(sidecars(folder.path()).is_empty());
    drop((db, reads));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
        add(&Database::open(&link).unwrap(), "linked").unwrap();
        assert!(sidecars(elsewhere.path()).is_empty());
        let made = sidecars(folder.path());
        assert_eq!(made, ["shop.db-next", "shop.db-writer"].map(|name| folder.path().join(name)));
        for file in made {
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o660, "as the database's: {}", file.display());
        }
    }
}

/// Another process that writes, with a gate or without.
#[test]
fn writes_twenty() {
    let Some(path) = Process::role() else { return };
    let db = Options::new().on_warning(|_| ()).writer_timeout(PATIENCE).open(path).unwrap();
    (0..20).for_each(|_| add(&db, "other").unwrap());
}

#[test]
fn where_no_gate_can_be_there_is_one_warning_and_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    make_file(&path);
    fs::create_dir(folder.path().join("shop.db-next")).unwrap();
    let warnings = std::sync::Arc::new(Mutex::new(Vec::new()));
    let heard = std::sync::Arc::clone(&warnings);
    let db = Options::new()
        .on_warning(move |warning| heard.lock().unwrap().push(format!("{warning:#}")))
        .writer_timeout(PATIENCE)
        .open(&path)
        .unwrap();
    let mut other = Process::again("writes_twenty", &path);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..20).for_each(|_| add(&db, "here").unwrap()));
        }
    });
    assert!(other.ended().success());
    assert_eq!(names(&path).len(), 100);
    assert_whole(&path);
    let warnings = warnings.lock().unwrap();
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(warning.contains("shop.db can't queue: "), "{warning}");
    assert!(warning.contains("Action:"), "{warning}");
}

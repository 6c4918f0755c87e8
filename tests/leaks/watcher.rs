//! The thread that looks after what is open: asleep while nothing is, one a process, and
//! never in the way of whoever drops a database.

use std::fs;
use std::path::Path;

use super::*;

/// What the system tells of the threads of this process that have that name.
fn threads(name: &str) -> Vec<Thread> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let tasks = tasks.filter_map(|task| Thread::read(&task.ok()?.path(), name));
    tasks.collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Thread {
    /// `S` is asleep.
    state: char,
    /// How often it has gone to sleep.
    sleeps: u64,
    /// The time that it has used, in the system's ticks.
    used: u64,
}

impl Thread {
    /// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
    fn read(task: &Path, name: &str) -> Option<Self> {
        if fs::read_to_string(task.join("comm")).ok()?.trim_end() != name {
            return None;
        }
        let stat = fs::read_to_string(task.join("stat")).ok()?;
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let status = fs::read_to_string(task.join("status")).ok()?;
        let sleeps = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        Some(Self {
            state: fields[0].chars().next()?,
            sleeps: sleeps?.trim().parse().ok()?,
            used: number(11)? + number(12)?,
        })
    }
}

/// Asleep for as long as three looks would be apart, without having looked.
fn is_asleep() -> bool {
    let before = threads("db-core watch");
    thread::sleep(ms(350));
    before.len() == 1 && before == threads("db-core watch") && before[0].state == 'S'
}

/// It has looked again while this watched.
fn looks_again() -> bool {
    let sleeps = || threads("db-core watch").iter().map(|thread| thread.sleeps).sum::<u64>();
    let before = sleeps();
    let start = Instant::now();
    while start.elapsed() < ms(350) {
        if sleeps() > before + 1 {
            return true;
        }
        thread::sleep(ms(1));
    }
    false
}

/// Runs the rest of a test in a process of its own, where no other test keeps the watcher
/// awake; `false` in that process.
#[track_caller]
fn elsewhere(test: &str) -> bool {
    if Process::role().is_some() {
        return false;
    }
    let mut process = Process::again(&format!("watcher::{test}"), "child");
    let said = process.hear("done: ");
    assert!(
        process.ended().success() && said.is_some(),
        "it failed there: run it with DB_CORE_TEST_ROLE=child"
    );
    true
}

#[test]
fn it_sleeps_while_nothing_is_open() {
    if elsewhere("it_sleeps_while_nothing_is_open") {
        return;
    }
    let ear = Ear::new();
    let db = ear.open(ms(200));
    let others: Vec<_> = (0..5).map(|_| TestDb::new()).collect();
    db.write(|w| insert(w, "apple")).unwrap();
    db.read(|r| count(r)).unwrap();
    wait_until("it sleeps", is_asleep);
    let used = |name| threads(name).iter().map(|thread| thread.used).sum::<u64>();
    let before = (used("db-core watch"), used("db-core gate"));
    thread::sleep(ms(1500));
    assert!(is_asleep());
    assert_eq!((used("db-core watch"), used("db-core gate")), before);

    // Whoever opens something wakes it, every time.
    for round in 1..=3 {
        let guard = db.reader().unwrap();
        ear.number(round);
        assert!(looks_again(), "asleep over an open guard");
        drop(guard);
        wait_until("it sleeps again", is_asleep);
    }
    let guard = others[3].writer().unwrap();
    wait_until("it looks", looks_again);
    drop(guard);
    wait_until("it sleeps again", is_asleep);
    Process::say("done: ok");
}

#[test]
fn it_ends_with_the_last_database_and_begins_with_the_next() {
    if elsewhere("it_ends_with_the_last_database_and_begins_with_the_next") {
        return;
    }
    for _ in 0..2 {
        let ear = Ear::new();
        let dbs: Vec<_> = (0..10).map(|_| ear.open(ms(20))).collect();
        wait_until("it runs", || threads("db-core watch").len() == 1);
        let guards: Vec<_> = dbs.iter().map(|db| db.reader().unwrap()).collect();
        ear.number(10);
        // A thread that it starts to say something has its name for a moment.
        wait_until("it is one", || threads("db-core watch").len() == 1);
        drop(guards);
        drop(dbs);
        wait_until("it ends", || threads("db-core watch").is_empty());
    }
    // Whoever comes while it is about to end is looked after as well.
    let start = Instant::now();
    while start.elapsed() < ms(1500) {
        let ear = Ear::new();
        let db = ear.open(ms(5));
        let guard = db.writer().unwrap();
        ear.first();
        drop(guard);
        drop(db);
        thread::sleep(ms(7));
    }
    wait_until("it ends", || threads("db-core watch").is_empty());
    Process::say("done: ok");
}

/// The connections close where the database is dropped, and before that returns, whatever
/// the watcher is doing.
#[test]
fn a_dropped_database_is_closed_at_once() {
    let others: Vec<_> = (0..3).map(|_| Ear::new().open(ms(1))).collect();
    let guards: Vec<_> = others.iter().map(|db| (db.reader(), db.writer())).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let files = || {
        let names = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.ends_with("-wal") || name.ends_with("-shm"));
        names
    };
    let options = || Options::new().leak_after(ms(1)).write_timeout(ms(8)).on_warning(|_| ());
    for round in 0..300 {
        let db = options().open(&path).unwrap();
        let guard = db.reader().unwrap();
        count(&guard).unwrap();
        let _ = db.write(|w| Ok::<_, Error>(insert(w, "apple")?));
        drop(guard);
        assert_eq!(files().len(), 2);
        if round % 2 == 0 {
            drop(db);
        } else {
            // Whichever thread has the last handle.
            thread::spawn(move || drop(db)).join().unwrap();
        }
        assert_eq!(files(), [""; 0], "round {round}");
    }
    drop(guards);
}

/// Many that open and close things at once: none is forgotten by it.
#[test]
fn nobody_is_overlooked() {
    const THREADS: usize = 4;
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for round in 0..30 {
                    let ear = Ear::new();
                    let db = ear.open(ms(2));
                    let guard = db.reader().unwrap();
                    ear.first();
                    drop(guard);
                    // It may be on its way to sleep.
                    if round % 3 == 0 {
                        thread::sleep(ms(25));
                    }
                    let guard = db.writer().unwrap();
                    ear.number(2);
                    drop(guard);
                }
            });
        }
    });
}

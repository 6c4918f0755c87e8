//! A process in another pid namespace, as in another container: the system does not name it
//! here, and nobody else is named in its place.
#![cfg(target_os = "linux")]

use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use db_core::{Database, Error, Holder, Options, Unknown, WaitedFor};
use rusqlite::Connection;

use super::common::{PATIENCE, Process, TestDb, wait_until};
use super::desk::Holds;
use super::neighbours::{self, go_on, hold, note, process_told, writer_told};
use super::outsiders::children;
use super::told;

/// How a program is started in a namespace of its own, whose first process it is: as root,
/// or with a user namespace around it. `None` if that can't be.
fn jail() -> Option<&'static [&'static str]> {
    const WAYS: [&[&str]; 2] = [
        &["--pid", "--fork", "--mount-proc", "--kill-child"],
        &["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"],
    ];
    static WAY: OnceLock<Option<&[&str]>> = OnceLock::new();
    *WAY.get_or_init(|| {
        let mut why = String::new();
        for way in WAYS {
            match Command::new("unshare").args(way).arg("true").output() {
                Ok(output) if output.status.success() => return Some(way),
                Ok(output) => why = String::from_utf8_lossy(&output.stderr).into_owned(),
                Err(error) => why = error.to_string(),
            }
        }
        println!("skipped: no pid namespace can be had here: {}", why.trim());
        None
    })
}

/// In a process started by `Process::again` for `test`: goes on in a namespace of its own,
/// as its process 1.
fn in_jail(test: &str) {
    in_jail_with(test, |_option| true);
}

fn in_jail_with(test: &str, wanted: impl Fn(&str) -> bool) {
    if std::process::id() != 1 {
        let this = env::current_exe().unwrap();
        let mut command = Command::new("unshare");
        command.args(jail().unwrap().iter().filter(|option| wanted(option))).arg(this);
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
        panic!("{}", command.exec());
    }
}

/// A neighbour in a namespace of its own.
#[test]
fn jailed_neighbour() {
    if Process::role().is_some() {
        in_jail("namespaces::jailed_neighbour");
        neighbours::serve();
    }
}

/// Another program in a namespace of its own, that has the lock.
#[test]
fn jailed_program() {
    let Some(path) = Process::role() else { return };
    in_jail("namespaces::jailed_program");
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE; DELETE FROM item").unwrap();
    Process::say("jailed: inside");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    conn.execute_batch("ROLLBACK").unwrap();
    Process::say("jailed: done");
}

/// Somebody in a namespace of its own who asks for the turn, and says what it is told.
#[test]
fn jailed_waiter() {
    let Some(path) = Process::role() else { return };
    in_jail("namespaces::jailed_waiter");
    let db = Database::open(&path).unwrap();
    let mut queuer = None;
    for order in std::io::stdin().lines().map_while(Result::ok) {
        if order == "queue" {
            let started = queuer.insert(Process::again("namespaces::queuer", &path));
            assert_eq!(started.hear("queuer: ").as_deref(), Some("waits"));
        }
        let timeout = told(&db, Duration::ZERO);
        let nobody = match &timeout.waited_for {
            WaitedFor::Process(process) => process.is_none(),
            WaitedFor::OtherConnection(holder) => *holder == Holder::Unknown(Unknown::Nobody),
            _ => false,
        };
        let lists = db.lock_holders();
        let nobody = nobody && lists.is_told && lists.writers.is_empty();
        let report = Error::WriterTimeout(Box::new(timeout)).report();
        Process::say(&format!("waiter: {nobody} {}", report.replace('\n', "|")));
    }
}

/// Asks for the turn, and waits for it.
#[test]
fn queuer() {
    let Some(path) = Process::role() else { return };
    let db = Options::new().writer_timeout(PATIENCE).open(path).unwrap();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| db.writer()?.commit());
        wait_until("it is the next", || db.stats().locks_met == 1);
        Process::say("queuer: waits");
        waits.join().unwrap().unwrap();
    });
}

/// Somebody in a namespace of its own where `/proc` is the outer one's, who is held up by
/// itself.
#[test]
fn jailed_half() {
    let Some(path) = Process::role() else { return };
    in_jail_with("namespaces::jailed_half", |option| option != "--mount-proc");
    let db = Database::open(&path).unwrap();
    let own = Connection::open(path).unwrap();
    own.execute_batch("BEGIN IMMEDIATE").unwrap();
    let timeout = told(&db, Duration::ZERO);
    let holders = db.lock_holders().writers;
    assert!(holders.len() == 1 && holders[0].is_this, "{holders:?}");
    Process::say(&format!("half: {}", Error::WriterTimeout(Box::new(timeout))));
}

/// A [`jailed_waiter`].
struct Waiter(Process);

const DB_CORE: &str = "is held by another process that uses db-core; asked for by ";
const SOMEBODY: &str = "is held by another program or connection; asked for by ";

impl Waiter {
    fn start(path: &Path) -> Self {
        Self(Process::again("namespaces::jailed_waiter", path))
    }

    /// It is told that somebody has the lock, and that it can't be known who.
    #[track_caller]
    fn is_told_of_nobody(&mut self, order: &str, line: &str) {
        self.0.tell(order);
        let told = self.0.hear("waiter: ").expect("it answers");
        let (nobody, report) = told.split_once(' ').unwrap();
        let report = report.replace('|', "\n");
        assert_eq!(nobody, "true", "{report}");
        assert!(report.lines().next().unwrap().contains(line), "{report}");
        assert!(report.contains("\n  - who that is can't be known: "), "{report}");
        assert!(report.contains(" in another container "), "{report}");
        for word in ["process 1", "(`", "thread worker-3", "import"] {
            assert!(!report.contains(word), "{word} in: {report}");
        }
    }
}

/// Two containers that share a folder. The note of the one that writes is of a process 1,
/// and so is the one that waits.
#[test]
fn who_is_in_another_namespace_is_not_known() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut waiter = Waiter::start(db.path());
    let mut jailed = Process::again("namespaces::jailed_neighbour", db.path());
    hold(&mut jailed, "import");
    waiter.is_told_of_nobody("ask", DB_CORE);
    wait_until("it has left its note", || note(db.path()).contains("\n1 "));
    waiter.is_told_of_nobody("ask", DB_CORE);
    // Who is known to wait as well, and is the next, has nothing yet.
    waiter.is_told_of_nobody("queue", DB_CORE);
    waiter.is_told_of_nobody("ask", DB_CORE);
    go_on(&mut jailed);
    db.writer_within(PATIENCE).unwrap().commit().unwrap();
}

#[test]
fn another_program_in_another_namespace_is_not_known() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut waiter = Waiter::start(db.path());
    let mut jailed = Process::again("namespaces::jailed_program", db.path());
    assert_eq!(jailed.hear("jailed: ").as_deref(), Some("inside"));
    waiter.is_told_of_nobody("ask", SOMEBODY);
    jailed.tell("go on");
    assert_eq!(jailed.hear("jailed: ").as_deref(), Some("done"));
}

/// Nor is who is outside known in there.
#[test]
fn who_is_outside_is_not_known_inside() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut waiter = Waiter::start(db.path());
    std::thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        waiter.is_told_of_nobody("ask", DB_CORE);
        wait_until("it has left its note", || note(db.path()).contains("desk::import"));
        waiter.is_told_of_nobody("ask", DB_CORE);
        importer.let_go();
    });
    let own = Connection::open(db.path()).unwrap();
    own.execute_batch("BEGIN IMMEDIATE").unwrap();
    waiter.is_told_of_nobody("ask", SOMEBODY);
    own.execute_batch("ROLLBACK").unwrap();
}

/// The number here of what `unshare` has started.
fn number(jailed: &Process) -> u32 {
    let [id] = children(jailed.id()).try_into().unwrap();
    id
}

/// A process has another number in the system's table than for itself.
#[test]
fn who_is_held_up_by_itself_is_told_so_where_its_number_is_another_one() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut jailed = Process::again("namespaces::jailed_half", db.path());
    let told = jailed.hear("half: ").expect("it is told");
    assert!(told.contains("is held by a connection of this program (process "), "{told}");
    jailed.ended();
}

/// From outside one sees in: a process has another number here than for itself, and its
/// note is its own all the same.
#[test]
fn who_is_in_an_inner_namespace_is_named_with_what_it_does() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut jailed = Process::again("namespaces::jailed_neighbour", db.path());
    hold(&mut jailed, "import");
    let theirs = writer_told(&db, number(&jailed));
    assert!(theirs.place.contains("neighbours::import"), "{theirs:?}");
    let holders = db.lock_holders();
    let [holder] = holders.writers.as_slice() else { panic!("{holders:?}") };
    let since = holder.process.writer.as_ref().map(|theirs| theirs.since);
    assert_eq!((holder.process.id, since), (number(&jailed), Some(theirs.since)));
    go_on(&mut jailed);
}

/// A container that is started anew: the same program with the same number for itself.
#[test]
fn a_note_of_an_earlier_process_of_the_same_number_is_not_believed() {
    let Some(_) = jail() else { return };
    let db = TestDb::new();
    let mut jailed = Process::again("namespaces::jailed_neighbour", db.path());
    hold(&mut jailed, "import");
    writer_told(&db, number(&jailed));
    jailed.kill();
    wait_until("it has ended", || db.lock_holders().writers.is_empty());
    assert!(note(db.path()).contains("import"));

    let mut second = Process::again("namespaces::jailed_neighbour", db.path());
    hold(&mut second, "restock");
    let id = number(&second);
    wait_until("it has left its note", || {
        let process = process_told(&db);
        assert_eq!(process.id, id);
        let theirs = process.writer.as_ref();
        assert!(theirs.is_none_or(|theirs| theirs.place.contains("restock")), "{process:?}");
        theirs.is_some()
    });
    go_on(&mut second);
}

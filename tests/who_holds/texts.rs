//! The whole text of the errors that a person meets when somebody holds the lock, word by
//! word. What can't be staged everywhere is put into an error that was.

use std::path::Path;
use std::thread;

use db_core::{
    Database, Drive, Error, Holder, Locked, Options, Result, Unknown, WaitedFor, Writer,
    WriterTimeout, retry_on_locked, writer,
};
use rusqlite::Connection;

use super::common::{PATIENCE, TestDb, wait_until};
use super::desk::{ENDLESS, Holds, IMPORT};
use super::ms;
use super::words::blanked;

#[writer]
#[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
fn sell(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('sold')", [])?;
    Ok(())
}
const SELL: u32 = line!() - 4;

#[writer(timeout = 30ms)]
fn sell_soon(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('sold')", [])?;
    Ok(())
}
const SELL_SOON: u32 = line!() - 4;

const UNLOCK: &str = "

May occur if:
  - another application is using the database
  - a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core
  - the file is on a network drive that passes for a local disk, such as a shared folder of a virtual machine

Action:
  - close the other applications and try again
  - restart this one if the error stays
  - wait longer for other programs: raise the option `busy_timeout`";

const UNLOCK_IN_TIME: &str = "

May occur if:
  - another application is using the database
  - a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core
  - the file is on a network drive that passes for a local disk, such as a shared folder of a virtual machine

Action:
  - close the other applications and try again
  - restart this one if the error stays
  - give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all";

const OFF_THE_NETWORK: &str = "

May occur if:
  - another application is using the database
  - a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core

Action:
  - move the database to a local disk
  - close the other applications and try again
  - restart this one if the error stays
  - wait longer for other programs: raise the option `busy_timeout`";

const WAIT_HERE: &str = "

May indicate:
  - a long transaction: work that needs no lock was done while holding it
  - a guard that was not dropped

Action:
  - wait, and try again
  - restart the program if the same place holds the lock for ever
  - give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all";

const WAIT_FOR_PROCESS: &str = "

May indicate:
  - a long transaction in the other process: work that needs no lock was done while holding it
  - a process that is stopped, or stands in a debugger, in the middle of a write

Action:
  - wait, and try again
  - let the other process go on, or end it: the lock is free at once
  - give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all";

const NOBODY: &str = "who that is can't be known: the system names nobody who has a lock on it, so it let go meanwhile, or runs in another container or on another machine";
const SYSTEM: &str = "who that is can't be known: this system does not tell who holds a lock";
const NO_FILE: &str = "who that is can't be known without the file's name";

fn asked_by_sell() -> String {
    format!("`who_holds::texts::sell` (tests/who_holds/texts.rs:{SELL})")
}

fn asked_by_sell_soon() -> String {
    format!("asked for by `who_holds::texts::sell_soon` (tests/who_holds/texts.rs:{SELL_SOON})")
}

fn open() -> TestDb {
    TestDb::with(Options::new().busy_timeout(ms(30)).writer_timeout(PATIENCE))
}

/// What a call comes to whose every attempt meets a lock, on a local disk.
#[track_caller]
fn locked(db: &Database) -> Box<Locked> {
    match sell(db) {
        Err(Error::Locked(mut locked)) => {
            locked.drive = Drive::Local;
            locked
        }
        other => panic!("{other:?}"),
    }
}

/// What a call comes to that has only so long, on a local disk.
#[track_caller]
fn timed_out(db: &Database) -> Box<WriterTimeout> {
    match sell_soon(db) {
        Err(Error::WriterTimeout(mut timeout)) => {
            timeout.drive = Drive::Local;
            timeout
        }
        other => panic!("{other:?}"),
    }
}

/// The whole text is this, the line and what is known, with the advice.
#[track_caller]
fn reads(error: &Error, path: &Path, line: &str, known: &[&str], advice: &str) {
    let mut text = line.to_owned();
    if !known.is_empty() {
        text += "\n\nKnown:";
    }
    for known in known {
        text += &format!("\n  - {known}");
    }
    assert_eq!(blanked(error, path), text + advice);
}

/// Another program, the only one of these that no other system can name.
#[cfg(target_os = "linux")]
#[test]
fn behind_another_program() {
    use super::common::{ForeignLock, Lock};

    let db = open();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let (locked, timeout) = (Error::Locked(locked(&db)), Error::WriterTimeout(timed_out(&db)));
    lock.release();
    let who = "held by process <id> (<program>), which has the write lock";
    let sell = asked_by_sell();
    let line = format!(
        "<file> is locked by another connection: {sell} gave up after 2 attempts and <time>, {who}"
    );
    let known = ["it is free when process <id> ends its transaction, or ends"];
    reads(&locked, db.path(), &line, &known, UNLOCK);
    let line = format!(
        "could not acquire the writer lock after <time>: <file> is {who}; {}",
        asked_by_sell_soon()
    );
    reads(&timeout, db.path(), &line, &known, UNLOCK_IN_TIME);
}

/// A connection of this program; and, with that put in its place, nobody who is known.
#[test]
fn behind_nobody_who_is_known_or_this_program_itself() {
    let db = open();
    let own = Connection::open(db.path()).unwrap();
    own.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (mut locked, mut timeout) = (locked(&db), timed_out(&db));
    own.execute_batch("ROLLBACK").unwrap();
    let path = db.path();
    let sell = asked_by_sell();
    let gave_up = format!(
        "<file> is locked by another connection: {sell} gave up after 2 attempts and <time>"
    );
    let missed = "could not acquire the writer lock after <time>: <file> is held by";
    let asked_by = asked_by_sell_soon();
    if super::TELLS {
        let who = "a connection of this program (process <id>) that was opened without db-core, or left open by a database that was closed, which has the write lock";
        let known = ["it is free when that connection ends its transaction"];
        let error = Error::Locked(locked);
        reads(&error, path, &format!("{gave_up}, held by {who}"), &known, UNLOCK);
        let Error::Locked(again) = error else { unreachable!() };
        locked = again;
        let error = Error::WriterTimeout(timeout);
        reads(&error, path, &format!("{missed} {who}; {asked_by}"), &known, UNLOCK_IN_TIME);
        let Error::WriterTimeout(again) = error else { unreachable!() };
        timeout = again;
    }

    for (why, known) in
        [(Unknown::Nobody, NOBODY), (Unknown::System, SYSTEM), (Unknown::NoFile, NO_FILE)]
    {
        locked.holder = Holder::Unknown(why);
        let error = Error::Locked(locked);
        reads(&error, path, &gave_up, &[known], UNLOCK);
        let Error::Locked(again) = error else { unreachable!() };
        locked = again;
    }
    locked.drive = Drive::Network("nfs".into());
    (locked.path, locked.site) = (None, None);
    let line = "the database is locked by another connection: gave up after 2 attempts and <time>";
    let nfs = "the file is on a network drive (nfs), where locks need not work";
    reads(&Error::Locked(locked), path, line, &[NO_FILE, nfs], OFF_THE_NETWORK);

    timeout.waited_for = WaitedFor::OtherConnection(Holder::Unknown(Unknown::Nobody));
    let error = Error::WriterTimeout(timeout);
    let line = format!("{missed} another program or connection; {asked_by}");
    reads(&error, path, &line, &[NOBODY], UNLOCK_IN_TIME);

    let Error::WriterTimeout(mut timeout) = error else { unreachable!() };
    timeout.waited_for = WaitedFor::Process(None);
    let line = format!("{missed} another process that uses db-core; {asked_by}");
    let known = if super::TELLS { NOBODY } else { SYSTEM };
    let error = Error::WriterTimeout(timeout);
    reads(&error, path, &line, &[known], WAIT_FOR_PROCESS);

    let Error::WriterTimeout(mut timeout) = error else { unreachable!() };
    timeout.waited_for = WaitedFor::Queue;
    let line = format!(
        "could not acquire the writer lock after <time>: other writers were served first; {asked_by}"
    );
    reads(&Error::WriterTimeout(timeout), path, &line, &[], WAIT_HERE);
}

#[test]
fn behind_a_writer_of_this_process() {
    let db = open();
    let line = format!(
        "could not acquire the writer lock after <time>: held for <time> by \
         `who_holds::desk::import` (tests/who_holds/desk.rs:{IMPORT}, thread importer); {}",
        asked_by_sell_soon()
    );
    let since = "<file> is held since <clock> UTC";
    let reads = |known: &[&str]| {
        reads(&Error::WriterTimeout(timed_out(&db)), db.path(), &line, known, WAIT_HERE);
    };
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        reads(&[since]);
        importer.run(ENDLESS);
        wait_until("its statement is known", || db.stats().writer.unwrap().statement.is_some());
        let statement = format!("the holder is in the statement {ENDLESS}");
        reads(&[since, &statement]);

        let waits = |thread: &str| {
            let sell = asked_by_sell().replace(')', &format!(", thread {thread})"));
            format!("{sell} for <time>")
        };
        let queue = |name: &str, n| {
            let thread = thread::Builder::new().name(name.into());
            let thread = thread.spawn_scoped(scope, || sell(&*db).unwrap()).unwrap();
            wait_until("it waits", || db.stats().waiting == n);
            thread
        };
        let mut threads = vec![queue("a", 1)];
        let one = format!("1 writer waits as well: {}", waits("a"));
        reads(&[since, &statement, &one]);
        threads.extend((2..=6).zip(["b", "c", "d", "e", "f"]).map(|(n, name)| queue(name, n)));
        let told = ["a", "b", "c", "d", "e"].map(waits).join("; ");
        let all = format!("6 writers wait as well: {told}; ..");
        reads(&[since, &statement, &all]);
        importer.interrupt();
        importer.let_go();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn behind_another_process() {
    use super::neighbours::{self, IMPORT, go_on, hold, writer_told};

    let db = open();
    let mut neighbour = neighbours::start(db.path());
    hold(&mut neighbour, "import");
    writer_told(&db, neighbour.id());
    let mut timeout = timed_out(&db);
    go_on(&mut neighbour);
    let line = |doing: &str| {
        format!(
            "could not acquire the writer lock after <time>: <file> is held by \
             process <id> (<program>){doing}; {}",
            asked_by_sell_soon()
        )
    };
    let doing = format!(
        ", in `who_holds::neighbours::import` (tests/who_holds/neighbours.rs:{IMPORT}, \
         thread worker-3), since <clock> UTC (<time>)"
    );
    let stopped = ", which is stopped: `kill -CONT <id>` lets it go on";
    for (is_noted, is_stopped, doing) in [
        (true, false, doing.clone()),
        (true, true, doing + stopped),
        (false, true, stopped.into()),
        (false, false, String::new()),
    ] {
        let WaitedFor::Process(Some(process)) = &mut timeout.waited_for else { unreachable!() };
        process.stopped = is_stopped;
        if !is_noted {
            process.writer = None;
        }
        let error = Error::WriterTimeout(timeout);
        reads(&error, db.path(), &line(&doing), &[], WAIT_FOR_PROCESS);
        let Error::WriterTimeout(again) = error else { unreachable!() };
        timeout = again;
    }
}

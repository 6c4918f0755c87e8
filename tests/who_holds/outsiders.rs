//! A program that does not use db-core: named by the system's table of locks, wherever
//! somebody is told that they could not write.

use std::fs;
use std::path::Path;
use std::time::Duration;

use db_core::{
    Database, Error, Holder, JournalMode, LockHolder, LockHolders, Options, SqliteLock, Unknown,
    WaitedFor, retry_on_locked,
};
use rusqlite::Connection;

use super::common::{ForeignLock, Lock, TestDb};
use super::{TELLS, ms, told};

const WRITING: Lock<'_> = Lock::Writing("INSERT INTO item (name) VALUES ('foreign')");

/// The processes that one has started, as the system tells of each.
pub(crate) fn children(of: u32) -> Vec<u32> {
    let is_one = |id: &u32| {
        // `17 (name) S 16 ..`: behind the state is the parent.
        let stat = fs::read(format!("/proc/{id}/stat")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&stat).into_owned();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1));
        parent.is_some_and(|parent| parent.parse() == Ok(of))
    };
    let all = fs::read_dir("/proc").unwrap();
    let all = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(is_one).collect()
}

/// The process that this one has started for the file at `path`.
pub(crate) fn child_for(path: &Path) -> u32 {
    let path = path.to_str().unwrap();
    let has_path = |id: &u32| {
        let has = |name: &str| {
            let read = fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
            String::from_utf8_lossy(&read).contains(path)
        };
        has("cmdline") || has("environ")
    };
    let mut found = children(std::process::id());
    found.retain(has_path);
    let [id] = found.as_slice() else { panic!("{found:?}") };
    *id
}

/// The list is of that one process, named by its program and the beginning of its
/// arguments.
#[track_caller]
fn is_the_one(holders: &[LockHolder], id: u32, lock: SqliteLock) {
    let [holder] = holders else { panic!("{holders:?}") };
    assert_eq!((holder.process.id, holder.is_this, holder.lock), (id, false, lock));
    let exe = fs::read_link(format!("/proc/{id}/exe")).unwrap();
    let started = fs::read(format!("/proc/{id}/cmdline")).unwrap();
    let started = String::from_utf8(started).unwrap();
    let words: Vec<_> = started.split('\0').skip(1).flat_map(str::split_whitespace).collect();
    let arguments = words.join(" ");
    let cut: String = arguments.chars().take(60).collect();
    let cut = if cut == arguments { cut } else { cut + ".." };
    let process = &holder.process;
    assert_eq!(process.program.as_deref(), exe.file_name().unwrap().to_str());
    assert_eq!(process.arguments, cut);
    assert!(!process.stopped && !process.ended && process.writer.is_none(), "{process:?}");
    let told = format!("process {id} (`{} {cut}`)", process.program.as_deref().unwrap());
    assert_eq!(process.to_string(), told);
}

/// Where nobody tells, nobody is invented.
#[track_caller]
fn nobody_tells(holders: &LockHolders) {
    assert_eq!(*holders, LockHolders::default());
    assert!(!holders.is_told);
}

/// The holder that an error names, if it is [`Error::Locked`] or a timeout for somebody who
/// does not queue.
#[track_caller]
pub(crate) fn holder_in(error: Error) -> Holder {
    match error {
        Error::Locked(locked) => locked.holder,
        Error::WriterTimeout(timeout) => match timeout.waited_for {
            WaitedFor::OtherConnection(holder) => holder,
            other => panic!("waited for {other:?}"),
        },
        error => panic!("{error}"),
    }
}

/// The errors of those who meet the lock: at the deadline for the turn, after
/// `busy_timeout`, when it is opened once more, and on a connection of their own.
fn met(db: &Database, options: &Options) -> Vec<(&'static str, Error)> {
    let timeout = Error::WriterTimeout(Box::new(told(db, Duration::ZERO)));
    let locked = db.writer().map(drop).unwrap_err();
    let mut errors = vec![("in time", timeout), ("a writer", locked)];
    let own = Connection::open(db.path()).unwrap();
    own.busy_timeout(Duration::ZERO).unwrap();
    errors.push(("a bare retry", delete(&own).unwrap_err()));
    if let Err(error) = options.clone().open(db.path()) {
        errors.push(("opening", error));
    }
    errors
}

#[retry_on_locked(max_attempts = 1, idempotent)]
fn delete(conn: &Connection) -> db_core::Result<()> {
    conn.execute("DELETE FROM item", [])?;
    Ok(())
}

/// What everybody is told of a lock that another program has.
fn is_named(mode: JournalMode, lock: Lock<'_>, kind: SqliteLock) {
    let options = Options::new().journal_mode(mode).busy_timeout(ms(2));
    let db = TestDb::with(options.clone());
    let foreign = ForeignLock::take(db.path(), lock);
    let holders = db.lock_holders();
    let errors = met(&db, &options);
    if !TELLS {
        nobody_tells(&holders);
        for (what, error) in errors {
            assert!(error.report().contains("can't be known"), "{what}: {error:#}");
            assert_eq!(holder_in(error), Holder::Unknown(Unknown::System), "{what}");
        }
        return foreign.release();
    }
    let id = child_for(db.path());
    assert!(holders.is_told);
    is_the_one(&holders.writers, id, kind);
    for (what, error) in errors {
        let text = error.to_string();
        let who = format!("held by {}", holders.writers[0]);
        assert!(text.contains(&who) && text.contains(&format!("process {id} (")), "{what}: {text}");
        let Holder::Processes(named) = holder_in(error) else { panic!("{what}: {text}") };
        is_the_one(&named, id, kind);
    }
    foreign.release();
    let after = db.lock_holders();
    assert!(after.is_told && after.writers.is_empty() && after.readers.is_empty(), "{after:?}");
}

#[test]
fn a_program_that_writes_is_named() {
    is_named(JournalMode::Wal, WRITING, SqliteLock::Write);
}

#[test]
fn a_program_that_writes_with_a_rollback_journal_is_named() {
    is_named(JournalMode::Delete, WRITING, SqliteLock::Write);
}

/// In WAL mode `BEGIN EXCLUSIVE` lets others read.
#[test]
fn a_program_that_has_the_file_for_itself_is_named() {
    is_named(JournalMode::Wal, Lock::Exclusive, SqliteLock::Write);
}

#[test]
fn a_program_that_has_the_file_for_itself_with_a_rollback_journal_is_named() {
    is_named(JournalMode::Delete, Lock::Exclusive, SqliteLock::Exclusive);
}

/// What keeps the log from being reset, and with a rollback journal a commit from being
/// made.
#[test]
fn programs_that_read_are_listed() {
    for mode in [JournalMode::Wal, JournalMode::Delete] {
        let db = TestDb::with(Options::new().journal_mode(mode).busy_timeout(ms(2)));
        let foreign = ForeignLock::take(db.path(), Lock::Reading);
        let holders = db.lock_holders();
        let blocked = db.write(|w| w.execute("INSERT INTO item (name) VALUES ('a')", []));
        if TELLS {
            let id = child_for(db.path());
            assert!(holders.writers.is_empty(), "{holders:?}");
            is_the_one(&holders.readers, id, SqliteLock::Read);
        } else {
            nobody_tells(&holders);
        }
        match (mode, blocked.map_err(Error::from)) {
            (JournalMode::Wal, result) => assert_eq!(result.unwrap(), 1),
            (_, error) => {
                let holder = holder_in(error.unwrap_err());
                let named = Holder::Processes(holders.readers);
                let unknown = Holder::Unknown(Unknown::System);
                assert_eq!(holder, if TELLS { named } else { unknown });
            }
        }
        foreign.release();
        assert!(db.lock_holders().readers.is_empty());
    }
}

/// Another program that only reads is not taken for the one that writes.
#[test]
fn who_writes_and_who_reads_are_told_apart() {
    let db = TestDb::with(Options::new().busy_timeout(ms(2)));
    let reads = ForeignLock::take(db.path(), Lock::Reading);
    let reader = TELLS.then(|| child_for(db.path()));
    let writes = ForeignLock::take(db.path(), WRITING);
    let holders = db.lock_holders();
    let error = db.writer().map(drop).unwrap_err();
    let Some(reader) = reader else { return nobody_tells(&holders) };
    let [writer] = holders.writers.as_slice() else { panic!("{holders:?}") };
    assert_ne!(writer.process.id, reader);
    // Who writes has a snapshot too.
    let mut reads_too = holders.readers.clone();
    reads_too.retain(|holder| holder.process.id != writer.process.id);
    is_the_one(&reads_too, reader, SqliteLock::Read);
    assert_eq!(holder_in(error), Holder::Processes(holders.writers));
    writes.release();
    reads.release();
}

/// A bare retry knows its file, and a temporary database has none.
#[test]
fn who_has_no_file_is_told_of_nobody() {
    let other = TestDb::new();
    let conn = Connection::open("").unwrap();
    let attach = format!("ATTACH '{}' AS other", other.path().display());
    conn.execute_batch(&attach).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    let lock = ForeignLock::take(other.path(), WRITING);
    let error = delete(&conn).unwrap_err();
    lock.release();
    assert!(error.report().contains("can't be known without the file's name"), "{error:#}");
    assert_eq!(holder_in(error), Holder::Unknown(Unknown::NoFile));
}

/// The kernel tells of locks by the page, and while others come and go one may be in none.
#[cfg(target_os = "linux")]
#[test]
fn who_stays_is_named_each_time_while_others_come_and_go() {
    use std::fs::File;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::thread;

    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let id = child_for(db.path());
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..2 {
            let (db, ends) = (&db, &ends);
            scope.spawn(move || {
                let new = |n| File::create(db.beside(&format!("{thread}-{n}"))).unwrap();
                let files: Vec<_> = (0..60).map(new).collect();
                while !ends.load(Relaxed) {
                    files.iter().for_each(|file| file.lock().unwrap());
                    files.iter().for_each(|file| file.unlock().unwrap());
                }
            });
        }
        let named = |_: &i32| db.lock_holders().writers.iter().map(|one| one.process.id).eq([id]);
        let missed = (0..600).filter(|n| !named(n)).count();
        ends.store(true, Relaxed);
        assert_eq!(missed, 0);
    });
    lock.release();
}

//! This process itself: a connection of it that was opened without db-core is named as
//! that, and asking who holds a lock lets go of none.

#[cfg(target_os = "linux")]
use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::fs;
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use db_core::{
    Error, Holder, JournalMode, LockHolders, Options, Result, SqliteLock, Writer, writer,
};
use rusqlite::Connection;

use super::common::{Foreign, TestDb};
use super::outsiders::holder_in;
use super::{TELLS, ms, told};

#[writer]
fn hold(db: &Writer, then: &dyn Fn()) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('here')", [])?;
    then();
    Ok(())
}
const HOLD: u32 = line!() - 5;

const MODES: [JournalMode; 2] = [JournalMode::Wal, JournalMode::Delete];

fn options(mode: JournalMode) -> Options {
    Options::new().journal_mode(mode).busy_timeout(ms(2))
}

/// The file is locked by this process itself, in a connection that db-core has not opened.
fn locked_here(sql: &str, mode: JournalMode, lock: SqliteLock) {
    let db = TestDb::with(options(mode));
    let own = Connection::open(db.path()).unwrap();
    own.execute_batch(sql).unwrap();
    let timeout = Error::WriterTimeout(Box::new(told(&db, Duration::ZERO)));
    let locked = db.writer().map(drop).unwrap_err();
    let listed = db.lock_holders().writers;
    own.execute_batch("ROLLBACK").unwrap();
    if !TELLS {
        return assert!(locked.report().contains("can't be known"), "{locked:#}");
    }
    let id = std::process::id();
    let who = format!(
        "held by a connection of this program (process {id}) that was opened without db-core, \
         or left open by a database that was closed, which has "
    );
    for error in [timeout, locked] {
        let text = error.to_string();
        assert!(text.contains(&who), "{text}");
        let Holder::Processes(holders) = holder_in(error) else { panic!("{text}") };
        assert_eq!(holders, listed);
    }
    let [holder] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((holder.process.id, holder.is_this, holder.lock), (id, true, lock));
    assert_eq!(holder.process.writer, None);
    assert_eq!(db.lock_holders().writers, []);
}

#[test]
fn a_connection_of_this_program_without_db_core_is_named_as_that() {
    locked_here("BEGIN IMMEDIATE", JournalMode::Wal, SqliteLock::Write);
    locked_here("BEGIN IMMEDIATE", JournalMode::Delete, SqliteLock::Write);
    locked_here("BEGIN EXCLUSIVE", JournalMode::Delete, SqliteLock::Exclusive);
}

/// With a rollback journal a commit waits for readers: also for db-core's own.
#[test]
fn a_reader_of_this_program_is_not_said_to_be_without_db_core() {
    let db = TestDb::with(options(JournalMode::Delete));
    let reader = db.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    let error = hold(&*db, &|| ()).unwrap_err();
    drop(reader);
    let text = error.report();
    assert!(!text.contains("opened without db-core,"), "{text}");
    if TELLS {
        let Holder::Processes(holders) = holder_in(error) else { panic!("{text}") };
        let [holder] = holders.as_slice() else { panic!("{text}") };
        assert!(holder.is_this && holder.lock == SqliteLock::Read, "{holder:?}");
    }
}

/// Its own writer is in the list, and what it is at work on.
#[test]
fn the_list_names_the_writer_of_this_process() {
    for mode in MODES {
        let db = TestDb::with(options(mode));
        hold(&*db, &|| {
            let holders = db.lock_holders();
            if !TELLS {
                return assert!(!holders.is_told);
            }
            let [holder] = holders.writers.as_slice() else { panic!("{holders:?}") };
            assert!(holder.is_this);
            let here = thread::current().name().unwrap().to_owned();
            let place = format!("`who_holds::own::hold` ({}:{HOLD}, thread {here})", file!());
            assert_eq!(holder.process.writer.as_ref().unwrap().place, place);
            let text = holder.to_string();
            let start = format!("this program, process {} (`who_holds", std::process::id());
            assert!(text.starts_with(&start), "{text}");
            assert!(text.contains(&format!(", in {place}, since ")), "{text}");
        })
        .unwrap();
        assert_eq!(db.lock_holders().writers, []);
    }
}

/// What this process has open in a folder.
#[cfg(target_os = "linux")]
fn open_files(folder: &Path) -> BTreeSet<(u32, PathBuf)> {
    let all = fs::read_dir("/proc/self/fd").unwrap();
    let all = all.filter_map(|entry| {
        let entry = entry.ok()?;
        let number = entry.file_name().to_str()?.parse().ok()?;
        Some((number, fs::read_link(entry.path()).ok()?))
    });
    all.filter(|(_, path)| path.starts_with(folder)).collect()
}

/// The locks that this process has on the files of a database, as the kernel tells. It
/// tells by the page, and may leave one out between two; not every time.
#[cfg(target_os = "linux")]
fn locks(path: &Path) -> BTreeSet<String> {
    use std::os::unix::fs::MetadataExt;

    let files = ["", "-shm"].map(|suffix| format!("{}{suffix}", path.display()));
    let files = files.iter().filter_map(|file| fs::metadata(file).ok());
    let inodes: Vec<_> = files.map(|meta| format!(":{}", meta.ino())).collect();
    let own = std::process::id().to_string();
    // `12: POSIX ADVISORY WRITE 4711 fd:00:3145 120 120`
    let is_own = |line: &&str| {
        let words: Vec<_> = line.split_whitespace().collect();
        words[4] == own && inodes.iter().any(|inode| words[5].ends_with(inode))
    };
    let mut locks = BTreeSet::new();
    for _ in 0..8 {
        let table = fs::read_to_string("/proc/locks").unwrap();
        let own = table.lines().filter(is_own);
        locks.extend(own.map(|line| line.split_once(' ').unwrap().1.to_owned()));
    }
    locks
}

/// Asks in each way.
fn ask(db: &TestDb) {
    let holders = db.lock_holders();
    assert!(!TELLS || holders.writers[0].is_this && holders.readers[0].is_this, "{holders:?}");
    let again = db_core::lock_holders(db.path());
    let noted = |holders: &LockHolders| {
        let writers = holders.writers.iter().map(|holder| holder.process.writer.clone());
        writers.map(|writer| writer.map(|writer| writer.place)).collect::<Vec<_>>()
    };
    assert_eq!(noted(&again), noted(&holders));
    thread::scope(|scope| {
        // On another thread, as this one writes.
        scope.spawn(|| drop(told(db, Duration::ZERO))).join().unwrap();
    });
    // A second connection of this process meets the lock, and asks who has it.
    let own = Connection::open(db.path()).unwrap();
    own.busy_timeout(Duration::ZERO).unwrap();
    let busy = add_bare(&own).unwrap_err();
    assert!(busy.is_locked(), "{busy}");
    // SQLite itself keeps the locks that other connections of the process have.
    own.close().unwrap();
}

#[db_core::retry_on_locked(max_attempts = 1, idempotent)]
fn add_bare(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM item", [])?;
    Ok(())
}

/// Closing any descriptor of a file drops all POSIX locks that the process has on it: a
/// database or `-shm` file that is opened only to look would let other programs write in
/// the middle of a transaction.
#[test]
fn asking_who_holds_a_lock_lets_go_of_none() {
    for mode in MODES {
        let db = TestDb::with(options(mode));
        let mut foreign = Foreign::open(db.path());
        foreign.run("PRAGMA busy_timeout = 0").unwrap();
        let reader = db.reader().unwrap();
        let count: i64 =
            reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
        let writer = db.writer().unwrap();
        writer.execute("INSERT INTO item (name) VALUES ('here')", []).unwrap();
        // So that all that is opened once and kept has been.
        ask(&db);
        #[cfg(target_os = "linux")]
        let before = (open_files(db.path().parent().unwrap()), locks(db.path()));
        for _ in 0..200 {
            ask(&db);
        }
        #[cfg(target_os = "linux")]
        {
            let after = (open_files(db.path().parent().unwrap()), locks(db.path()));
            assert!(!before.0.is_empty() && before.1.len() >= 2, "{before:?}");
            assert_eq!(after, before);
        }
        let refused = foreign.run("BEGIN IMMEDIATE").unwrap_err();
        assert!(refused.contains("database is locked"), "{refused}");
        // The snapshot is held as well: what it reads can't be taken away.
        let count: i64 =
            reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
        drop(reader);
        writer.commit().unwrap();
        foreign.run("BEGIN IMMEDIATE").unwrap();
        foreign.run("ROLLBACK").unwrap();
    }
}

/// As above, of a database that is not open by db-core here.
#[test]
fn asking_about_a_file_lets_go_of_no_lock_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    super::common::make_file(&path);
    let own = Connection::open(&path).unwrap();
    own.execute_batch("PRAGMA journal_mode = wal; BEGIN IMMEDIATE").unwrap();
    let mut foreign = Foreign::open(&path);
    foreign.run("PRAGMA busy_timeout = 0").unwrap();
    for _ in 0..20 {
        let holders = db_core::lock_holders(&path);
        assert!(!TELLS || holders.writers[0].is_this, "{holders:?}");
    }
    let refused = foreign.run("BEGIN IMMEDIATE").unwrap_err();
    assert!(refused.contains("database is locked"), "{refused}");
}

//! The words of the errors: one line of facts, the whole text on request, and the way
//! through rusqlite's error and back.

mod common;

use std::env::temp_dir;
use std::error::Error as StdError;
use std::fs;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use common::{Kit, TestDb, quick, without_times};
use db_core::testing::Fault;
use db_core::{
    Database, Error, Invariant, JournalMode, Options, Reader, Result, Synchronous, Writer, global,
    install_global, reader, restore, retry_on_locked, writer,
};
use rusqlite::{Connection, ffi};

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
#[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
fn again(db: &Writer) -> Result<()> {
    db.execute("DELETE FROM item", [])?;
    Ok(())
}

#[writer]
fn run(db: &Writer, sql: &str) -> Result<()> {
    db.execute_batch(sql)?;
    Ok(())
}

#[reader]
fn read(db: &Reader, sql: &str) -> Result<()> {
    Ok(db.execute_batch(sql)?)
}

#[writer]
fn leak(db: &Writer, sql: &str) -> Result<()> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    rows.next()?;
    mem::forget(rows);
    mem::forget(statement);
    Ok(())
}

/// An error, what it is called, and what its whole text has to say.
struct Sample {
    name: &'static str,
    error: Error,
    words: &'static [&'static str],
}

fn sample(name: &'static str, error: Error, words: &'static [&'static str]) -> Sample {
    Sample { name, error, words }
}

const AGAIN: [&str; 5] = [
    "in a transaction that runs once only",
    "Action:",
    "retry_on_locked(idempotent)",
    "before or after",
    "on_commit",
];

const SQL: &str = "INSERT INTO item (name)\nVALUES ('a'), ('b')\nRETURNING id";

/// One of each kind, by what brings it about where a test can, else made by hand.
fn one_of_each() -> Vec<Sample> {
    let mut all = Vec::new();
    all.extend(waiting());
    all.extend(files());
    all.extend(bodies());
    all.extend(lives());
    all.extend(disk());
    all.extend(backups());
    all
}

fn waiting() -> Vec<Sample> {
    let short = Duration::from_millis(2);
    let db = TestDb::with(Options::new().busy_timeout(short).max_readers(1).reader_timeout(short));
    let outside = Connection::open(db.path()).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = again(&*db).unwrap_err();
    let other = db.writer_within(Duration::ZERO).unwrap_err();
    outside.execute_batch("ROLLBACK").unwrap();

    let (reader, writer) = (db.reader().unwrap(), db.writer().unwrap());
    let (late, crowded) = thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let late = db.writer_within(short).map(drop).unwrap_err();
            (late, db.reader().map(drop).unwrap_err())
        });
        waits.join().unwrap()
    });
    let nested = add(&*db, "apple").unwrap_err();
    let nested_read = read(&*db, "SELECT 1").unwrap_err();
    drop((reader, writer));
    let once = db.write_idempotent(&quick(2), |_w| add(&TestDb::new(), "apple"));
    // Itself declared, but in the transaction of a body that runs once.
    let joined = db.write(|w| TestDb::new().write_idempotent(&quick(2), |_w| again(w)));
    vec![
        sample(
            "Locked",
            locked,
            &[
                "May occur if:",
                "another application is using the database",
                "a connection was not closed",
                "network drive",
                "Action:",
                "try again",
                "restart",
            ],
        ),
        sample("WriterTimeout", other, &["May occur if:", "Action:", "another"]),
        sample(
            "WriterTimeout",
            late,
            &[
                "held for",
                "May indicate:",
                "a long transaction",
                "a guard that was not dropped",
                "Action:",
                "wait",
                "restart",
            ],
        ),
        sample("ReaderTimeout", crowded, &["May occur if:", "Action:", "max_readers"]),
        sample("NestedWrite", nested, &["Action:", "`&Writer`", "`db = ..`", "on_commit"]),
        sample("OnceInRetried", once.unwrap_err(), &AGAIN),
        sample("OnceInRetried", joined.unwrap_err(), &AGAIN),
        sample("NestedRead", nested_read, &["Action:", "`&Reader`", "max_readers"]),
    ]
}

fn files() -> Vec<Sample> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    fs::write(&path, "no database at all").unwrap();
    let not_one = Database::open(&path).unwrap_err();

    fs::remove_file(&path).unwrap();
    common::make_file(&path);
    let db = Database::open(&path).unwrap();
    db.write(|w| {
        for _ in 0..50 {
            add(w, &"x".repeat(1_000))?;
        }
        Ok::<_, Error>(())
    })
    .unwrap();
    db.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[8_192..20_000].fill(0x5A);
    fs::write(&path, bytes).unwrap();
    let db = Database::open(&path).unwrap();
    let damaged = read(&db, "SELECT sum(length(name)) FROM item").unwrap_err();
    drop(db);

    let db = TestDb::new();
    let read_only = Options::new().read_only(true).open(db.path()).unwrap();
    let small =
        |conn: &mut Connection| conn.query_row("PRAGMA max_page_count = 5", [], |_row| Ok(()));
    let full = Options::new().on_connect(small).open(db.path()).unwrap();
    let empty = Invariant::new("it is empty", "SELECT count(*) AS n FROM item HAVING n > 0");
    let never_filled = Options::new().check_before_commit(&[empty]).open(db.path()).unwrap();
    let migrate = |script: &str| Options::new().migrations(&[script]).open(db.path());
    let setup = Options::new().setup(|_conn| Err("no tables today".into()));
    let ahead = Connection::open(db.path()).unwrap();
    let broken = "CREATE TABLE half (\n    x\n);\nINSERT INTO nowhere\nVALUES (1)";
    let migration = migrate(broken).unwrap_err();
    ahead.pragma_update(None, "user_version", 7).unwrap();
    let future = migrate("SELECT 1").unwrap_err();
    ahead.pragma_update(None, "user_version", 0).unwrap();
    let needs = Options::new().read_only(true).migrations(&["SELECT 1"]);
    vec![
        sample(
            "Corrupt",
            damaged,
            &[
                "is damaged",
                "Recovery:",
                "restore the newest backup",
                "db-core verify --full",
                "as the last resort",
            ],
        ),
        sample("Corrupt", not_one, &["is not an SQLite database", "Action:", "check the path"]),
        sample(
            "CheckFailed",
            Options::new().schema_version(3).open(db.path()).unwrap_err(),
            &["has not passed its check", "(user_version) is 0, and should be 3", "Action:"],
        ),
        sample(
            "InvariantBroken",
            add(&never_filled, "apple").unwrap_err(),
            &["`errors::add`", "was rolled back", "\"it is empty\" is broken: n = 1", "Action:"],
        ),
        sample("Open", Database::open("").unwrap_err(), &["Action:"]),
        sample("Open", Database::open(":memory:").unwrap_err(), &["Action:"]),
        sample("Open", Database::open(folder.path()).unwrap_err(), &["Action:"]),
        sample("Open", Database::open(path.join("no.db")).unwrap_err(), &["Action:"]),
        sample(
            "JournalMode",
            Error::JournalMode { path: path.clone(), wanted: "wal", got: "delete".into() },
            &["can't have journal_mode wal", "May occur if:", "network drive", "Action:"],
        ),
        sample("ReadOnly", add(&read_only, "apple").unwrap_err(), &["Action:", "read_only"]),
        sample(
            "ReadOnly",
            Error::ReadOnly { path: path.clone(), asked: false, readable: true },
            &["can't be written", "Action:", "-wal"],
        ),
        sample(
            "Full",
            add(&full, &"x".repeat(50_000)).unwrap_err(),
            &["nothing of it is kept", "May occur if:", "the disk is full", "Action:"],
        ),
        sample(
            "Migration",
            migration,
            &["migration 1 of 1", "nowhere", "Action:", "mend the script"],
        ),
        sample(
            "Migration",
            migrate("no SQL\nat all").unwrap_err(),
            &["migration 1 of 1", "syntax error"],
        ),
        sample("SchemaVersion", future, &["schema version 7", "up to 1", "Action:"]),
        sample(
            "SchemaVersion",
            needs.open(db.path()).unwrap_err(),
            &["schema version 0", "needs 1", "Action:"],
        ),
        sample("Setup", setup.open(db.path()).unwrap_err(), &["no tables today", "Action:"]),
        sample(
            "Scratch",
            Error::Scratch {
                path: PathBuf::from("/nowhere"),
                source: io::Error::from(io::ErrorKind::PermissionDenied),
            },
            &["/nowhere", "permission denied", "Action:", "TMPDIR"],
        ),
        sample(
            "InvalidOption",
            Options::new().max_readers(0).open(db.path()).unwrap_err(),
            &["the option max_readers is 0", "leave it out"],
        ),
    ]
}

fn bodies() -> Vec<Sample> {
    let db = TestDb::new();
    let insert = "INSERT INTO item (name) VALUES ('x')";
    let gone = db.write(|w| {
        add(w, "apple")?;
        let _ignored = w.execute_batch("INSERT OR ROLLBACK INTO item VALUES (1, 'x', 0)");
        Ok::<_, Error>(())
    });
    vec![
        sample(
            "RolledBack",
            gone.unwrap_err(),
            &["nothing is kept", "May occur if:", "OR ROLLBACK", "Action:"],
        ),
        sample(
            "Refused",
            run(&*db, "COMMIT").unwrap_err(),
            &["`errors::run`", "may not run COMMIT", "Action:", "`Ok` commits"],
        ),
        sample(
            "Refused",
            run(&*db, "PRAGMA journal_mode = DELETE").unwrap_err(),
            &["PRAGMA journal_mode", "Options"],
        ),
        sample(
            "Refused",
            db.write(|w| read(w, insert)).unwrap_err(),
            &["INSERT into item", "a reader only reads"],
        ),
        sample(
            "UnfinishedStatement",
            leak(&*db, SQL).unwrap_err(),
            &["`errors::leak`", "RETURNING id", "Action:", "read all rows"],
        ),
        sample(
            "ReaderWrote",
            read(&*db, insert).unwrap_err(),
            &["`errors::read`", "it wrote", "Action:", "#[writer]"],
        ),
        sample("Sqlite", run(&*db, "SELECT x FROM nowhere").unwrap_err(), &["nowhere"]),
    ]
}

fn lives() -> Vec<Sample> {
    let db = TestDb::new();
    let guard = db.reader().unwrap();
    let still = db.close_within(Duration::ZERO).unwrap_err();
    drop(guard);
    let none = global().unwrap_err();
    // One of the two comes too late, whichever test was first.
    let mut second = install_global(Database::clone(&db));
    if second.is_ok() {
        second = install_global(Database::clone(&db));
    }
    let path = db.path().to_owned();
    vec![
        sample("StillOpen", still, &["still open", "reader open for", "Action:", "drop"]),
        sample("Closed", add(&*db, "late").unwrap_err(), &["is closed", "Database::open"]),
        sample(
            "Forked",
            Error::Forked { path, opened_by: 7, process: 8 },
            &["process 7", "process 8", "Action:", "fork"],
        ),
        sample("NoGlobal", none, &["Action:", "install_global"]),
        sample("SecondGlobal", second.unwrap_err(), &["Action:", "install it once"]),
    ]
}

/// Of a database that is open, and of its backups.
fn backups() -> Vec<Sample> {
    let quiet = |_progress| ();
    let db = TestDb::new();
    let (copy, bad) = (db.beside("copy.db"), db.beside("bad.db"));
    db.backup_to(&copy, quiet).unwrap();
    fs::write(&bad, "no database at all").unwrap();
    let to = |path: &Path| db.backup_to(path, quiet).unwrap_err();
    let back = |backup: &Path| restore(backup, db.beside("new.db"), quiet).unwrap_err();
    vec![
        sample("Backup", to(Path::new("")), &["no backup of ", "the path is empty", "Action:"]),
        sample("Backup", to(&db.beside("")), &["is a folder, not a file", "Action:"]),
        sample("Backup", to(&db.beside("no").join("copy.db")), &["does not exist", "create"]),
        sample("Backup", to(db.path()), &["the database itself", "Action:", "another file"]),
        sample(
            "Backup",
            restore(&copy, db.path(), quiet).unwrap_err(),
            &["was not restored", "is open in this process", "Action:", "end the programs"],
        ),
        sample(
            "Backup",
            back(&bad),
            &["the backup ", "bad.db is damaged", "Known:", "Action:", "an older backup"],
        ),
        sample("Backup", back(&db.beside("no.db")), &["there is no backup at ", "check the path"]),
    ]
}

/// What a disk that fails makes of commits.
fn disk() -> Vec<Sample> {
    let Kit { faults, db, .. } = Kit::with(Options::new().synchronous(Synchronous::Shared));
    add(&*db, "apple").unwrap();
    faults.inject(Fault::FailedSync.at_commit());
    let unsafe_commit = add(&*db, "pear").unwrap_err();
    let refused = add(&*db, "plum").unwrap_err();
    assert_eq!(db.names(), ["apple", "pear"]);
    vec![
        sample(
            "NotDurable",
            unsafe_commit,
            &[
                "`errors::add`",
                "has committed",
                "a fault that a test asked for",
                "Action:",
                "don't repeat",
            ],
        ),
        sample(
            "NotDurable",
            refused,
            &["takes no more writes", "`errors::add`", "was not begun", "open the database anew"],
        ),
    ]
}

/// The kind of an error, as it is called.
fn name(error: &Error) -> &'static str {
    match error {
        Error::Locked(_) => "Locked",
        Error::WriterTimeout(_) => "WriterTimeout",
        Error::ReaderTimeout(_) => "ReaderTimeout",
        Error::NotDurable(_) => "NotDurable",
        Error::Corrupt(_) => "Corrupt",
        Error::CheckFailed(_) => "CheckFailed",
        Error::InvariantBroken(_) => "InvariantBroken",
        Error::Open(_) => "Open",
        Error::JournalMode { .. } => "JournalMode",
        Error::ReadOnly { .. } => "ReadOnly",
        Error::Full(_) => "Full",
        Error::Backup(_) => "Backup",
        Error::NestedWrite(_) => "NestedWrite",
        Error::OnceInRetried(_) => "OnceInRetried",
        Error::NestedRead(_) => "NestedRead",
        Error::RolledBack { .. } => "RolledBack",
        Error::Refused(_) => "Refused",
        Error::UnfinishedStatement { .. } => "UnfinishedStatement",
        Error::ReaderWrote { .. } => "ReaderWrote",
        Error::Migration(_) => "Migration",
        Error::SchemaVersion { .. } => "SchemaVersion",
        Error::Setup(_) => "Setup",
        Error::Closed { .. } => "Closed",
        Error::StillOpen { .. } => "StillOpen",
        Error::Forked { .. } => "Forked",
        Error::NoGlobal => "NoGlobal",
        Error::SecondGlobal { .. } => "SecondGlobal",
        Error::InvalidOption { .. } => "InvalidOption",
        Error::Scratch { .. } => "Scratch",
        Error::Sqlite(_) => "Sqlite",
        _ => "a kind that this test does not know",
    }
}

/// All in one test: the global database is the process's.
#[test]
fn every_kind_is_told_in_one_line_and_in_full() {
    let all = one_of_each();
    let mut wrong = Vec::new();
    for Sample { name: expected, error, words } in all {
        assert_eq!(name(&error), expected, "{error:?}");
        let (line, report) = (error.to_string(), error.report());
        if let Some(problem) = wrong_with_line(&error, &line) {
            wrong.push(format!("{expected}: {problem} in {line:?}"));
        }
        assert_eq!(format!("{error:#}"), report);
        assert!(report.starts_with(&line), "{report}");
        for word in words {
            if !report.to_lowercase().contains(&word.to_lowercase()) {
                wrong.push(format!("{expected}: {word:?} is missing in {report:?}"));
            }
        }
        let headings = ["Known:", "May occur if:", "May indicate:", "Why:", "Action:", "Recovery:"];
        for paragraph in report.split("\n\n").skip(1) {
            let mut lines = paragraph.lines();
            assert!(headings.contains(&lines.next().unwrap()), "{report}");
            for line in lines {
                assert!(line.starts_with("  - "), "{report}");
            }
        }
        there_and_back(error);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a person has no use for.
fn wrong_with_line(error: &Error, line: &str) -> Option<String> {
    if line.trim().is_empty() {
        return Some("nothing".into());
    }
    // That one is rusqlite's text.
    if !matches!(error, Error::Sqlite(_)) && line.contains('\n') {
        return Some("more than one line".into());
    }
    let types = [
        "Error {",
        "Some(",
        "None",
        "Ok(",
        "Err(",
        "Sqlite",
        "Failure",
        "db_core::",
        "rusqlite",
        "Box",
        "PathBuf",
        "Duration",
        " { ",
        "0x",
    ];
    let text = line.replace("an SQLite database", "a database").replace("SQLite answered", "");
    // A temporary folder may have any name.
    let is_path = |word: &&str| Path::new(word.trim_start_matches('`')).starts_with(temp_dir());
    let text = text.split(' ').filter(|word| !is_path(word)).collect::<Vec<_>>().join(" ");
    types.into_iter().find(|name| text.contains(name)).map(|name| format!("the type name {name:?}"))
}

/// Through rusqlite's error, as a function that returns `rusqlite::Result` hands it
/// on, an error stays what it is.
fn there_and_back(error: Error) {
    let (kind, line, report) = (name(&error), error.to_string(), error.report());
    let from_sqlite = ["Sqlite", "Full", "Corrupt"].contains(&kind);
    let is_locked = error.is_locked();
    let theirs = rusqlite::Error::from(error);
    if !from_sqlite {
        assert_eq!(theirs.to_string(), line);
        assert_eq!(theirs.sqlite_error_code(), None, "{kind} is not SQLite's");
    }
    let ours = Error::from(theirs);
    assert_eq!(name(&ours), kind, "{ours:?}");
    assert_eq!(ours.is_locked(), is_locked, "{kind}");
    if !from_sqlite {
        assert_eq!(ours.report(), report);
    }
}

#[test]
fn what_came_from_sqlite_goes_back_as_it_came() {
    for code in [
        ffi::SQLITE_BUSY,
        ffi::SQLITE_BUSY_SNAPSHOT,
        ffi::SQLITE_CONSTRAINT_UNIQUE,
        ffi::SQLITE_FULL,
        ffi::SQLITE_CORRUPT,
        ffi::SQLITE_NOTADB,
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_INTERRUPT,
    ] {
        let theirs = || {
            let told = Some("as SQLite told it".to_owned());
            rusqlite::Error::SqliteFailure(ffi::Error::new(code), told)
        };
        let back = rusqlite::Error::from(Error::from(theirs()));
        assert_eq!(back, theirs(), "{code}");
    }
    for theirs in [rusqlite::Error::QueryReturnedNoRows, rusqlite::Error::InvalidQuery] {
        let text = theirs.to_string();
        assert_eq!(rusqlite::Error::from(Error::from(theirs)).to_string(), text);
    }
    // A conversion that failed for a reason of its own is no error of ours.
    let other = rusqlite::Error::ToSqlConversionFailure("too long".into());
    let ours = Error::from(other);
    assert!(matches!(ours, Error::Sqlite(_)), "{ours:?}");
    assert!(ours.to_string().contains("too long"));
}

#[test]
fn a_function_with_rusqlites_error_hands_ours_on() {
    #[writer]
    fn outer(db: &Writer) -> rusqlite::Result<()> {
        inner(db)
    }

    // No literal, which would be refused when compiled.
    const COMMIT: &str = "COMMIT";

    #[writer]
    fn inner(conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch(COMMIT)
    }

    let db = TestDb::new();
    let error = outer(&*db).unwrap_err();
    assert!(error.to_string().contains("may not run COMMIT"), "{error}");
    let refused = Error::from(error);
    assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
    db.close().unwrap();
    assert!(matches!(Error::from(outer(&*db).unwrap_err()), Error::Closed { .. }));
}

/// What ended a retry or a wait is final: nobody further out may take it for a lock
/// that another attempt would not meet.
#[test]
fn final_errors_show_no_code_of_sqlite() {
    fn codes(error: &(dyn StdError + 'static)) -> usize {
        let here = usize::from(error.downcast_ref::<ffi::Error>().is_some());
        here + error.source().map_or(0, codes)
    }
    let mut seen = 0;
    for Sample { error, .. } in waiting() {
        if let Error::Locked(_) | Error::WriterTimeout(_) = error {
            seen += 1;
            assert!(error.is_locked());
            assert_eq!(codes(&error), 0);
            assert_eq!(codes(&rusqlite::Error::from(error)), 0);
        }
    }
    assert_eq!(seen, 3);
}

/// The line of the function `name` in this file.
fn line_of(name: &str) -> usize {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/errors.rs"));
    let named = format!("fn {name}(");
    source.unwrap().lines().position(|line| line.starts_with(&named)).unwrap() + 1
}

#[writer]
fn import(db: &Writer, inside: impl FnOnce()) -> Result<()> {
    let _ = db;
    inside();
    Ok(())
}

#[writer(timeout = 5ms)]
fn late(db: &Writer) -> Result<()> {
    let _ = db;
    Ok(())
}

#[test]
fn a_timeout_says_who_held_the_lock_and_for_how_long() {
    let db = TestDb::new();
    let mut error = None;
    thread::scope(|scope| {
        let holder = thread::Builder::new().name("worker-3".into());
        let hold = || {
            let wait = || {
                let other = thread::scope(|scope| scope.spawn(|| late(&*db)).join());
                error = other.unwrap().err();
            };
            import(&*db, wait).unwrap();
        };
        holder.spawn_scoped(scope, hold).unwrap();
    });
    let text = without_times(&error.unwrap().to_string());
    let (import, late) = (line_of("import"), line_of("late"));
    assert_eq!(
        text,
        format!(
            "could not acquire the writer lock after <time>: held for <time> by \
             `errors::import` ({}:{import}, thread worker-3); \
             asked for by `errors::late` ({}:{late})",
            file!(),
            file!(),
        )
    );
}

#[test]
fn a_call_that_met_a_lock_says_how_long_it_waited() {
    let patience = Duration::from_millis(20);
    let options = Options::new().busy_timeout(patience).journal_mode(JournalMode::Delete);
    let db = TestDb::with(options.clone());
    let outside = Connection::open(db.path()).unwrap();
    outside.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for (what, error) in [
        ("opening", options.open(db.path()).map(drop).unwrap_err()),
        ("a guard", db.reader().map(drop).unwrap_err()),
        ("a reader", db.read(|_r| Ok::<_, Error>(())).unwrap_err()),
        ("a writer", add(&*db, "apple").unwrap_err()),
    ] {
        let Error::Locked(locked) = &error else { panic!("{what}: {error:?}") };
        assert!(locked.waited >= patience, "{what}: {error}");
        assert_eq!(locked.attempts, 1);
        assert_eq!(locked.path.as_deref(), Some(db.path()));
        assert!(error.report().contains("another application"), "{error:#}");
    }
    outside.execute_batch("ROLLBACK").unwrap();
    assert_eq!(db.stats().in_use, 0);
    add(&*db, "apple").unwrap();
}

#[test]
fn errors_go_to_other_threads_and_into_boxes() {
    fn goes_anywhere<T: StdError + Send + Sync + 'static>() {}
    goes_anywhere::<Error>();
    let boxed: Box<dyn StdError + Send + Sync> = Error::NoGlobal.into();
    assert!(boxed.downcast_ref::<Error>().is_some());
    let any = anyhow::Error::from(Error::NoGlobal);
    assert_eq!(any.to_string(), Error::NoGlobal.to_string());
    assert!(format!("{:#}", Error::NoGlobal).len() > any.to_string().len());
}

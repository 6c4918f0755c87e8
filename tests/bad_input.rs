//! Bad input gets an error of its kind that says what to do, and nothing is lost or
//! changed in the file.

mod common;

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

use common::{TestDb, make_file, names};
use db_core::{Database, Error, OpenProblem, Options, Reader, Result, Writer, reader, writer};
use rusqlite::Connection;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

/// The files in a folder and what is in them; not shown when they differ, because
/// that is much.
#[derive(PartialEq)]
struct Contents(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Contents {
    fn of(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).ok())).collect();
        all.sort();
        Self(all)
    }

    fn one(path: &Path, bytes: &[u8]) -> Self {
        Self(vec![(path.to_owned(), Some(bytes.to_vec()))])
    }

    /// Without what SQLite leaves beside a file that it may only read.
    fn without_sidecars(mut self) -> Self {
        let is_sidecar = |path: &Path| {
            let name = path.to_str().unwrap();
            name.ends_with("-wal") || name.ends_with("-shm")
        };
        self.0.retain(|(path, _)| !is_sidecar(path));
        self
    }
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = self.0.iter().map(|(path, bytes)| (path, bytes.as_ref().map(Vec::len)));
        f.debug_map().entries(sizes).finish()
    }
}

/// The whole text names `path` and says all of `words`.
#[track_caller]
fn says(error: &Error, path: &Path, words: &[&str]) {
    let text = format!("{error:#}");
    for word in words.iter().copied().chain(path.to_str()) {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(text.contains("Action:") || text.contains("Recovery:"), "{text}");
}

#[track_caller]
fn is_open(error: &Error, problem: OpenProblem) {
    assert!(matches!(error, Error::Open(open) if open.problem == problem), "{error:?}");
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

// Paths.

#[test]
fn a_folder() {
    let (folder, _path) = folder();
    let nested = folder.path().join("shop.db");
    fs::create_dir(&nested).unwrap();
    let slash = PathBuf::from(format!("{}/", nested.display()));
    for path in [folder.path(), &nested, &slash, Path::new("."), Path::new("/")] {
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = options.open(path).unwrap_err();
            is_open(&error, OpenProblem::Folder);
            says(&error, path, &["is a folder", "add the file's name"]);
        }
    }
    assert_eq!(Contents::of(folder.path()).0.len(), 1);
    assert_eq!(Contents::of(&nested).0.len(), 0);
}

#[test]
fn an_empty_path() {
    let error = Database::open("").unwrap_err();
    is_open(&error, OpenProblem::Empty);
    says(&error, Path::new(""), &["is empty", "give the path of a file"]);
}

#[test]
fn the_name_of_sqlites_memory() {
    let error = Database::open(":memory:").unwrap_err();
    is_open(&error, OpenProblem::Memory);
    says(&error, Path::new(":memory:"), &["Database::open_in_memory()"]);
    assert!(!Path::new(":memory:").exists());
}

#[test]
fn a_missing_parent_folder() {
    let (folder, path) = folder();
    make_file(&path);
    let before = Contents::of(folder.path());
    for path in [
        folder.path().join("no/shop.db"),
        folder.path().join("no/such/folder/shop.db"),
        // A file is no folder.
        path.join("shop.db"),
    ] {
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = options.open(&path).unwrap_err();
            is_open(&error, OpenProblem::NoFolder);
            let parent = path.parent().unwrap().to_str().unwrap();
            says(&error, &path, &[parent, "does not exist", "create_dir_all"]);
        }
    }
    assert_eq!(Contents::of(folder.path()), before);
}

#[test]
fn a_missing_file_that_is_only_to_be_read() {
    let (folder, path) = folder();
    for options in [Options::new().read_only(true), Options::new().create(false)] {
        let error = options.open(&path).unwrap_err();
        is_open(&error, OpenProblem::NoFile);
        says(&error, &path, &["does not exist", "check the path", "leave out"]);
    }
    assert_eq!(Contents::of(folder.path()), Contents(vec![]));
}

#[test]
fn a_path_that_no_file_can_have() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(300));
    let error = Database::open(&long).unwrap_err();
    is_open(&error, OpenProblem::Denied);
    says(&error, &long, &["could not be opened"]);

    let nul = folder.path().join("shop\0.db");
    let error = Database::open(&nul).unwrap_err();
    assert!(matches!(error, Error::Open(_)), "{error:?}");
    assert_eq!(Contents::of(folder.path()), Contents(vec![]));
}

// Permissions.

#[cfg(unix)]
mod permissions {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::{env, io};

    use super::*;

    const FOLDER: &str = "DB_CORE_TEST_FOLDER";
    /// `nobody`, on most systems; it need not exist.
    const NOBODY: u32 = 65_534;

    /// Runs `body` in an empty folder as a user for whom permissions hold. They don't
    /// for root, so then `test`, which has called this, is run by somebody else.
    fn where_permissions_hold(test: &str, body: impl FnOnce(&Path)) {
        if let Some(folder) = env::var_os(FOLDER) {
            return body(Path::new(&folder));
        }
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("work");
        fs::create_dir(&folder).unwrap();
        if !permissions_are_ignored(&outer.path().join("probe")) {
            body(&folder);
            // Or it could not be removed.
            return mode(&folder, 0o755);
        }
        match as_nobody(test, outer.path(), &folder) {
            Err(error) => println!("skipped: {test} can't be run as another user: {error}"),
            Ok(told) => {
                let text = String::from_utf8_lossy(&told.stdout);
                let errors = String::from_utf8_lossy(&told.stderr);
                assert!(told.status.success(), "{text}\n{errors}");
                assert!(text.contains("1 passed"), "{text}");
            }
        }
    }

    fn permissions_are_ignored(probe: &Path) -> bool {
        fs::write(probe, "").unwrap();
        mode(probe, 0o444);
        fs::File::options().write(true).open(probe).is_ok()
    }

    fn as_nobody(test: &str, outer: &Path, folder: &Path) -> io::Result<std::process::Output> {
        // Where the program was built, nobody may be allowed to go.
        let program = outer.join("program");
        fs::copy(env::current_exe()?, &program)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(outer, fs::Permissions::from_mode(0o755))?;
        chown(folder, Some(NOBODY), Some(NOBODY))?;
        Command::new(program)
            .args([test, "--exact", "--nocapture"])
            .env(FOLDER, folder)
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
    }

    #[track_caller]
    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A file with one item; in WAL mode it has been closed well.
    fn make(path: &Path, wal: bool) {
        make_file(path);
        if wal {
            add(&Database::open(path).unwrap(), "apple").unwrap();
        } else {
            let conn = Connection::open(path).unwrap();
            conn.execute("INSERT INTO item (name) VALUES ('apple')", []).unwrap();
        }
    }

    /// Opening it to write fails, and says so of the file and its folder.
    #[track_caller]
    fn cannot_be_written(path: &Path) -> Error {
        let folder = path.parent().unwrap();
        let before = Contents::of(folder).without_sidecars();
        let error = Database::open(path).unwrap_err();
        assert!(
            matches!(&error, Error::ReadOnly { asked: false, .. })
                || matches!(&error, Error::Open(open) if open.problem == OpenProblem::Denied)
                || matches!(&error, Error::JournalMode { .. }),
            "{error:?}"
        );
        says(&error, path, &["its folder"]);
        assert_eq!(Contents::of(folder).without_sidecars(), before);
        error
    }

    #[track_caller]
    fn can_be_read(path: &Path) {
        let folder = path.parent().unwrap();
        let before = Contents::of(folder).without_sidecars();
        let db = Options::new().read_only(true).open(path);
        let db = db.unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(count(&db).unwrap(), 1);
        drop(db);
        assert_eq!(Contents::of(folder).without_sidecars(), before);
    }

    #[test]
    fn a_read_only_file() {
        let test = "permissions::a_read_only_file";
        where_permissions_hold(test, |folder| {
            for wal in [false, true] {
                let path = folder.join(format!("wal {wal}.db"));
                make(&path, wal);
                mode(&path, 0o444);
                let error = cannot_be_written(&path);
                assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
                says(&error, &path, &["is read-only", "read_only(true)"]);
            }
            can_be_read(&folder.join("wal false.db"));
        });
    }

    #[test]
    fn a_read_only_folder() {
        let test = "permissions::a_read_only_folder";
        where_permissions_hold(test, |folder| {
            let path = folder.join("shop.db");
            make(&path, false);
            mode(folder, 0o555);
            cannot_be_written(&path);
            can_be_read(&path);
            mode(folder, 0o755);
        });
    }

    /// What the error advises has to work, or another error has to say why not.
    #[test]
    fn a_read_only_folder_with_a_file_in_wal_mode() {
        let test = "permissions::a_read_only_folder_with_a_file_in_wal_mode";
        where_permissions_hold(test, |folder| {
            let path = folder.join("shop.db");
            make(&path, true);
            mode(folder, 0o555);
            let error = cannot_be_written(&path);
            let advice = "open it with `Options::read_only(true)`";
            let advised = error.report().contains(advice);
            match Options::new().read_only(true).open(&path) {
                Ok(db) => assert_eq!(count(&db).unwrap(), 1),
                Err(second) => {
                    says(&second, &path, &["its folder"]);
                    assert!(!advised, "it can't: {second}");
                    assert!(!second.report().contains(advice), "it was: {second:#}");
                }
            }
            mode(folder, 0o755);
        });
    }

    #[test]
    fn a_new_file_in_a_read_only_folder() {
        let test = "permissions::a_new_file_in_a_read_only_folder";
        where_permissions_hold(test, |folder| {
            mode(folder, 0o555);
            let path = folder.join("shop.db");
            let error = cannot_be_written(&path);
            is_open(&error, OpenProblem::Denied);
            says(&error, &path, &["who may read and write"]);
            assert_eq!(Contents::of(folder), Contents(vec![]));
            mode(folder, 0o755);
        });
    }

    #[test]
    fn a_file_that_may_not_even_be_read() {
        let test = "permissions::a_file_that_may_not_even_be_read";
        where_permissions_hold(test, |folder| {
            let path = folder.join("shop.db");
            make(&path, true);
            mode(&path, 0o000);
            let error = cannot_be_written(&path);
            is_open(&error, OpenProblem::Denied);
            let error = Options::new().read_only(true).open(&path).unwrap_err();
            is_open(&error, OpenProblem::Denied);
            mode(&path, 0o644);
            assert_eq!(names(&path), ["apple"]);
        });
    }

    #[test]
    fn a_folder_that_may_not_be_entered() {
        let test = "permissions::a_folder_that_may_not_be_entered";
        where_permissions_hold(test, |folder| {
            let path = folder.join("shop.db");
            make(&path, true);
            mode(folder, 0o000);
            for options in
                [Options::new(), Options::new().create(false), Options::new().read_only(true)]
            {
                let error = options.open(&path).unwrap_err();
                // It exists; that it does not would be a lie.
                is_open(&error, OpenProblem::Denied);
                says(&error, &path, &["its folder"]);
            }
            mode(folder, 0o755);
            assert_eq!(names(&path), ["apple"]);
        });
    }
}

// Files.

#[test]
fn a_file_that_is_not_a_database() {
    let (folder, path) = folder();
    let text = "Dear customer,\n";
    let mut garbage = b"SQLite format 3\0".to_vec();
    garbage.extend([0xAA; 4_080]);
    // SQLite takes a file of one byte for an empty one.
    for bytes in [
        b"xy".to_vec(),
        text.as_bytes().to_vec(),
        text.repeat(1_000).into_bytes(),
        vec![0; 100],
        vec![0; 8_192],
        vec![0xFF; 5_000],
        garbage,
        b"SQLite format 2\0".repeat(300),
    ] {
        fs::write(&path, &bytes).unwrap();
        for options in [
            Options::new(),
            Options::new().read_only(true),
            Options::new().migrations(&["CREATE TABLE item (name)"]),
        ] {
            let error = options.open(&path).unwrap_err();
            let Error::Corrupt(corrupt) = &error else { panic!("{error:?}") };
            assert!(corrupt.not_a_database, "{error:?}");
            assert_eq!(corrupt.path.as_deref(), Some(&*path));
            says(&error, &path, &["is not an SQLite database", "check the path", "encrypted"]);
            assert_eq!(Contents::of(folder.path()), Contents::one(&path, &bytes));
        }
    }
}

#[test]
fn an_empty_file_is_a_database_without_tables() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    let db = Database::open(&path).unwrap();
    db.write(|w| w.execute_batch("CREATE TABLE item (id, name)")).unwrap();
    drop(db);
    assert_eq!(names(&path), [""; 0]);
}

/// A file of some thirty pages, closed well.
fn large_file(path: &Path) -> Vec<u8> {
    make_file(path);
    let db = Database::open(path).unwrap();
    db.write(|w| {
        for n in 0..300 {
            add(w, &format!("{n} {}", "x".repeat(300)))?;
        }
        Ok::<_, Error>(())
    })
    .unwrap();
    db.close().unwrap();
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.len() % 4_096, 0);
    assert!(bytes.len() > 20 * 4_096);
    bytes
}

#[test]
fn a_truncated_database() {
    let (folder, path) = folder();
    let whole = large_file(&path);
    let pages = whole.len() / 4_096;
    let lengths = [2, 15, 16, 17, 30, 50, 92, 99, 100, 101, 511, 512, 513, 1_024, 4_095]
        .into_iter()
        .chain([1, 2, pages / 2, pages - 1].map(|pages| pages * 4_096))
        .chain([4_097 + 512, whole.len() / 2 + 1, whole.len() - 4_097]);
    for length in lengths {
        let cut = &whole[..length];
        fs::write(&path, cut).unwrap();
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = match options.open(&path) {
                Err(error) => error,
                // Found at the first look into it, at the latest.
                Ok(db) => count(&db).expect_err(&format!("{length} bytes are enough")),
            };
            let Error::Corrupt(corrupt) = &error else { panic!("{length} bytes: {error:?}") };
            assert_eq!(corrupt.path.as_deref(), Some(&*path));
            let advice = if corrupt.not_a_database { "check the path" } else { "backup" };
            says(&error, &path, &[advice]);
            let left = Contents::of(folder.path()).without_sidecars();
            assert_eq!(left, Contents::one(&path, cut));
        }
    }
    // What was kept of it is still all that there was.
    fs::write(&path, &whole).unwrap();
    assert_eq!(count(&Database::open(&path).unwrap()).unwrap(), 300);
}

#[test]
fn a_database_that_is_damaged_in_the_middle() {
    let (_folder, path) = folder();
    let mut bytes = large_file(&path);
    for page in 5..15 {
        bytes[page * 4_096..][..4_096].fill(0x5A);
    }
    fs::write(&path, &bytes).unwrap();
    let db = Database::open(&path).unwrap();
    let scan = |conn: &Connection| {
        conn.query_row("SELECT sum(length(name)) FROM item", [], |row| row.get::<_, i64>(0))
    };
    #[reader]
    fn scans(db: &Reader, scan: impl Fn(&Connection) -> rusqlite::Result<i64>) -> Result<i64> {
        Ok(scan(db)?)
    }
    for error in [
        scans(&db, scan).unwrap_err(),
        db.write(|w| scans(w, scan)).unwrap_err(),
        db.write(|w| {
            w.execute("UPDATE item SET qty = qty + 1", [])?;
            Ok::<_, Error>(())
        })
        .unwrap_err(),
    ] {
        let Error::Corrupt(corrupt) = &error else { panic!("{error:?}") };
        assert!(!corrupt.not_a_database);
        says(
            &error,
            &path,
            &["is damaged", "restore the newest backup", "integrity_check", ".recover"],
        );
    }
    // Left to whoever mends it.
    drop(db);
    assert!(fs::read(&path).unwrap() == bytes);
}

// A full disk.

#[test]
fn a_full_disk() {
    let (_folder, path) = folder();
    make_file(&path);
    let full = Options::new()
        .on_connect(|conn| conn.query_row("PRAGMA max_page_count = 8", [], |_row| Ok(())));
    let db = full.clone().open(&path).unwrap();
    add(&db, "kept").unwrap();

    let fill = |w: &Writer| -> Result<()> {
        for n in 0..100 {
            add(w, &format!("{n} {}", "x".repeat(1_000)))?;
        }
        Ok(())
    };
    for _ in 0..3 {
        let error = db.write(fill).unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error:?}");
        let text = format!("{error:#}");
        for words in ["no room", "nothing of it is kept", "disk is full", "make room"] {
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(names(&path), ["kept"]);
    }
    let guard = db.writer().unwrap();
    assert!(matches!(fill(&guard), Err(Error::Full(_))));
    drop(guard);
    assert_eq!(names(&path), ["kept"]);
    add(&db, "also kept").unwrap();
    assert_eq!(names(&path), ["kept", "also kept"]);

    // As rusqlite's own error it is what it was.
    let error = db.write(|w| {
        let long = "x".repeat(100_000);
        w.execute("INSERT INTO item (name) VALUES (?1)", [long])
    });
    assert_eq!(error.unwrap_err().sqlite_error_code(), Some(rusqlite::ffi::ErrorCode::DiskFull));

    drop(db);
    let scripts = ["CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(100000))"];
    let before = fs::read(&path).unwrap();
    let error = full.migrations(&scripts).open(&path).unwrap_err();
    assert!(
        matches!(&error, Error::Migration(migration) if matches!(*migration.source, Error::Full(_))),
        "{error:?}"
    );
    assert!(fs::read(&path).unwrap() == before);
    common::assert_whole(&path);
}

#[test]
fn a_full_disk_that_the_body_ignores() {
    let db = TestDb::with(
        Options::new()
            .on_connect(|conn| conn.query_row("PRAGMA max_page_count = 8", [], |_row| Ok(()))),
    );
    let mut kept = vec!["first".to_owned()];
    let result = db.write(|w| {
        add(w, "first")?;
        for n in 0..20 {
            let name = format!("{n} {}", "x".repeat(3_000));
            if w.execute("INSERT INTO item (name) VALUES (?1)", [&name]).is_ok() {
                kept.push(name);
            }
        }
        Ok::<_, Error>(())
    });
    // Either is well: all that succeeded, or an error and nothing.
    assert!(kept.len() < 20);
    match result {
        Ok(()) => assert_eq!(db.names(), kept),
        Err(error) => {
            assert!(matches!(error, Error::RolledBack { .. }), "{error:?}");
            assert_eq!(db.names(), [""; 0]);
        }
    }
    db.assert_whole();
}

// Bodies.

#[writer]
fn add_and_run(db: &Writer, sql: &str) -> Result<()> {
    add(db, "before")?;
    db.execute_batch(sql)?;
    add(db, "after")
}

#[test]
fn a_body_that_runs_commit() {
    let db = TestDb::new();
    for (sql, statement, advice) in [
        ("COMMIT", "COMMIT", "return `Ok` to commit"),
        ("END TRANSACTION", "COMMIT", "return `Ok` to commit"),
        ("ROLLBACK", "ROLLBACK", "`Err` to roll back"),
        ("BEGIN", "BEGIN", "return `Ok` to commit"),
        ("BEGIN IMMEDIATE", "BEGIN", "return `Ok` to commit"),
        ("SAVEPOINT mine", "SAVEPOINT", "Writer::savepoint"),
        ("RELEASE db_core", "RELEASE", "Writer::savepoint"),
        ("ROLLBACK TO db_core", "ROLLBACK TO", "Writer::savepoint"),
        ("/* now */ commit;", "COMMIT", "return `Ok` to commit"),
    ] {
        let error = add_and_run(&*db, sql).unwrap_err();
        let Error::Refused(refused) = &error else { panic!("{sql}: {error:?}") };
        assert_eq!(refused.statement, statement);
        let text = format!("{error:#}");
        assert!(text.contains("`bad_input::add_and_run`"), "{text}");
        assert!(text.contains(advice), "{text}");
        assert!(text.contains("end a transaction by returning"), "{text}");
        assert_eq!(db.names(), [""; 0], "{sql}");
    }
    // The same through what rusqlite offers for it, and nested.
    for error in [
        db.write(|w| Ok::<_, Error>(w.unchecked_transaction().map(drop)?)).unwrap_err(),
        db.write(|w| add_and_run(w, "COMMIT")).unwrap_err(),
        db.write(|w| w.savepoint(|w| add_and_run(w, "COMMIT"))).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
    }
    assert_eq!(db.names(), [""; 0]);
    add(&*db, "later").unwrap();
    assert_eq!(db.names(), ["later"]);
}

#[test]
fn a_body_that_runs_commit_and_ignores_that_it_may_not() {
    for sql in ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT mine", "RELEASE db_core"] {
        let db = TestDb::new();
        db.write(|w| {
            add(w, "before")?;
            assert!(w.execute_batch(sql).is_err());
            assert_eq!(db.names(), [""; 0], "{sql} has done nothing");
            w.savepoint(|w| {
                assert!(w.execute_batch(sql).is_err());
                add(w, "nested")
            })?;
            add(w, "after")
        })
        .unwrap();
        assert_eq!(db.names(), ["before", "nested", "after"], "{sql}");

        let result = db.write(|w| {
            assert!(w.execute_batch(sql).is_err());
            add(w, "lost")?;
            Err::<(), _>(Error::NoGlobal)
        });
        assert!(matches!(result, Err(Error::NoGlobal)));
        assert_eq!(db.names().len(), 3, "{sql}");
    }
}

const RETURNING: &str = "INSERT INTO item (name) VALUES ('one'), ('two') RETURNING id";

#[test]
fn a_body_that_leaves_a_returning_statement_unfinished() {
    #[writer]
    fn leaves(db: &Writer) -> Result<i64> {
        add(db, "before")?;
        let mut statement = db.prepare(RETURNING)?;
        let mut rows = statement.query([])?;
        let id = match rows.next()? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        mem::forget(rows);
        mem::forget(statement);
        Ok(id)
    }

    let db = TestDb::new();
    let error = leaves(&*db).unwrap_err();
    let Error::UnfinishedStatement { site, sql } = &error else { panic!("{error:?}") };
    assert_eq!(sql, RETURNING);
    assert_eq!(site.function(), Some("bad_input::leaves"));
    let text = format!("{error:#}");
    for words in ["unfinished", "nothing is kept", RETURNING, "read all rows"] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(db.names(), [""; 0]);
    add(&*db, "later").unwrap();
    assert_eq!(db.names(), ["later"]);
}

#[test]
fn a_body_that_reads_only_the_first_row_of_a_returning_statement() {
    let db = TestDb::new();
    let first = db.write(|w| w.query_row(RETURNING, [], |row| row.get::<_, i64>(0)));
    assert_eq!(first, Ok(1));
    assert_eq!(db.names(), ["one", "two"], "dropped, so it is finished");
}

#[test]
fn a_body_with_sql_that_is_none() {
    let db = TestDb::new();
    for sql in ["no SQL at all", "INSERT INTO nowhere VALUES (1)", "SELECT (", ";;; x"] {
        let error = add_and_run(&*db, sql).unwrap_err();
        assert!(matches!(error, Error::Sqlite(_)), "{sql}: {error:?}");
        assert_eq!(db.names(), [""; 0], "{sql}");
        let error = db.read(|r| r.execute_batch(sql)).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(db.stats().in_use, 0);
}

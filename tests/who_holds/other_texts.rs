//! The whole text, word by word, of the errors that say what became of a file or a body,
//! and of those lists that are meant to be printed.

use std::fs;
use std::thread;

use db_core::{Database, Error, Options, Reader, Result, Writer, reader, writer};

use super::common::{PATIENCE, TestDb, make_file, wait_until, without_processes};
use super::desk::{BROWSE, ENDLESS, Holds, IMPORT};
use super::ms;
use super::words::blanked;

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row(ENDLESS, [], |row| row.get(0))?)
}
const COUNT: u32 = line!() - 3;

#[writer]
fn fill(db: &Writer) -> Result<i64> {
    db.execute("INSERT INTO item (name) VALUES ('filled')", [])?;
    Ok(db.query_row(ENDLESS, [], |row| row.get(0))?)
}
const FILL: u32 = line!() - 4;

const TOO_LONG: &str = "

May indicate:
  - a statement that reads more than it must: an index is missing
  - work that needs no database was done inside the function

Action:
  - see how the statement reads: EXPLAIN QUERY PLAN
  - do the work before or after, or in parts
  - raise the option that the error names, or leave it out";

/// The error of a call that was interrupted in its statement. Where the machine has no time
/// for it, it is interrupted before it can say in which one it is.
#[track_caller]
fn in_statement(call: &dyn Fn() -> Result<i64>) -> Error {
    let is_told = |error: &Error| match error {
        Error::BodyTimeout(timeout) => timeout.statement.is_some(),
        error => panic!("{error}"),
    };
    let mut errors = (0..100).map(|_| call().unwrap_err());
    errors.find(is_told).expect("it says so some time")
}

#[test]
fn a_body_that_took_too_long() {
    let db = TestDb::with(Options::new().read_timeout(ms(20)).write_timeout(ms(30)));
    let known = format!("\n\nKnown:\n  - it was interrupted in the statement {ENDLESS}");
    for (call, name, line, rest) in [
        (
            &(|| count(&*db)) as &dyn Fn() -> Result<i64>,
            "count",
            COUNT,
            "a reader may run for <time> (read_timeout)",
        ),
        (
            &|| fill(&*db),
            "fill",
            FILL,
            "a writer may run for <time> (write_timeout); nothing of it is kept",
        ),
    ] {
        let error = in_statement(call);
        let place = format!("`who_holds::other_texts::{name}` ({}:{line})", file!());
        let first = format!("{place} took too long: {rest}");
        assert_eq!(blanked(&error, db.path()), format!("{first}{known}{TOO_LONG}"));
        let Error::BodyTimeout(mut timeout) = error else { panic!("{error}") };
        timeout.statement = None;
        let error = Error::BodyTimeout(timeout);
        assert_eq!(blanked(&error, db.path()), format!("{first}{TOO_LONG}"));
    }
    assert_eq!(db.names(), [""; 0]);
}

fn recovery(file: &str) -> String {
    format!(
        "

May occur if:
  - the disk or its controller failed
  - the file was copied, replaced or edited while it was open
  - the `-wal` file was removed or separated from it

Recovery:
  - stop writing, and keep the file and its `-wal` as they are
  - see what is wrong: db-core verify --full {file}
  - restore the newest backup: db-core restore BACKUP {file}
  - as the last resort export what can be read and start anew: sqlite3 {file} .recover > out.sql, then sqlite3 NEW < out.sql, and see that NEW has your rows"
    )
}

fn no_database(file: &str) -> String {
    format!(
        "

May occur if:
  - the path names some other file
  - the database is encrypted

Action:
  - check the path
  - if it was one, restore the newest backup: db-core restore BACKUP {file}
  - an encrypted database needs an SQLite built with SQLCipher, and its key in the option `on_connect`"
    )
}

/// The commands can be typed as they are, also where a name has a space in it.
#[test]
fn a_damaged_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["shop.db", "the shop.db"] {
        let path = folder.path().join(name);
        make_file(&path);
        let mut bytes = fs::read(&path).unwrap();
        // All pages but the first, which says what is on them.
        bytes[4096..].fill(0x5a);
        fs::write(&path, &bytes).unwrap();
        let db = Database::open(&path).unwrap();
        let error = fill(&db).unwrap_err();
        drop(db);
        let line = "<file> is damaged: database disk image is malformed";
        let typed = match name.contains(' ') {
            true if cfg!(windows) => "\"<file>\"",
            true => "'<file>'",
            false => "<file>",
        };
        assert_eq!(blanked(&error, &path), format!("{line}{}", recovery(typed)));
        let Error::Corrupt(mut corrupt) = error else { panic!("{error}") };
        corrupt.path = None;
        let line = "the database is damaged: database disk image is malformed";
        let error = Error::Corrupt(corrupt);
        assert_eq!(blanked(&error, &path), format!("{line}{}", recovery("FILE")));

        bytes.fill(0x5a);
        fs::write(&path, &bytes).unwrap();
        let error = Database::open(&path).unwrap_err();
        let line = "<file> is not an SQLite database: file is not a database";
        assert_eq!(blanked(&error, &path), format!("{line}{}", no_database(typed)));
    }
}

/// What is open, with all that is known of it in one sentence.
#[test]
fn a_list_of_what_is_open() {
    let db = TestDb::with(Options::new().writer_timeout(PATIENCE));
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        let browser = Holds::browse(scope, &db, "browser");
        importer.run(ENDLESS);
        wait_until("its statement is known", || db.stats().writer.unwrap().statement.is_some());
        let seller = thread::Builder::new().name("seller".into());
        let line = line!() + 1;
        let sells = || db.write(|w| w.execute("DELETE FROM item", [])).unwrap();
        let seller = seller.spawn_scoped(scope, sells).unwrap();
        wait_until("it waits", || db.stats().waiting == 1);
        let list = db.open_guards();
        let list = list.iter().map(|guard| without_processes(&format!("{guard:#}")));
        let desk = "tests/who_holds/desk.rs";
        let writer = format!(
            "writer open for <time>, since <clock> UTC, by `who_holds::desk::import` \
             ({desk}:{IMPORT}, thread importer), in the statement {ENDLESS}; \
             behind it waits {}:{line} (thread seller) for <time>",
            file!()
        );
        let reader = format!(
            "reader open for <time>, since <clock> UTC, by `who_holds::desk::browse` \
             ({desk}:{BROWSE}, thread browser)"
        );
        assert_eq!(list.collect::<Vec<_>>(), [writer, reader]);
        importer.interrupt();
        importer.let_go();
        browser.let_go();
        assert_eq!(seller.join().unwrap(), 1);
    });
}

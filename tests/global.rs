//! The one database of the whole program. It is the process's, so there is one test,
//! in sequence.

mod common;

use common::TestDb;
use db_core::{
    Database, Error, Reader, Result, Writer, global, install_global, reader, retry_on_locked,
    writer,
};

#[writer(db = global()?)]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer(db = global()?)]
#[retry_on_locked(idempotent)]
fn rename(db: &Writer, name: &str) -> rusqlite::Result<usize> {
    db.execute("UPDATE item SET name = ?1", [name])
}

#[reader(db = global()?)]
fn count(db: &Reader) -> anyhow::Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[test]
fn the_global_database_is_installed_once() {
    // Not yet.
    let error = global().unwrap_err();
    assert!(matches!(error, Error::NoGlobal), "{error:?}");
    assert!(error.report().contains("install_global"), "{error:#}");
    assert!(matches!(add("early"), Err(Error::NoGlobal)));
    let error = rename("early").unwrap_err();
    assert!(matches!(Error::from(error), Error::NoGlobal));
    assert!(count().unwrap_err().downcast_ref::<Error>().is_some());

    // Many at once: one of them is it, and all see the same.
    let databases: Vec<TestDb> = (0..4).map(|_| TestDb::new()).collect();
    let results: Vec<Result<()>> = std::thread::scope(|scope| {
        let install = |db: &TestDb| {
            let db = Database::clone(db);
            scope.spawn(move || install_global(db))
        };
        let threads: Vec<_> = databases.iter().map(install).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let first = results.iter().position(Result::is_ok).unwrap();
    let installed = databases[first].path();
    for (at, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_eq!(at, first, "only one"),
            Err(Error::SecondGlobal { installed: path }) => assert_eq!(path, installed),
            Err(error) => panic!("{error:?}"),
        }
    }

    // It works, on all threads.
    add("apple").unwrap();
    std::thread::spawn(|| add("pear").unwrap()).join().unwrap();
    assert_eq!(count().unwrap(), 2);
    assert_eq!(rename("fig").unwrap(), 2);
    assert_eq!(databases[first].names(), ["fig", "fig"]);
    assert_eq!(global().unwrap().path(), installed);

    // A second one is refused, and the first one stays.
    let error = install_global(Database::clone(&databases[first])).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(installed.to_str().unwrap()), "{text}");
    assert!(error.report().contains("install it once"), "{error:#}");
    add("plum").unwrap();
    assert_eq!(databases[first].names(), ["fig", "fig", "plum"]);

    // Closed it is for all.
    global().unwrap().close().unwrap();
    assert!(matches!(add("late"), Err(Error::Closed { .. })));
}

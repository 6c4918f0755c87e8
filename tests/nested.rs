//! What a call joins, as the table of the design has it: a reader its caller's
//! snapshot, a writer its caller's transaction, by a savepoint; and all the ways to
//! hand the database over.

mod common;

use std::cell::Cell;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use common::{TestDb, quick};
use db_core::effect::{Effect, Idempotent, Once};
use db_core::{
    Database, Error, Options, ReadFrom, Reader, Result, WriteTo, Writer, global, install_global,
    reader, retry_on_locked, writer,
};
use rusqlite::{Connection, OptionalExtension};

#[reader]
fn names(db: &Reader) -> Result<Vec<String>> {
    let mut all = db.prepare_cached("SELECT name FROM item ORDER BY id")?;
    let rows = all.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[reader]
fn has(db: &Reader, name: &str) -> Result<bool> {
    Ok(names(db)?.iter().any(|known| known == name))
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms)]
fn ensure(db: &Writer, name: &str) -> Result<()> {
    if !has(db, name)? {
        db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    }
    Ok(())
}

#[writer]
fn add_and_fail(db: &Writer, name: &str) -> Result<()> {
    add(db, name)?;
    Err(Error::NoGlobal)
}

fn failed(result: Result<()>) {
    assert!(matches!(result, Err(Error::NoGlobal)), "{result:?}");
}

fn database() -> Database {
    Options::new()
        .migrations(&["CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"])
        .open_in_memory()
        .unwrap()
}

// The table.

#[test]
fn a_reader_takes_a_database_a_reader_or_any_writer() -> Result<()> {
    let db = TestDb::new();
    add(&*db, "apple")?;
    assert!(has(&*db, "apple")?);
    db.read(|r| {
        assert!(has(r, "apple")?);
        Ok::<_, Error>(())
    })?;
    db.write(|w| {
        assert!(has(w, "apple")?);
        Ok::<_, Error>(())
    })?;
    db.write_idempotent(&quick(2), |w| {
        assert!(has(w, "apple")?);
        Ok::<_, Error>(())
    })?;
    assert!(has(&db.reader()?, "apple")?);
    assert!(has(&db.writer()?, "apple")?);
    Ok(())
}

#[test]
fn a_reader_in_a_writer_sees_its_writes_and_nobody_else_does() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        assert!(has(w, "apple")?);
        assert!(!has(&*db, "apple")?, "the database itself is outside");
        w.savepoint(|w| {
            add(w, "pear")?;
            assert_eq!(names(w)?, ["apple", "pear"]);
            Ok::<_, Error>(())
        })
    })?;
    db.write_idempotent(&quick(2), |w| {
        ensure(w, "fig")?;
        assert!(has(w, "fig")?);
        Ok::<_, Error>(())
    })?;
    assert_eq!(names(&*db)?, ["apple", "pear", "fig"]);
    Ok(())
}

#[test]
fn a_writer_joins_the_writer_that_calls_it() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        ensure(w, "pear")?;
        assert_eq!(db.names(), [""; 0], "nothing is committed yet");
        Ok::<_, Error>(())
    })?;
    assert_eq!(db.names(), ["apple", "pear"]);
    assert_eq!(db.stats().commits, 1);

    db.write_idempotent(&quick(2), |w| {
        ensure(w, "fig")?;
        ensure(w, "plum")
    })?;
    assert_eq!(db.stats().commits, 2);

    failed(db.write(|w| {
        add(w, "lost")?;
        ensure(w, "lost too")?;
        Err(Error::NoGlobal)
    }));
    assert_eq!(db.names(), ["apple", "pear", "fig", "plum"]);
    assert_eq!(db.stats().commits, 2);
    Ok(())
}

#[test]
fn a_nested_writer_that_fails_undoes_only_itself() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "before")?;
        failed(add_and_fail(w, "lost"));
        assert_eq!(names(w)?, ["before"]);
        let broken = w.savepoint(|w| -> rusqlite::Result<()> {
            w.execute("UPDATE item SET name = 'changed'", [])?;
            w.execute("DELETE FROM item", [])?;
            w.execute_batch("CREATE TABLE lost (x)")?;
            w.execute("INSERT INTO nowhere VALUES (1)", [])?;
            Ok(())
        });
        assert!(broken.unwrap_err().to_string().contains("nowhere"));
        add(w, "after")
    })?;
    assert_eq!(db.names(), ["before", "after"]);
    let lost = |r: &Reader| r.query_row("SELECT 1 FROM lost", [], |_row| Ok(()));
    assert!(db.read(lost).is_err(), "the table as well");
    Ok(())
}

#[test]
fn three_levels_fail_and_succeed_each_for_itself() -> Result<()> {
    #[writer]
    fn first(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "1")?;
        let second = second(db, fails);
        assert_eq!(second.is_err(), fails.contains(&"2"));
        add(db, "1 end")?;
        if fails.contains(&"1") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    #[writer]
    fn second(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "2")?;
        let third = db.savepoint(|w| third(w, fails));
        assert_eq!(third.is_err(), fails.contains(&"3"));
        add(db, "2 end")?;
        if fails.contains(&"2") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    #[writer]
    fn third(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "3")?;
        if fails.contains(&"3") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &["1", "2", "3", "2 end", "1 end"]),
        (&["3"], &["1", "2", "2 end", "1 end"]),
        (&["2"], &["1", "1 end"]),
        (&["2", "3"], &["1", "1 end"]),
        (&["1"], &[]),
        (&["1", "2", "3"], &[]),
    ];
    for (fails, expected) in cases {
        let db = TestDb::new();
        assert_eq!(first(&*db, fails).is_err(), fails.contains(&"1"));
        assert_eq!(db.names(), expected, "{fails:?} fail");
    }
    Ok(())
}

#[test]
fn a_savepoint_may_be_one_of_many() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        for round in 0..100 {
            let result = w.savepoint(|w| {
                add(w, &round.to_string())?;
                if round % 3 == 0 { Ok(()) } else { Err(Error::NoGlobal) }
            });
            assert_eq!(result.is_ok(), round % 3 == 0);
        }
        // And as deep as one likes.
        fn deeper(w: &Writer, levels: u32) -> Result<()> {
            if levels == 0 {
                return add(w, "bottom");
            }
            w.savepoint(|w| deeper(w, levels - 1))
        }
        deeper(w, 40)
    })?;
    let names = db.names();
    assert_eq!(names.len(), 35);
    assert_eq!(names.last().unwrap(), "bottom");
    Ok(())
}

#[test]
fn a_writer_inside_a_writer_through_the_database_is_refused_at_once() {
    let db = TestDb::new();
    let error = db
        .write(|w| {
            add(w, "apple")?;
            add(&*db, "pear")
        })
        .unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");

    let guard = db.writer().unwrap();
    for error in [
        add(&*db, "pear").unwrap_err(),
        db.writer().map(drop).unwrap_err(),
        ensure(&*db, "pear").unwrap_err(),
    ] {
        let Error::NestedWrite(nested) = &error else { panic!("{error:?}") };
        assert!(nested.outer.file().ends_with("nested.rs"));
    }
    add(&guard, "fig").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.names(), ["fig"]);
}

#[test]
fn a_once_only_writer_in_a_body_that_may_run_again_is_refused_at_once() {
    let (db, other) = (TestDb::new(), TestDb::new());
    // Types see this with the `&Writer`; a captured database only shows when it runs.
    let error = db.write_idempotent(&quick(3), |_w| add(&*other, "apple")).unwrap_err();
    let Error::OnceInRetried(again) = &error else { panic!("{error:?}") };
    assert_eq!(again.inner.function(), Some("nested::add"));
    assert_eq!(again.outer.function(), None);

    #[reader]
    #[retry_on_locked(max_attempts = 2)]
    fn retried_reader(db: &Reader, other: &Database) -> Result<()> {
        let _ = db;
        add(other, "apple")
    }
    let error = retried_reader(&*db, &db).unwrap_err();
    assert!(matches!(error, Error::OnceInRetried(_)), "{error:?}");

    // One that may run again as well is no harm in another database.
    db.write_idempotent(&quick(3), |_w| ensure(&*other, "pear")).unwrap();
    assert_eq!(other.names(), ["pear"]);
    assert_eq!(db.names(), [""; 0]);
}

#[test]
fn two_databases_are_written_one_inside_the_other() -> Result<()> {
    let (db, other) = (TestDb::new(), TestDb::new());
    db.write(|w| {
        add(w, "outer")?;
        add(&*other, "inner")?;
        // Committed on its own, whatever becomes of the outer one.
        assert_eq!(other.names(), ["inner"]);
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    assert_eq!(db.names(), [""; 0]);
    assert_eq!(other.names(), ["inner"]);
    Ok(())
}

// Guards.

#[test]
fn guards_are_passed_to_annotated_functions() -> Result<()> {
    let db = TestDb::new();
    let writer = db.writer()?;
    add(&writer, "apple")?;
    ensure(&writer, "apple")?;
    failed(add_and_fail(&writer, "lost"));
    assert_eq!(names(&writer)?, ["apple"]);
    writer.savepoint(|w| add(w, "pear"))?;
    let reader = db.reader()?;
    assert_eq!(names(&reader)?, [""; 0]);
    writer.commit()?;
    assert_eq!(names(&reader)?, [""; 0], "its moment is that of the first read");
    assert_eq!(names(&db.reader()?)?, ["apple", "pear"]);
    Ok(())
}

// What derefs to a database.

struct Shop {
    db: Database,
}

impl Deref for Shop {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.db
    }
}

static LAZY: LazyLock<Database> = LazyLock::new(database);

#[test]
fn whatever_derefs_to_a_database_is_one() -> Result<()> {
    let shared = Arc::new(database());
    add(&shared, "arc")?;
    ensure(&shared, "arc")?;
    assert_eq!(names(&shared)?, ["arc"]);

    add(&LAZY, "lazy")?;
    ensure(&LAZY, "lazy")?;
    assert!(has(&LAZY, "lazy")?);

    let shop = Shop { db: database() };
    add(&shop, "newtype")?;
    ensure(&shop, "newtype")?;
    assert_eq!(names(&shop)?, ["newtype"]);

    let boxed = Box::new(database());
    add(&boxed, "box")?;
    assert_eq!(names(&boxed)?, ["box"]);

    let borrowed = &shop.db;
    add(&borrowed, "reference")?;
    assert_eq!(names(&borrowed)?, ["newtype", "reference"]);

    let clone = shop.db.clone();
    add(&clone, "clone")?;
    assert_eq!(names(&shop)?, ["newtype", "reference", "clone"]);
    Ok(())
}

#[test]
fn a_shared_database_goes_to_other_threads() -> Result<()> {
    let shared = Arc::new(database());
    let threads: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let db = Arc::clone(&shared);
            std::thread::spawn(move || add(&db, name))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap()?;
    }
    let mut all = names(&shared)?;
    all.sort();
    assert_eq!(all, ["a", "b", "c"]);
    Ok(())
}

// `db = ..`: callers pass nothing.

impl Shop {
    #[writer(db = self.db)]
    fn add_here(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, name)?;
        Ok(())
    }

    #[writer(db = &self.db)]
    #[retry_on_locked(idempotent)]
    fn ensure_here(&self, db: &Writer, name: String) -> Result<usize> {
        ensure(db, &name)?;
        Ok(names(db)?.len())
    }

    #[reader(db = *self)]
    fn names_here(&self, db: &Reader) -> Result<Vec<String>> {
        names(db)
    }
}

#[writer(db = LAZY)]
fn add_to_static(db: &Writer, name: &str) -> Result<()> {
    add(db, name)
}

#[reader(db = *LAZY)]
fn in_static(db: &Reader, name: &str) -> Result<bool> {
    has(db, name)
}

#[writer(db = global()?)]
fn add_to_global(db: &Writer, name: &str) -> Result<()> {
    add(db, name)
}

#[reader(db = global()?)]
fn in_global(db: &Reader) -> Result<Vec<String>> {
    names(db)
}

#[test]
fn the_database_may_be_named_in_the_attribute() -> Result<()> {
    let shop = Shop { db: database() };
    shop.add_here("apple")?;
    assert_eq!(shop.ensure_here("apple".to_owned())?, 1);
    assert_eq!(shop.ensure_here("pear".to_owned())?, 2);
    assert_eq!(shop.names_here()?, ["apple", "pear"]);

    add_to_static("static")?;
    assert!(in_static("static")?);
    assert!(!in_static("other")?);

    let missing = add_to_global("too early").unwrap_err();
    assert!(matches!(missing, Error::NoGlobal));
    install_global(database())?;
    add_to_global("global")?;
    assert_eq!(in_global()?, ["global"]);
    Ok(())
}

#[test]
fn a_call_that_finds_its_own_database_is_a_call_from_outside() -> Result<()> {
    let shop = Shop { db: database() };
    let error = shop.write(|_w| shop.add_here("apple")).unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
    shop.write(|w| {
        add(w, "apple")?;
        assert_eq!(shop.names_here()?, [""; 0], "a snapshot of its own");
        Ok::<_, Error>(())
    })
}

// Functions without an attribute, generic ones, methods, traits.

fn helper(db: &Writer<'_, Once>, name: &str) -> Result<()> {
    add(db, name)?;
    helper_of_any(db, "by a helper of any")
}

/// Whatever the caller's body may do, this may be done in it.
fn helper_of_any<E: Effect>(db: &Writer<'_, E>, name: &str) -> Result<()>
where
    for<'a> Writer<'a, E>: WriteTo<Idempotent>,
{
    ensure(db, name)?;
    assert!(has(db, name)?);
    db.savepoint(|w| ensure(w, name))
}

fn helper_of_repeatable(db: &Writer<'_, Idempotent>, name: &str) -> Result<()> {
    ensure(db, name)
}

fn helper_of_sources(from: &impl ReadFrom, to: &impl WriteTo<Once>) -> Result<usize> {
    add(to, "by a helper of sources")?;
    Ok(names(from)?.len())
}

#[test]
fn helpers_take_writers_and_sources() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| helper(w, "by a helper"))?;
    db.write_idempotent(&quick(2), |w| {
        helper_of_any(w, "again")?;
        helper_of_repeatable(w, "repeatable")
    })?;
    assert_eq!(db.names(), ["by a helper", "by a helper of any", "again", "repeatable"]);
    assert_eq!(helper_of_sources(&*db, &*db)?, 5);
    db.write(|w| {
        assert_eq!(helper_of_sources(w, w)?, 6, "the same transaction");
        assert_eq!(helper_of_sources(&*db, w)?, 5, "the database outside of it");
        Ok(())
    })
}

/// For rusqlite's own type, and its error.
#[writer]
fn rename(conn: &Connection, from: &str, to: impl AsRef<str>) -> rusqlite::Result<usize> {
    conn.execute("UPDATE item SET name = ?2 WHERE name = ?1", (from, to.as_ref()))
}

#[reader]
fn find<T, F>(conn: &Connection, name: &str, found: F) -> rusqlite::Result<Option<T>>
where
    F: FnOnce(i64) -> T,
{
    let id = conn
        .query_row("SELECT id FROM item WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    Ok(id.map(found))
}

#[reader]
fn first<'a>(db: &Reader, among: &[&'a str]) -> Result<Option<&'a str>> {
    for name in among {
        if has(db, name)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

#[test]
fn functions_keep_their_generics_lifetimes_and_patterns() -> Result<()> {
    #[writer]
    fn add_all(db: &Writer, (first, mut rest): (&str, Vec<String>)) -> Result<usize> {
        rest.insert(0, first.to_owned());
        for name in &rest {
            add(db, name)?;
        }
        Ok(rest.len())
    }

    let db = TestDb::new();
    assert_eq!(add_all(&*db, ("apple", vec!["pear".to_owned()]))?, 2);
    assert_eq!(rename(&*db, "pear", String::from("fig"))?, 1);
    assert_eq!(find(&*db, "fig", |id| id + 1)?, Some(3));
    assert_eq!(find(&*db, "pear", |id| id.to_string())?, None);
    let found = {
        let among = ["plum", "fig"];
        first(&*db, &among)?
    };
    assert_eq!(found, Some("fig"));
    db.write(|w| {
        rename(w, "fig", "quince")?;
        assert_eq!(find(w, "quince", |id| id)?, Some(2));
        Ok(())
    })
}

trait Catalogue {
    #[writer]
    fn put(&self, db: &Writer, name: &str) -> Result<()>;

    #[reader]
    fn count(&self, db: &Reader) -> Result<usize>;

    #[writer]
    #[retry_on_locked(idempotent)]
    fn put_once(&self, db: &Writer, name: &str) -> Result<()> {
        ensure(db, name)
    }
}

struct Prefixed(&'static str);

impl Catalogue for Prefixed {
    #[writer]
    fn put(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, &format!("{}{name}", self.0))
    }

    #[reader]
    fn count(&self, db: &Reader) -> Result<usize> {
        let all = names(db)?;
        Ok(all.iter().filter(|name| name.starts_with(self.0)).count())
    }
}

/// A trait object has no generic methods, so its database is in it.
trait Store {
    fn put(&self, name: &str) -> Result<()>;
    fn all(&self) -> Result<Vec<String>>;
}

impl Store for Shop {
    #[writer(db = self.db)]
    fn put(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, name)
    }

    #[reader(db = self.db)]
    fn all(&self, db: &Reader) -> Result<Vec<String>> {
        names(db)
    }
}

#[test]
fn methods_of_traits_join_like_all_others() -> Result<()> {
    let db = TestDb::new();
    let catalogue = Prefixed("x-");
    catalogue.put(&*db, "1")?;
    db.write(|w| {
        catalogue.put(w, "2")?;
        catalogue.put_once(w, "x-3")?;
        catalogue.put_once(w, "x-3")?;
        assert_eq!(catalogue.count(w)?, 3);
        assert_eq!(catalogue.count(&*db)?, 1);
        Ok::<_, Error>(())
    })?;
    assert_eq!(db.names(), ["x-1", "x-2", "x-3"]);

    let store: Box<dyn Store> = Box::new(Shop { db: database() });
    store.put("apple")?;
    assert_eq!(store.all()?, ["apple"]);
    Ok(())
}

struct Counter {
    calls: Cell<u32>,
}

impl Counter {
    #[writer]
    fn count(&self, db: &Writer, name: &str) -> Result<u32> {
        self.calls.set(self.calls.get() + 1);
        add(db, name)?;
        Ok(self.calls.get())
    }

    #[writer]
    fn exclusive(&mut self, db: &Writer, name: &str) -> Result<u32> {
        *self.calls.get_mut() += 10;
        self.count(db, name)
    }

    #[writer]
    fn at_last(self, db: &Writer) -> Result<u32> {
        add(db, "last")?;
        Ok(self.calls.into_inner())
    }
}

#[test]
fn methods_take_their_object_in_every_way() -> Result<()> {
    let db = TestDb::new();
    let mut counter = Counter { calls: Cell::new(0) };
    assert_eq!(counter.count(&*db, "one")?, 1);
    assert_eq!(counter.exclusive(&*db, "two")?, 12);
    assert_eq!(counter.at_last(&*db)?, 12);
    assert_eq!(db.names(), ["one", "two", "last"]);
    Ok(())
}

#[test]
fn an_error_of_any_type_goes_through_all_levels() {
    #[derive(Debug, thiserror::Error)]
    enum ShopError {
        #[error("sold out")]
        SoldOut,
        #[error(transparent)]
        Database(#[from] Error),
        #[error(transparent)]
        Sqlite(#[from] rusqlite::Error),
    }

    #[writer]
    fn outer(db: &Writer) -> anyhow::Result<()> {
        add(db, "outer")?;
        Ok(inner(db)?)
    }

    #[writer]
    fn inner(db: &Writer) -> Result<(), ShopError> {
        add(db, "inner")?;
        db.execute("UPDATE item SET qty = 1", [])?;
        Err(ShopError::SoldOut)
    }

    #[writer]
    fn boxed(db: &Writer) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        outer(db)?;
        Ok(())
    }

    let db = TestDb::new();
    let error = outer(&*db).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(ShopError::SoldOut)));
    assert_eq!(boxed(&*db).unwrap_err().to_string(), "sold out");
    assert_eq!(db.names(), [""; 0]);
    let error = db.write(|w| w.savepoint(inner_broken)).unwrap_err();
    assert!(matches!(error, ShopError::Sqlite(_)));

    fn inner_broken(w: &Writer) -> Result<(), ShopError> {
        w.execute("no SQL", [])?;
        Ok(())
    }
    let closed = db.close().and_then(|()| add(&*db, "late")).unwrap_err();
    assert!(matches!(ShopError::from(closed), ShopError::Database(_)));
    assert!(outer(&*db).unwrap_err().downcast_ref::<Error>().is_some());
}

/// What a body says of itself, its caller is told, whatever a statement before it came
/// to.
#[test]
fn a_bodys_own_error_is_not_taken_for_a_statements() {
    #[derive(Debug, PartialEq, thiserror::Error)]
    enum Refusal {
        #[error("sold out")]
        SoldOut,
        #[error("{0}")]
        Database(String),
    }

    impl From<Error> for Refusal {
        fn from(error: Error) -> Self {
            Self::Database(error.to_string())
        }
    }

    let db = TestDb::new();
    let refused = |conn: &Connection, sql: &str| {
        assert!(conn.execute_batch(sql).is_err());
        Err::<(), _>(Refusal::SoldOut)
    };
    for sql in ["COMMIT", "DELETE FROM nowhere", "INSERT INTO item (name) VALUES (NULL)"] {
        assert_eq!(db.write(|w| refused(w, sql)), Err(Refusal::SoldOut), "{sql}");
        let nested = db.write(|w| w.savepoint(|w| refused(w, sql)));
        assert_eq!(nested, Err(Refusal::SoldOut), "{sql}");
    }
    for sql in ["DELETE FROM item", "DELETE FROM nowhere", "COMMIT"] {
        assert_eq!(db.read(|r| refused(r, sql)), Err(Refusal::SoldOut), "{sql}");
    }
}

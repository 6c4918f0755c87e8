//! The net: a database that a body has captured, instead of the handle it was given, and
//! that would wait for its own thread's transaction. Refused at once, naming both.

use std::sync::Arc;
use std::time::Duration;

use super::common::PATIENCE;
use super::*;

/// A database on which a wait would be noticed: it is counted as a timeout at its end.
fn patient() -> TestDb {
    TestDb::with(Options::new().writer_timeout(PATIENCE))
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn ensure(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)
}

trait Store {
    fn put(&self) -> Result<()>;
}

struct Shop {
    db: Database,
}

impl Store for Shop {
    #[writer(db = self.db)]
    fn put(&self, db: &Writer) -> Result<()> {
        insert(db, "by a trait object")
    }
}

/// A way to write with a transaction of its own, and what its site is named.
type Way = (&'static str, Option<&'static str>, fn(&Database) -> Result<()>);

const WAYS: [Way; 8] = [
    ("annotated", Some("effects::captured::add"), |db| add(db, "x")),
    ("idempotent", Some("effects::captured::ensure"), |db| ensure(db, "x")),
    ("closure", None, |db| db.write(|w| insert(w, "x"))),
    ("retried closure", None, |db| db.write_idempotent(&quick(3), |w| insert(w, "x"))),
    ("guard", None, |db| {
        let guard = db.writer()?;
        insert(&guard, "x")?;
        guard.commit()
    }),
    ("guard within", None, |db| db.writer_within(Duration::MAX)?.commit()),
    ("trait object", Some("effects::captured::put"), |db| {
        let store: Box<dyn Store> = Box::new(Shop { db: db.clone() });
        store.put()
    }),
    ("shared", Some("effects::captured::add"), |db| add(&Arc::new(db.clone()), "x")),
];

/// `result` is a refusal that names `inner`, and `outer` in this file.
#[track_caller]
fn refused<T: std::fmt::Debug>(
    result: Result<T>,
    inner: Option<&str>,
    outer: Option<&str>,
    what: &str,
) {
    let Err(error) = result else { panic!("{what}: {result:?}") };
    let Error::NestedWrite(nested) = &error else { panic!("{what}: {error:?}") };
    assert_eq!(nested.inner.function(), inner, "{what}");
    assert_eq!(nested.outer.function(), outer, "{what}");
    for site in [nested.inner, nested.outer] {
        assert!(site.file().starts_with("tests/effects/"), "{what}: {site}");
        assert!(error.to_string().contains(&site.to_string()), "{what}: {error}");
    }
}

/// Nothing was waited for, nothing is left, and the next one gets its turn.
#[track_caller]
fn untouched(db: &TestDb, what: &str) {
    let stats = db.stats();
    assert_eq!((stats.waiting, stats.timeouts, stats.commits), (0, 0, 0), "{what}");
    assert!(db.open_guards().is_empty(), "{what}");
    assert_eq!(db.names(), [""; 0], "{what}");
    assert_eq!(db.writer_within(Duration::ZERO).map(drop).map_err(drop), Ok(()), "{what}");
}

#[test]
fn in_every_kind_of_body() {
    for (way, inner, write) in WAYS {
        let db = patient();
        let in_once = once(&*db, "a", &|_w| write(&db));
        refused(in_once, inner, Some("effects::once"), way);
        let in_again = again(&*db, "a", &|_w| write(&db));
        refused(in_again, inner, Some("effects::again"), way);
        refused(db.write(|_w| write(&db)), inner, None, way);
        refused(db.write_idempotent(&quick(3), |_w| write(&db)), inner, None, way);
        let guard = db.writer().unwrap();
        refused(write(&db), inner, None, way);
        refused(guard.savepoint(|_w| write(&db)), inner, None, way);
        drop(guard);
        untouched(&db, way);
    }
}

/// The transaction is the outermost one's, so it is that one which is named.
#[test]
fn at_the_third_level() {
    for (way, inner, write) in WAYS {
        let db = patient();
        let deep = |w: &Writer<'_, Idempotent>| w.savepoint(|_w| write(&db));
        let result = once(&*db, "a", &|w| again(w, "b", &|w| again(w, "c", &deep)));
        refused(result, inner, Some("effects::once"), way);
        let result = again(&*db, "a", &|w| again(w, "b", &|w| again(w, "c", &deep)));
        refused(result, inner, Some("effects::again"), way);
        let result = once(&*db, "a", &|w| sees(w, 1, &|r| sees(r, 1, &|_r| write(&db))));
        refused(result, inner, Some("effects::once"), way);
        untouched(&db, way);
    }
}

/// With another database's bodies in between.
#[test]
fn behind_another_database() {
    for (way, inner, write) in WAYS {
        let (db, other) = (patient(), patient());
        let result = once(&*db, "a", &|_w| {
            other.read(|_r| once(&*other, "b", &|w| w.savepoint(|_w| write(&db))))
        });
        refused(result, inner, Some("effects::once"), way);
        untouched(&db, way);
        untouched(&other, way);
    }
}

/// Another `Database` on the same file has the same lane.
#[test]
fn on_the_same_file_opened_again() {
    for (way, inner, write) in WAYS {
        let db = patient();
        let again_open = Database::open(db.path()).unwrap();
        refused(once(&*db, "a", &|_w| write(&again_open)), inner, Some("effects::once"), way);
        untouched(&db, way);
        assert_eq!(again_open.stats().timeouts, 0);
    }
}

/// What closures have stored is found like all else.
#[test]
fn in_a_closure_that_was_made_outside() {
    let db = patient();
    let later: Vec<Box<dyn Fn() -> Result<()>>> = WAYS
        .into_iter()
        .map(|(_, _, write)| {
            let db = db.clone();
            Box::new(move || write(&db)) as _
        })
        .collect();
    for ((way, inner, _), call) in WAYS.into_iter().zip(&later) {
        refused(again(&*db, "a", &|_w| call()), inner, Some("effects::again"), way);
    }
    drop(later);
    untouched(&db, "closures");
}

/// A refusal is the body's to deal with: what the body did by its own handle is kept.
#[test]
fn a_refusal_that_is_dealt_with_keeps_the_rest() {
    for (way, inner, write) in WAYS {
        let db = patient();
        once(&*db, "a", &|w| {
            refused(write(&db), inner, Some("effects::once"), way);
            refused(again(w, "lost", &|_w| write(&db)), inner, Some("effects::once"), way);
            again(w, "b", &|_w| Ok(()))
        })
        .unwrap();
        assert_eq!(db.names(), ["a", "b", "b end", "a end"], "{way}");
        assert_eq!((db.stats().commits, db.stats().timeouts), (1, 0), "{way}");
    }
}

/// A refusal is no lock error: a retried body is not run again for it.
#[test]
fn a_refusal_is_not_retried() {
    for (way, inner, write) in WAYS {
        let (db, runs) = (patient(), Runs::new());
        let result = again(&*db, "a", &|_w| {
            runs.run();
            write(&db)
        });
        refused(result, inner, Some("effects::again"), way);
        assert_eq!((runs.count(), db.stats().retries), (1, 0), "{way}");
    }
}

/// Reading is no danger: it is a snapshot of its own.
#[test]
fn a_captured_database_may_be_read() {
    let db = patient();
    again(&*db, "a", &|w| {
        once_free(w, &db)?;
        let reader = db.reader()?;
        assert_eq!((count(w)?, count(&reader)?, db.read(|r| count(r))?), (1, 0, 0));
        Ok(())
    })
    .unwrap();
    assert_eq!(db.names(), ["a", "a end"]);

    fn once_free(w: &Writer<'_, Idempotent>, db: &Database) -> Result<()> {
        assert_eq!((count(w)?, count(db)?), (1, 0));
        Ok(())
    }
}

/// After the commit nobody is inside of anything.
#[test]
fn after_the_commit_every_way_is_open() {
    for (way, _, write) in WAYS {
        let db = patient();
        let captured = db.clone();
        again(&*db, "a", &|w| {
            let captured = captured.clone();
            w.on_commit(move || write(&captured).unwrap());
            Ok(())
        })
        .unwrap();
        assert_eq!(db.stats().commits, 2, "{way}");
    }
}

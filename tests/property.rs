//! Random sequences of calls against a simple model: a map for what is committed, a
//! copy of it for each transaction and savepoint. After each call contents, counts,
//! `on_commit` calls and the numbers of connections agree with it.

mod common;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::TestDb;
use db_core::effect::{Effect, Idempotent};
use db_core::{
    Database, Error, Reader, Result, RetryPolicy, WriteTo, Writer, active_connections, reader,
    retry_on_locked, writer,
};
use proptest::prelude::*;
use rusqlite::{Connection, ffi};

type Map = BTreeMap<i64, i64>;

/// A call from outside of every body.
#[derive(Clone, Debug)]
enum Call {
    Write { how: Way, steps: Vec<Step>, end: End },
    Read { how: Reading, steps: Vec<Look>, end: End },
}

#[derive(Clone, Debug)]
enum Way {
    Closure,
    Annotated,
    Guard,
    /// Meets this many locks before its body gets to its end; three are too many.
    Retried(u32),
    AnnotatedRetried(u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    Closure,
    Annotated,
    Autocommit,
    Guard,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Ok,
    Err,
    Panic,
}

/// What a writer's body does.
#[derive(Clone, Debug)]
enum Step {
    Put(i64, i64),
    Delete(i64),
    /// A statement that fails, and is ignored.
    Fail,
    OnCommit(u32),
    /// A reader joins.
    Look(End),
    /// A reader of its own sees what is committed.
    LookOutside,
    /// Refused, and ignored: a COMMIT, a write through the database itself.
    Commit,
    WriteOutside,
    /// A reader writes, by a statement that was prepared before.
    Smuggle(i64),
    /// The transaction is lost; the body goes on and ends well.
    Lose,
    Nested {
        annotated: bool,
        steps: Vec<Step>,
        end: End,
    },
}

/// What a reader's body does.
#[derive(Clone, Debug)]
enum Look {
    Here,
    Nested,
    /// A second reader, while this one is open.
    Outside,
    /// Somebody commits meanwhile.
    WriteOutside(i64, i64),
    TryToWrite,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![4 => Just(End::Ok), 1 => Just(End::Err), 1 => Just(End::Panic)]
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..5i64;
    let leaf = prop_oneof![
        6 => (key.clone(), 0..100i64).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key.clone().prop_map(Step::Delete),
        1 => Just(Step::Fail),
        3 => (0..1_000u32).prop_map(Step::OnCommit),
        3 => end().prop_map(Step::Look),
        1 => Just(Step::LookOutside),
        1 => Just(Step::Commit),
        1 => Just(Step::WriteOutside),
        1 => key.prop_map(Step::Smuggle),
        1 => Just(Step::Lose),
    ];
    leaf.prop_recursive(3, 20, 5, |step| {
        let steps = prop::collection::vec(step, 0..5);
        (any::<bool>(), steps, end()).prop_map(|(annotated, steps, end)| Step::Nested {
            annotated,
            steps,
            end,
        })
    })
}

fn call() -> impl Strategy<Value = Call> {
    let way = prop_oneof![
        2 => Just(Way::Closure),
        2 => Just(Way::Annotated),
        2 => Just(Way::Guard),
        1 => (0..4u32).prop_map(Way::Retried),
        1 => (0..4u32).prop_map(Way::AnnotatedRetried),
    ];
    let write = (way, prop::collection::vec(step(), 0..7), end())
        .prop_map(|(how, steps, end)| Call::Write { how, steps, end });
    let reading = prop_oneof![
        Just(Reading::Closure),
        Just(Reading::Annotated),
        Just(Reading::Autocommit),
        Just(Reading::Guard),
    ];
    let look = prop_oneof![
        3 => Just(Look::Here),
        2 => Just(Look::Nested),
        1 => Just(Look::Outside),
        2 => (0..5i64, 0..100i64).prop_map(|(key, value)| Look::WriteOutside(key, value)),
        1 => Just(Look::TryToWrite),
    ];
    let read = (reading, prop::collection::vec(look, 0..6), end())
        .prop_map(|(how, steps, end)| Call::Read { how, steps, end });
    prop_oneof![3 => write, 1 => read]
}

/// How a body ends that was told to fail, and what is passed on.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("as it was told")]
    Wanted,
    #[error(transparent)]
    Database(#[from] Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// How a body panics that was told to.
struct Planned;

impl End {
    fn reach(self) -> Result<(), Stop> {
        match self {
            End::Ok => Ok(()),
            End::Err => Err(Stop::Wanted),
            End::Panic => resume_unwind(Box::new(Planned)),
        }
    }
}

/// What a call came to: `None` if it panicked as planned. Any other panic is a failed
/// test.
fn outcome<T>(call: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(value) => Some(value),
        Err(payload) if payload.is::<Planned>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

/// The model of one transaction or savepoint.
#[derive(Clone, Debug, Default)]
struct Frame {
    map: Map,
    callbacks: Vec<u32>,
    doomed: bool,
    lost: bool,
}

/// The database and the model of all that is committed.
struct World {
    db: TestDb,
    /// Somebody who knows nothing of db-core.
    outside: Connection,
    committed: RefCell<Map>,
    called: Arc<Mutex<Vec<u32>>>,
    expected: RefCell<Vec<u32>>,
    commits: Cell<u64>,
    retries: Cell<u64>,
    readers: Cell<usize>,
    most_readers: Cell<usize>,
}

const ALL: &str = "SELECT id, qty FROM item ORDER BY id";
const PUT: &str = "INSERT OR REPLACE INTO item (id, name, qty) VALUES (?1, '', ?2)";

fn contents(conn: &Connection) -> rusqlite::Result<Map> {
    let mut all = conn.prepare_cached(ALL)?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

#[reader]
fn look(db: &Reader, end: End) -> Result<Map, Stop> {
    let map = contents(db)?;
    end.reach()?;
    Ok(map)
}

#[reader]
fn smuggle(db: &Reader, key: i64) -> Result<(), Stop> {
    db.prepare_cached(PUT)?.execute((key, -1))?;
    Ok(())
}

#[writer]
fn put(db: &Writer, key: i64, value: i64) -> Result<(), Stop> {
    db.prepare_cached(PUT)?.execute((key, value))?;
    Ok(())
}

#[writer]
fn annotated(
    db: &Writer,
    world: &World,
    steps: &[Step],
    end: End,
    frame: &RefCell<Frame>,
) -> Result<(), Stop> {
    world.body(db, steps, end, frame)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = Duration::ZERO)]
fn annotated_retried(
    db: &Writer,
    attempt: &impl Fn(&Writer<'_, Idempotent>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    attempt(db)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn nested(
    db: &Writer,
    world: &World,
    steps: &[Step],
    end: End,
    frame: &RefCell<Frame>,
) -> Result<(), Stop> {
    world.body(db, steps, end, frame)
}

#[reader]
fn annotated_reader(db: &Reader, world: &World, steps: &[Look], end: End) -> Result<(), Stop> {
    world.looks(db, steps, end, true)
}

#[reader(autocommit)]
fn autocommit_reader(db: &Reader, world: &World, steps: &[Look], end: End) -> Result<(), Stop> {
    world.looks(db, steps, end, false)
}

fn busy() -> Stop {
    Stop::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None))
}

impl World {
    fn new() -> Self {
        let db = TestDb::new();
        let outside = Connection::open(db.path()).unwrap();
        Self {
            db,
            outside,
            committed: RefCell::default(),
            called: Arc::default(),
            expected: RefCell::default(),
            commits: Cell::new(0),
            retries: Cell::new(0),
            readers: Cell::new(0),
            most_readers: Cell::new(0),
        }
    }

    fn db(&self) -> &Database {
        &self.db
    }

    /// Runs a call that takes a reader of the pool.
    fn reading<T>(&self, call: impl FnOnce() -> T) -> T {
        self.readers.set(self.readers.get() + 1);
        self.most_readers.set(self.most_readers.get().max(self.readers.get()));
        let done = catch_unwind(AssertUnwindSafe(call));
        self.readers.set(self.readers.get() - 1);
        done.unwrap_or_else(|payload| resume_unwind(payload))
    }

    fn look_outside(&self) {
        let map = self.reading(|| look(self.db(), End::Ok)).unwrap();
        assert_eq!(map, *self.committed.borrow());
    }

    // A reader.

    fn read(&self, how: Reading, steps: &[Look], end: End) {
        let db = self.db();
        let result = self.reading(|| {
            outcome(|| match how {
                Reading::Closure => db.read(|r| self.looks(r, steps, end, true)),
                Reading::Annotated => annotated_reader(db, self, steps, end),
                Reading::Autocommit => autocommit_reader(db, self, steps, end),
                Reading::Guard => {
                    let guard = db.reader()?;
                    self.looks(&guard, steps, end, true)
                }
            })
        });
        match (result, end) {
            (Some(Ok(())), End::Ok) | (Some(Err(Stop::Wanted)), End::Err) | (None, End::Panic) => {}
            (other, _) => panic!("{other:?}"),
        }
    }

    fn looks(&self, r: &Reader, steps: &[Look], end: End, snapshot: bool) -> Result<(), Stop> {
        let mut moment: Option<Map> = None;
        for step in steps {
            if let Look::Here | Look::Nested | Look::TryToWrite = step {
                let now = self.committed.borrow().clone();
                let expected = match snapshot {
                    true => moment.get_or_insert(now).clone(),
                    false => now,
                };
                let seen = match step {
                    Look::Nested => look(r, End::Ok)?,
                    _ => contents(r)?,
                };
                assert_eq!(seen, expected);
            }
            match step {
                Look::Outside => self.look_outside(),
                Look::WriteOutside(key, value) => {
                    put(self.db(), *key, *value)?;
                    self.committed.borrow_mut().insert(*key, *value);
                    self.commits.set(self.commits.get() + 1);
                }
                Look::TryToWrite => {
                    assert!(r.execute(PUT, (0, 0)).is_err());
                    assert!(smuggle(r, 0).is_err());
                    contents(r)?;
                }
                Look::Here | Look::Nested => {}
            }
        }
        end.reach()
    }

    // A writer.

    fn write(&self, how: &Way, steps: &[Step], end: End) {
        let db = self.db();
        let fresh = || {
            let map = self.committed.borrow().clone();
            RefCell::new(Frame { map, ..Frame::default() })
        };
        let frame = fresh();
        let attempts = Cell::new(0);
        let failures = match how {
            Way::Retried(failures) | Way::AnnotatedRetried(failures) => *failures,
            _ => 0,
        };
        let attempt = |w: &Writer<'_, Idempotent>| {
            attempts.set(attempts.get() + 1);
            frame.replace(fresh().into_inner());
            if attempts.get() <= failures {
                // All that it does is undone, however it would have ended.
                let _lost = outcome(|| self.body(w, steps, end, &frame));
                return Err(busy());
            }
            self.body(w, steps, end, &frame)
        };
        let result = outcome(|| match how {
            Way::Closure => db.write(|w| self.body(w, steps, end, &frame)),
            Way::Annotated => annotated(db, self, steps, end, &frame),
            Way::Guard => {
                let guard = db.writer()?;
                self.body(&guard, steps, end, &frame)?;
                Ok(guard.commit()?)
            }
            Way::Retried(_) => {
                let policy = RetryPolicy::attempts(3).base_delay(Duration::ZERO);
                db.write_idempotent(&policy, attempt)
            }
            Way::AnnotatedRetried(_) => annotated_retried(db, &attempt),
        });
        let frame = frame.into_inner();
        if failures > 0 {
            assert_eq!(attempts.get(), failures.min(2) + 1);
            self.retries.set(self.retries.get() + u64::from(failures.min(2)));
        }
        match (result, end) {
            (Some(Err(Stop::Database(Error::Locked(locked)))), _) if failures > 2 => {
                assert_eq!(locked.attempts, 3);
            }
            (Some(Err(Stop::Wanted)), End::Err) | (None, End::Panic) if failures <= 2 => {}
            (Some(Err(Stop::Database(Error::RolledBack { .. }))), End::Ok)
                if frame.lost && failures <= 2 => {}
            (Some(Err(Stop::Database(Error::ReaderWrote { .. }))), End::Ok)
                if frame.doomed && !frame.lost && failures <= 2 => {}
            (Some(Ok(())), End::Ok) if !frame.doomed && !frame.lost && failures <= 2 => {
                self.committed.replace(frame.map);
                self.expected.borrow_mut().extend(frame.callbacks);
                self.commits.set(self.commits.get() + 1);
            }
            (other, _) => panic!("{other:?} of {frame:?}"),
        }
    }

    /// A writer's body, at any depth; its model is `frame`.
    fn body<E: Effect>(
        &self,
        w: &Writer<'_, E>,
        steps: &[Step],
        end: End,
        frame: &RefCell<Frame>,
    ) -> Result<(), Stop>
    where
        for<'a> Writer<'a, E>: WriteTo<Idempotent>,
    {
        for step in steps {
            if frame.borrow().lost {
                break;
            }
            self.step(w, step, frame)?;
        }
        end.reach()
    }

    fn step<E: Effect>(
        &self,
        w: &Writer<'_, E>,
        step: &Step,
        frame: &RefCell<Frame>,
    ) -> Result<(), Stop>
    where
        for<'a> Writer<'a, E>: WriteTo<Idempotent>,
    {
        match step {
            Step::Put(key, value) => {
                w.prepare_cached(PUT)?.execute((key, value))?;
                frame.borrow_mut().map.insert(*key, *value);
            }
            Step::Delete(key) => {
                let deleted = w.execute("DELETE FROM item WHERE id = ?1", [key])?;
                let known = frame.borrow_mut().map.remove(key);
                assert_eq!(deleted, usize::from(known.is_some()));
            }
            Step::Fail => {
                let null = w.execute("INSERT INTO item (id, name) VALUES (1, NULL)", []);
                assert!(null.is_err());
            }
            Step::OnCommit(id) => {
                let (called, id) = (Arc::clone(&self.called), *id);
                w.on_commit(move || called.lock().unwrap().push(id));
                frame.borrow_mut().callbacks.push(id);
            }
            Step::Look(end) => match (outcome(|| look(w, *end)), end) {
                (Some(Ok(map)), End::Ok) => assert_eq!(map, frame.borrow().map),
                (Some(Err(Stop::Wanted)), End::Err) | (None, End::Panic) => {}
                (other, _) => panic!("{other:?}"),
            },
            Step::LookOutside => self.look_outside(),
            Step::Commit => {
                assert!(w.execute_batch("COMMIT").is_err());
                assert_eq!(contents(w)?, frame.borrow().map);
            }
            Step::WriteOutside => {
                let refused = put(self.db(), 0, 0);
                assert!(
                    matches!(
                        refused,
                        Err(Stop::Database(Error::NestedWrite(_) | Error::OnceInRetried(_)))
                    ),
                    "{refused:?}"
                );
            }
            Step::Smuggle(key) => {
                drop(w.prepare_cached(PUT)?);
                let found = smuggle(w, *key);
                assert!(matches!(found, Err(Stop::Database(Error::ReaderWrote { .. }))));
                let mut frame = frame.borrow_mut();
                frame.map.insert(*key, -1);
                frame.doomed = true;
            }
            Step::Lose => {
                w.prepare_cached(PUT)?.execute((7, 7))?;
                let lose = "INSERT OR ROLLBACK INTO item (id, name) VALUES (7, '')";
                assert!(w.execute(lose, []).is_err());
                frame.borrow_mut().lost = true;
            }
            Step::Nested { annotated, steps, end } => {
                let inner = RefCell::new(frame.borrow().clone());
                let result = outcome(|| match annotated {
                    true => nested(w, self, steps, *end, &inner),
                    false => w.savepoint(|w| self.body(w, steps, *end, &inner)),
                });
                let inner = inner.into_inner();
                let mut frame = frame.borrow_mut();
                frame.doomed = inner.doomed;
                frame.lost = inner.lost;
                match (result, end) {
                    (Some(Ok(())), End::Ok) if !inner.lost => *frame = inner,
                    (Some(Err(Stop::Database(Error::RolledBack { .. }))), End::Ok)
                        if inner.lost => {}
                    (Some(Err(Stop::Wanted)), End::Err) | (None, End::Panic) => {}
                    (other, _) => panic!("{other:?}"),
                }
            }
        }
        Ok(())
    }

    // Afterwards.

    fn agrees(&self) {
        let committed = self.committed.borrow();
        assert_eq!(contents(&self.outside).unwrap(), *committed, "contents");
        let count = "SELECT count(*) FROM item";
        let count: i64 = self.outside.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(count), Ok(committed.len()), "count");

        let called = mem::take(&mut *self.called.lock().unwrap());
        assert_eq!(called, self.expected.take(), "on_commit");

        let stats = self.db.stats();
        assert_eq!(stats.in_use, 0, "{:?}", self.db.open_guards());
        assert_eq!(stats.connections, 1 + self.most_readers.get(), "the writer's and readers'");
        assert_eq!(stats.idle, stats.connections);
        assert_eq!(stats.commits, self.commits.get(), "commits");
        assert_eq!(stats.retries, self.retries.get(), "retries");
        assert_eq!((stats.waiting, stats.locks_met, stats.timeouts), (0, 0, 0));
        assert_eq!(active_connections(), 0);
        assert_eq!(self.db.open_guards(), []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_calls_agrees_with_the_model(
        calls in prop::collection::vec(call(), 1..15),
    ) {
        let world = World::new();
        world.agrees();
        for call in &calls {
            match call {
                Call::Write { how, steps, end } => world.write(how, steps, *end),
                Call::Read { how, steps, end } => world.read(*how, steps, *end),
            }
            world.agrees();
        }
        world.look_outside();
        world.db.assert_whole();
        world.db.close().unwrap();
        assert_eq!(contents(&world.outside).unwrap(), *world.committed.borrow());
    }
}

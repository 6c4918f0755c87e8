//! Random groups against the same calls made one after another, each by itself: what is in
//! the file, what each call came to, and how often its callbacks ran must be the same.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use db_core::{Error, RetryPolicy};
use proptest::prelude::*;

use super::*;

/// What a body does, in order.
#[derive(Clone, Debug)]
enum Step {
    Put(i64),
    Delete(i64),
    /// Fails if it is there, and that is the call's error.
    PutNew(i64),
    /// Refers to an owner that may not be there, which is for the commit to refuse.
    Pet(i64),
    Owner(i64),
    DeferAll,
    /// Is refused at once unless all keys are deferred.
    StrictPet(i64),
    OnCommit,
    /// A part that writes, and is undone or not.
    Part(i64, bool),
    RollBack(i64),
    Err,
    Panic,
}

#[derive(Clone, Debug)]
struct Asked {
    grouped: bool,
    steps: Vec<Step>,
}

const SCHEMA: &str = "
    CREATE TABLE kept (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    CREATE TABLE owner (id INTEGER PRIMARY KEY);
    CREATE TABLE pet (
        id INTEGER PRIMARY KEY,
        owner INTEGER NOT NULL REFERENCES owner DEFERRABLE INITIALLY DEFERRED
    );
    CREATE TABLE strict_pet (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES owner)";

fn step() -> impl Strategy<Value = Step> {
    let id = 0..4i64;
    prop_oneof![
        8 => id.clone().prop_map(Step::Put),
        3 => id.clone().prop_map(Step::Delete),
        3 => id.clone().prop_map(Step::PutNew),
        3 => id.clone().prop_map(Step::Pet),
        3 => id.clone().prop_map(Step::Owner),
        2 => Just(Step::DeferAll),
        2 => id.clone().prop_map(Step::StrictPet),
        3 => Just(Step::OnCommit),
        3 => (id.clone(), any::<bool>()).prop_map(|(id, kept)| Step::Part(id, kept)),
        1 => id.prop_map(Step::RollBack),
        1 => Just(Step::Err),
        1 => Just(Step::Panic),
    ]
}

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let one = (prop::bool::weighted(0.8), prop::collection::vec(step(), 0..5))
        .prop_map(|(grouped, steps)| Asked { grouped, steps });
    prop::collection::vec(one, 2..9)
}

const PUT: &str = "INSERT INTO kept VALUES (?1, 1) ON CONFLICT DO UPDATE SET n = n + 1";

fn run<E: db_core::effect::Effect>(
    w: &Writer<'_, E>,
    steps: &[Step],
    called: &std::sync::Arc<AtomicUsize>,
) -> Result<i64> {
    for step in steps {
        match *step {
            Step::Put(id) => drop(w.prepare_cached(PUT)?.execute([id])?),
            Step::Delete(id) => drop(w.execute("DELETE FROM kept WHERE id = ?1", [id])?),
            Step::PutNew(id) => drop(w.execute("INSERT INTO kept VALUES (?1, 100)", [id])?),
            Step::Pet(id) => drop(w.execute("INSERT OR IGNORE INTO pet VALUES (?1, ?1)", [id])?),
            Step::Owner(id) => drop(w.execute("INSERT OR IGNORE INTO owner VALUES (?1)", [id])?),
            Step::DeferAll => w.execute_batch("PRAGMA defer_foreign_keys = ON")?,
            Step::StrictPet(id) => {
                w.execute("INSERT OR IGNORE INTO strict_pet VALUES (?1, ?1)", [id])?;
            }
            Step::OnCommit => {
                let called = std::sync::Arc::clone(called);
                w.on_commit(move || {
                    called.fetch_add(1, SeqCst);
                });
            }
            Step::Part(id, kept) => {
                let part: Result<()> = w.savepoint(|w| {
                    w.execute(PUT, [id])?;
                    if kept { Ok(()) } else { Err(Error::NoGlobal) }
                });
                assert_eq!(part.is_ok(), kept);
            }
            Step::RollBack(id) => {
                w.execute("INSERT OR ROLLBACK INTO kept VALUES (?1, 1), (?1, 1)", [id])?;
            }
            Step::Err => return Err(Error::NoGlobal),
            Step::Panic => resume_unwind(Box::new("on purpose")),
        }
    }
    Ok(w.query_row("SELECT total(n) + count(*) FROM kept", [], |row| row.get::<_, f64>(0))? as i64)
}

/// What is comparable of how a call ended: its value or its error's text.
type Outcome = std::result::Result<std::result::Result<i64, String>, String>;

/// What there is in the end: the tables, each call's outcome, its callbacks.
type Seen = (Vec<Vec<(i64, i64)>>, Vec<Outcome>, Vec<usize>);

fn seen(
    db: &TestDb,
    ended: Vec<thread::Result<Result<i64>>>,
    called: &[std::sync::Arc<AtomicUsize>],
) -> Seen {
    db.assert_whole();
    let tables = ["kept", "owner", "pet", "strict_pet"].map(|table| {
        db.read(|r| {
            let second = if table == "owner" { "0" } else { "*" };
            let sql = match second {
                "0" => format!("SELECT id, 0 FROM {table} ORDER BY id"),
                _ => format!("SELECT * FROM {table} ORDER BY id"),
            };
            let mut all = r.prepare(&sql)?;
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()
                .map_err(Error::from)
        })
        .unwrap()
    });
    let outcomes = ended.into_iter().map(|ended| match ended {
        Ok(result) => Ok(result.map_err(|error| error.to_string())),
        Err(payload) => Err((*payload.downcast_ref::<&str>().unwrap()).to_owned()),
    });
    (tables.into(), outcomes.collect(), called.iter().map(|called| called.load(SeqCst)).collect())
}

fn counters(calls: &[Asked]) -> Vec<std::sync::Arc<AtomicUsize>> {
    calls.iter().map(|_| std::sync::Arc::default()).collect()
}

fn make(db: &Database, asked: &Asked, called: &std::sync::Arc<AtomicUsize>) -> Result<i64> {
    if asked.grouped {
        db.write_grouped(&RetryPolicy::attempts(1), |w| run(w, &asked.steps, called))
    } else {
        db.write(|w| run(w, &asked.steps, called))
    }
}

fn shop() -> TestDb {
    let db = open();
    db.write(|w| w.execute_batch(SCHEMA)).unwrap();
    db
}

/// Each after the one before has ended, by itself.
fn one_by_one(calls: &[Asked]) -> Seen {
    let (db, called) = (shop(), counters(calls));
    let make = |(asked, called): (&Asked, _)| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.write(|w| run(w, &asked.steps, called))
        }))
    };
    let ended = calls.iter().zip(&called).map(make).collect();
    seen(&db, ended, &called)
}

fn together(calls: &[Asked], options: Options) -> (Seen, u64) {
    let (db, called) = (TestDb::with(options), counters(calls));
    db.write(|w| w.execute_batch(SCHEMA)).unwrap();
    let start = |(asked, called)| {
        let db = &db;
        call(move || make(db, asked, called))
    };
    let ended = queued(&db, calls.iter().zip(&called).map(start));
    let grouped = db.stats().grouped;
    (seen(&db, ended, &called), grouped)
}

/// How many calls were in another one's transaction, over all cases.
static GROUPED: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_group_comes_to_what_its_calls_come_to_one_by_one() {
    let check = |calls: &[Asked]| {
        let alone = one_by_one(calls);
        let (seen, grouped) = together(calls, options().max_group_size(1 + calls.len() / 2));
        GROUPED.fetch_add(usize::try_from(grouped).unwrap(), SeqCst);
        assert_eq!(seen, alone);
        let (seen, _) = together(calls, options());
        assert_eq!(seen, alone);
    };
    proptest!(ProptestConfig::with_cases(200), |(calls in asked())| check(&calls));
    assert!(GROUPED.load(SeqCst) > 100, "no groups");
}

//! Parameters by value: each attempt starts from a copy of what the caller passed, and
//! nothing else is copied.

use std::cell::Cell;
use std::sync::Arc;

use super::*;

/// Counts how often it was copied.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    copies: &'a Cell<usize>,
    pub(super) value: Vec<i64>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(copies: &'a Cell<usize>) -> Self {
        Self { copies, value: vec![1, 2] }
    }
}

impl Clone for Counted<'_> {
    fn clone(&self) -> Self {
        self.copies.set(self.copies.get() + 1);
        Self { copies: self.copies, value: self.value.clone() }
    }
}

#[writer]
#[retry_on_locked(max_attempts = 5, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn write_again(
    db: &Writer,
    mut what: Counted<'_>,
    body: &dyn Fn(&Writer<'_, db_core::effect::Idempotent>) -> Result<usize>,
) -> Result<Vec<i64>> {
    assert_eq!(what.value, [1, 2], "what an attempt before has changed is its own");
    what.value.push(3);
    let run = body(db)?;
    what.value.push(i64::try_from(run).unwrap());
    Ok(what.value)
}

#[reader]
#[retry_on_locked(max_attempts = 5, base_delay = 1ms, max_delay = 2ms)]
fn read_again(
    db: &Reader,
    what: Counted<'_>,
    body: &dyn Fn() -> Result<usize>,
) -> Result<Vec<i64>> {
    answer(db, 1)?;
    body()?;
    Ok(what.value)
}

#[retry_on_locked(max_attempts = 5, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn bare(
    conn: &Connection,
    what: Counted<'_>,
    body: &dyn Fn() -> Result<usize>,
) -> Result<Vec<i64>> {
    answer(conn, 1)?;
    body()?;
    Ok(what.value)
}

#[test]
fn each_attempt_makes_one_copy() {
    let db = TestDb::new();
    for attempts in 1..=5 {
        let (copies, runs) = (Cell::new(0), Runs::new());
        let what = Counted::new(&copies);
        let value = write_again(&*db, what, &|_w| until(attempts, &runs, &db)).unwrap();
        assert_eq!(value, [1, 2, 3, i64::try_from(attempts).unwrap()]);
        assert_eq!((copies.get(), runs.count()), (attempts, attempts));

        let (copies, runs) = (Cell::new(0), Runs::new());
        let what = Counted::new(&copies);
        let value = read_again(&*db, what, &|| until(attempts, &runs, &db)).unwrap();
        assert_eq!((value.len(), copies.get()), (2, attempts));

        let (copies, runs) = (Cell::new(0), Runs::new());
        let (what, conn) = (Counted::new(&copies), Connection::open_in_memory().unwrap());
        let value = bare(&conn, what, &|| until(attempts, &runs, &db)).unwrap();
        assert_eq!((value.len(), copies.get()), (2, attempts));
    }
}

/// With the lock errors of `Options::busy_timeout`: those are met before the body.
#[test]
fn an_attempt_that_never_reached_the_body_makes_none() {
    let options = db_core::Options::new().busy_timeout(std::time::Duration::from_millis(1));
    let (db, copies, runs) = (TestDb::with(options), Cell::new(0), Runs::new());
    let holder = Connection::open(db.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = write_again(&*db, Counted::new(&copies), &|_w| Ok(runs.run())).unwrap_err();
    let Error::Locked(locked) = error else { panic!("{error:?}") };
    assert_eq!((locked.attempts, copies.get(), runs.count()), (5, 0, 0));
    db.close().unwrap();
    write_again(&*db, Counted::new(&copies), &|_w| Ok(runs.run())).unwrap_err();
    assert_eq!((copies.get(), runs.count()), (0, 0));
}

/// Inside another one each level copies for itself, once a run.
#[test]
fn a_nested_call_makes_one_copy_a_run() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let (outer, inner) = (Cell::new(0), Cell::new(0));
    write_again(&*db, Counted::new(&outer), &|w| {
        let inner = Counted::new(&inner);
        write_again(w, inner, &|_w| until(3, &runs, &db)).map(|value| value.len())
    })
    .unwrap();
    assert_eq!((outer.get(), inner.get(), runs.count()), (3, 3, 3));
}

#[test]
fn what_runs_once_makes_none() {
    #[writer]
    fn write(db: &Writer, what: Counted<'_>) -> Result<Vec<i64>> {
        answer(db, 1)?;
        Ok(what.value)
    }

    #[reader]
    fn read(db: &Reader, mut what: Counted<'_>, (more, _): (Counted<'_>, i64)) -> Result<Vec<i64>> {
        answer(db, 1)?;
        what.value.extend(more.value);
        Ok(what.value)
    }

    let (db, copies) = (TestDb::new(), Cell::new(0));
    assert_eq!(write(&*db, Counted::new(&copies)).unwrap(), [1, 2]);
    let more = (Counted::new(&copies), 1);
    assert_eq!(read(&*db, Counted::new(&copies), more).unwrap(), [1, 2, 1, 2]);
    assert_eq!(copies.get(), 0);
}

/// A reference is handed on, and what is bound to nothing is not looked at.
#[test]
fn references_and_what_is_ignored_are_not_copied() {
    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
    fn read(
        db: &Reader,
        what: &Counted<'_>,
        Counted { value, .. }: &Counted<'_>,
        _: Counted<'_>,
        body: &dyn Fn() -> Result<usize>,
    ) -> Result<usize> {
        answer(db, 1)?;
        body()?;
        Ok(what.value.len() + value.len())
    }

    let (db, copies, runs) = (TestDb::new(), Cell::new(0), Runs::new());
    let what = Counted::new(&copies);
    let len = read(&*db, &what, &what, Counted::new(&copies), &|| until(3, &runs, &db));
    assert_eq!((len.unwrap(), copies.get(), runs.count()), (4, 0, 3));
}

/// An underscore is a name like any other: what it keeps alive, it keeps alive.
#[test]
fn each_parameter_is_copied_whatever_its_pattern() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn write<'a>(
        db: &Writer,
        first: Counted<'a>,
        _second: Counted<'a>,
        (mut third, Counted { value: ref fourth, .. }): (Counted<'a>, Counted<'a>),
        ref fifth: Counted<'a>,
        ref mut sixth: Counted<'a>,
        body: &dyn Fn() -> Result<usize>,
    ) -> Result<Counted<'a>> {
        answer(db, 1)?;
        assert_eq!((&third.value, fourth), (&vec![1, 2], &vec![1, 2]));
        assert_eq!((&fifth.value, &sixth.value), (&vec![1, 2], &vec![1, 2]));
        third.value.clear();
        sixth.value.clear();
        body()?;
        Ok(first)
    }

    let (db, runs) = (TestDb::new(), Runs::new());
    let copies = [(); 6].map(|()| Cell::new(0));
    let mut of_each = copies.each_ref().map(Counted::new).into_iter();
    let mut next = || of_each.next().unwrap();
    let first = {
        let (first, second) = (next(), next());
        let third = (next(), next());
        write(&*db, first, second, third, next(), next(), &|| until(3, &runs, &db)).unwrap()
    };
    assert_eq!(first.value, [1, 2]);
    drop(first);
    assert_eq!(copies.each_ref().map(Cell::get), [3; 6]);
}

/// What is shared by its copies is shared by the attempts too, as its author wants it.
#[test]
fn a_copy_is_what_the_type_makes_it() {
    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
    fn read(db: &Reader, shared: Arc<Runs>, on: Database) -> Result<usize> {
        answer(db, 1)?;
        assert_eq!(Arc::strong_count(&shared), 3, "the test's, the call's and the attempt's");
        until(3, &shared, &on)
    }

    let (db, shared) = (TestDb::new(), Arc::new(Runs::new()));
    assert_eq!(read(&*db, Arc::clone(&shared), db.clone()).unwrap(), 3);
    assert_eq!((shared.count(), Arc::strong_count(&shared)), (3, 1));
}

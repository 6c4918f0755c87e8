//! Helpers without an attribute: they take the handle itself, or what can be written to.

use std::rc::Rc;
use std::sync::Arc;

use super::*;

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    once(db, name, &|_w| Ok(()))
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn ensure(db: &Writer, name: &str) -> Result<()> {
    again(db, name, &|_w| Ok(()))
}

// By the handle.

fn for_once(w: &Writer, name: &str) -> Result<()> {
    add(w, name)?;
    ensure(w, name)?;
    for_any(w, name)
}

fn for_idempotent(w: &Writer<'_, Idempotent>, name: &str) -> Result<()> {
    ensure(w, name)?;
    for_any(w, name)
}

/// For whatever effect: it reads, and writes what is a statement of its own; a savepoint
/// has the effect of its caller.
fn for_any<E: Effect>(w: &Writer<'_, E>, name: &str) -> Result<()> {
    let before = count(w)?;
    failed(&w.savepoint(|w| {
        insert(w, "lost")?;
        assert_eq!(count(w)?, before + 1);
        fail::<()>()
    }));
    assert_eq!(count(w)?, before);
    insert(w, &format!("{name} {}", if E::REPEATABLE { "again" } else { "once" }))
}

/// It calls what may run again, which any body may.
fn for_any_that_writes<E: Effect>(w: &Writer<'_, E>, name: &str) -> Result<()> {
    ensure(w, name)?;
    w.savepoint(|w| ensure(w, name))
}

#[test]
fn helpers_that_take_the_handle_join_its_transaction() {
    let db = TestDb::new();
    db.write(|w| for_once(w, "a")).unwrap();
    assert_eq!(db.names(), ["a", "a end", "a", "a end", "a once"]);
    assert_eq!(db.stats().commits, 1);

    let db = TestDb::new();
    db.write_idempotent(&quick(3), |w| for_idempotent(w, "a")).unwrap();
    assert_eq!(db.names(), ["a", "a end", "a again"]);
    assert_eq!(db.stats().commits, 1);

    let db = TestDb::new();
    db.write(|w| for_any_that_writes(w, "a")).unwrap();
    db.write_idempotent(&quick(3), |w| for_any_that_writes(w, "b")).unwrap();
    assert_eq!(db.names(), ["a", "a end", "a", "a end", "b", "b end", "b", "b end"]);
    assert_eq!(db.stats().commits, 2);
}

#[test]
fn helpers_three_deep_fail_each_up_to_the_savepoint_around_it() {
    fn first(w: &Writer<'_, Idempotent>) -> Result<()> {
        insert(w, "first")?;
        failed(&w.savepoint(second));
        insert(w, "first end")
    }

    fn second<E: Effect>(w: &Writer<'_, E>) -> Result<()> {
        insert(w, "second")?;
        third(w)
    }

    fn third(conn: &rusqlite::Connection) -> Result<()> {
        insert(conn, "third")?;
        fail()
    }

    let db = TestDb::new();
    again(&*db, "a", &first).unwrap();
    assert_eq!(db.names(), ["a", "first", "first end", "a end"]);
}

// By what it can be called with.

fn to_once(to: &impl WriteTo<Once>, name: &str) -> Result<()> {
    add(to, name)
}

fn to_idempotent<W: WriteTo<Idempotent>>(to: &W, name: &str) -> Result<()> {
    ensure(to, name)
}

fn to_both(to: &(impl WriteTo<Once> + WriteTo<Idempotent>), name: &str) -> Result<u32> {
    to_once(to, name)?;
    to_idempotent(to, name)?;
    from_any(to)
}

fn from_any(from: &impl ReadFrom) -> Result<u32> {
    count(from)
}

#[test]
fn helpers_take_whatever_can_be_written_to() {
    let db = TestDb::new();
    assert_eq!(to_both(&*db, "database").unwrap(), 4);
    assert_eq!(to_both(&Arc::new(db.clone()), "arc").unwrap(), 8);
    assert_eq!(to_both(&Rc::new(db.clone()), "rc").unwrap(), 12);
    assert_eq!(db.stats().commits, 6);
    let guard = db.writer().unwrap();
    assert_eq!(to_both(&guard, "guard").unwrap(), 16);
    assert_eq!(from_any(&db.reader().unwrap()).unwrap(), 12);
    guard.commit().unwrap();
    db.write(|w| to_both(w, "writer")).unwrap();
    // The handle is a reference already; one more from habit.
    db.write(|w| to_both(&w, "reference")).unwrap();
    db.write_idempotent(&quick(3), |w| {
        to_idempotent(w, "idempotent")?;
        to_idempotent(&w, "reference")?;
        from_any(&w)
    })
    .unwrap();
    assert_eq!(db.stats().commits, 10);
    assert_eq!(db.read(|r| Ok::<_, Error>(from_any(r)? + from_any(&r)?)).unwrap(), 2 * 28);
}

/// A repository over whatever it was given: a database, or somebody's transaction.
struct Items<'a, S> {
    source: &'a S,
}

impl<S: ReadFrom> Items<'_, S> {
    fn count(&self) -> Result<u32> {
        count(self.source)
    }

    fn add(&self, name: &str) -> Result<()>
    where
        S: WriteTo<Once>,
    {
        add(self.source, name)
    }

    fn ensure(&self, name: &str) -> Result<()>
    where
        S: WriteTo<Idempotent>,
    {
        ensure(self.source, name)
    }
}

#[test]
fn a_structure_that_holds_the_handle_is_as_good_as_the_handle() {
    let db = TestDb::new();
    Items { source: &*db }.add("a").unwrap();
    let result = db.write(|w| {
        let items = Items { source: w };
        items.add("b")?;
        items.ensure("c")?;
        assert_eq!(items.count()?, 6);
        fail::<()>()
    });
    failed(&result);
    db.write_idempotent(&quick(3), |w| {
        let items = Items { source: w };
        items.ensure("d")?;
        assert_eq!(items.count()?, 4);
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(db.read(|r| Items { source: r }.count()).unwrap(), 4);
    assert_eq!(db.names(), ["a", "a end", "d", "d end"]);
}

/// Closures, and functions as values.
#[test]
fn a_list_of_steps_runs_in_one_transaction() {
    type Step<'w> = fn(&Writer<'w, Idempotent>, &str) -> Result<()>;

    fn in_turn<'w>(w: &Writer<'w, Idempotent>) -> Result<()> {
        let (first, second, third): (Step<'w>, Step<'w>, Step<'w>) =
            (ensure, for_idempotent, for_any);
        [first, second, third]
            .iter()
            .zip(["1", "2", "3"])
            .try_for_each(|(step, name)| step(w, name))
    }

    let db = TestDb::new();
    db.write_idempotent(&quick(3), in_turn).unwrap();
    assert_eq!(db.names(), ["1", "1 end", "2", "2 end", "2 again", "3 again"]);
    assert_eq!(db.stats().commits, 1);

    let steps: [InOnce<'_>; 2] = [&|w| add(w, "boxed"), &|_w| fail()];
    failed(&db.write(|w| steps.iter().try_for_each(|step| step(w))));
    assert_eq!(db.stats().commits, 1);
}

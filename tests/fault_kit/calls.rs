//! What is told of calls: the function, how often it was tried, whether it was `Ok`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::*;

#[writer]
fn once(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn again(db: &Writer, body: &dyn Fn(&Writer<'_, db_core::effect::Idempotent>)) -> Result<()> {
    insert(db, "again")?;
    body(db);
    Ok(())
}

#[reader]
fn read(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

fn told_of(faults: &Faults) -> Vec<(Option<&'static str>, u32, bool)> {
    let tell = |call: Call| {
        let name = |path: &'static str| path.strip_prefix("fault_kit::calls::").unwrap();
        (call.function.map(name), call.attempts, call.is_ok)
    };
    faults.calls().into_iter().map(tell).collect()
}

#[test]
fn in_the_order_in_which_they_end() {
    let kit = Kit::new();
    assert_eq!(kit.faults.last_call(), None);
    once(&kit.db, "a").unwrap();
    read(&kit.db).unwrap();
    kit.faults.inject(Fault::Busy.at_turn());
    again(&kit.db, &|_| ()).unwrap();
    kit.faults.inject(Fault::Busy.at_statement(1));
    once(&kit.db, "b").unwrap_err();
    kit.db.read(|r| r.query_row("SELECT 1", [], |_| Ok(()))).unwrap();
    let all = [
        (Some("once"), 1, true),
        (Some("read"), 1, true),
        (Some("again"), 2, true),
        (Some("once"), 1, false),
        (None, 1, true),
    ];
    assert_eq!(told_of(&kit.faults), all);
    assert_eq!(kit.faults.last_call(), kit.faults.calls().pop());
    let of = |name| kit.faults.last_call_of(name).map(|call| (call.attempts, call.is_ok));
    assert_eq!(of("once"), Some((1, false)));
    assert_eq!(of("calls::again"), Some((2, true)));
    assert_eq!(of("fault_kit::calls::read"), Some((1, true)));
    assert_eq!((of("nce"), of("other::once")), (None, None));
}

/// Whatever they have failed by: a constraint, an error of their own, a policy without sense.
#[test]
fn those_that_fail_by_themselves() {
    let kit = Kit::new();
    let twice = "INSERT INTO item (id, name) VALUES (1, 'a'), (1, 'b')";
    kit.db.write(|w| w.execute(twice, [])).unwrap_err();
    kit.db.write_idempotent(&RetryPolicy::attempts(3), |w| w.execute(twice, [])).unwrap_err();
    let own = |_: &Reader<'_>| Err::<(), Error>(Error::NoGlobal);
    kit.db.read(own).unwrap_err();
    assert_eq!(told_of(&kit.faults), [(None, 1, false); 3]);
    // It has not begun.
    kit.db.write_idempotent(&RetryPolicy::attempts(0), |w| insert(w, "a")).unwrap_err();
    assert_eq!(kit.faults.calls().len(), 3);
}

#[test]
fn those_that_panic() {
    let kit = Kit::new();
    let panics = |call: &dyn Fn()| catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    panics(&|| kit.db.write(|_| -> Result<()> { panic!("in a writer") }).unwrap());
    panics(&|| kit.db.read(|_| -> Result<()> { panic!("in a reader") }).unwrap());
    kit.faults.inject(Fault::Busy.at_turn());
    panics(&|| again(&kit.db, &|_| panic!("in the second attempt")).unwrap());
    // A fault that its statement has not met is not lost by it.
    kit.faults.inject(Fault::Busy.at_statement(1));
    panics(&|| {
        let nothing = |r: &Reader<'_>| -> Result<()> {
            r.query_row("SELECT 1", [], |_| Ok(()))?;
            panic!("after a statement that reads nothing")
        };
        kit.db.read(nothing).unwrap();
    });
    assert_eq!(kit.faults.pending().len(), 1);
    kit.faults.clear();
    let all = [(None, 1, false), (None, 1, false), (Some("again"), 2, false), (None, 1, false)];
    assert_eq!(told_of(&kit.faults), all);
    once(&kit.db, "after").unwrap();
    assert_eq!(kit.db.names(), ["after"]);
}

/// A callback is run when its call has ended, and calls for itself. An attempt that has met
/// a fault has lost its.
#[test]
fn what_runs_after_a_commit_is_a_call_of_its_own() {
    let kit = Kit::new();
    let db = Database::clone(&kit.db);
    let after = Arc::new(move || once(&db, "after").unwrap());
    kit.faults.inject(Fault::Busy.at_commit().of("again"));
    kit.faults.inject(Fault::Busy.at_turn().of("again"));
    let body = |w: &Writer<'_, _>| {
        let after = Arc::clone(&after);
        w.on_commit(move || after());
    };
    again(&kit.db, &body).unwrap();
    assert_eq!(told_of(&kit.faults), [(Some("again"), 3, true), (Some("once"), 1, true)]);
    assert_eq!(kit.db.names(), ["again", "after"]);
    // One that panics does so after its call was `Ok`.
    let panics = || again(&kit.db, &|w| w.on_commit(|| panic!("in a callback")));
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert_eq!(kit.last(), (1, true));
}

/// What ends before the body has begun: the database is closed, the writer is inside itself.
#[test]
fn those_that_have_no_turn() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_turn().of("once"));
    kit.db.write(|_| once(&kit.db, "nested").or(Ok::<_, Error>(()))).unwrap();
    assert_eq!(told_of(&kit.faults), [(Some("once"), 1, false), (None, 1, true)]);
    kit.db.close().unwrap();
    assert!(matches!(once(&kit.db, "closed"), Err(Error::Closed { .. })));
    assert!(matches!(read(&kit.db), Err(Error::Closed { .. })));
    assert_eq!(kit.faults.calls().len(), 4);
    assert_eq!(kit.faults.pending().len(), 1);
}

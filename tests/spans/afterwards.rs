//! After a call, whatever became of it, its thread is where it was: no span stays entered,
//! and none stays open.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::Span;

use super::*;

/// Makes the call in a scene of its own, and looks whether it has left everything.
#[track_caller]
fn leaves_nothing(call: impl FnOnce()) -> Scene {
    let scene = Scene::new();
    scene.run(|| {
        let before = Span::current();
        call();
        assert_eq!(Span::current(), before);
    });
    assert!(Span::current().is_none());
    assert!(!scene.calls().is_empty());
    for told in scene.calls() {
        assert!(told.inside == 0 && told.closed, "{told:?}");
    }
    scene
}

fn panics(call: impl FnOnce() -> Result<()>) {
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
}

fn fails(call: impl FnOnce() -> Result<()>) {
    call().unwrap_err();
}

#[test]
fn after_a_call() {
    let db = TestDb::with(patient());
    let bare = Connection::open(db.path()).unwrap();
    leaves_nothing(|| add(&db, "a").unwrap());
    leaves_nothing(|| add_retried(&db, "b").unwrap());
    leaves_nothing(|| add_grouped(&db, "c").unwrap());
    leaves_nothing(|| add_and(&db, "d", |w| add(w, "e").unwrap()).unwrap());
    leaves_nothing(|| assert_eq!(count(&db).unwrap(), 5));
    leaves_nothing(|| assert_eq!(count_retried(&db).unwrap(), 5));
    leaves_nothing(|| clear(&bare).unwrap());
}

#[test]
fn after_an_error_of_a_body() {
    let db = TestDb::with(patient());
    let bare = Connection::open(db.path()).unwrap();
    let policy = quick(2);
    let refused = || Err::<(), _>(Error::from(rusqlite::Error::InvalidQuery));
    leaves_nothing(|| fails(|| db.write(|_w| refused())));
    leaves_nothing(|| fails(|| db.write_idempotent(&policy, |_w| refused())));
    leaves_nothing(|| fails(|| db.write_grouped(&policy, |_w| refused())));
    leaves_nothing(|| fails(|| db.read(|_r| refused())));
    leaves_nothing(|| fails(|| db.write(|w| w.savepoint(|_w| refused()))));
    bare.execute_batch("DROP TABLE item").unwrap();
    leaves_nothing(|| fails(|| clear(&bare)));
    leaves_nothing(|| fails(|| count_retried(&db).map(drop)));
}

#[test]
fn after_a_panic_of_a_body() {
    let db = TestDb::with(patient());
    let policy = quick(2);
    let panic = || -> Result<()> { panic!("as it was told") };
    leaves_nothing(|| panics(|| db.write(|_w| panic())));
    leaves_nothing(|| panics(|| db.write_idempotent(&policy, |_w| panic())));
    leaves_nothing(|| panics(|| db.write_grouped(&policy, |_w| panic())));
    leaves_nothing(|| panics(|| db.read(|_r| panic())));
    leaves_nothing(|| panics(|| db.write(|w| w.savepoint(|_w| panic()))));
    leaves_nothing(|| {
        panics(|| {
            count_and(&db, |r| drop(db.read(|_r| count_and(r, |_r| drop(panic()))))).map(drop)
        })
    });
    let scene = leaves_nothing(|| panics(|| add_and(&db, "a", |_w| drop(panic()))));
    // What it held is told all the same.
    assert!(scene.call().fields.get("hold_us").is_some());
    // And the next call is as any other.
    let scene = leaves_nothing(|| add(&db, "b").unwrap());
    assert_eq!(scene.call().parent, Some(scene.id()));
}

#[test]
fn after_attempts_that_came_to_nothing() {
    let (db, faults) = faulty();
    faults.inject(Fault::Busy.at_turn().times(5));
    leaves_nothing(|| fails(|| add_retried(&db, "a")));
    faults.inject(Fault::Busy.at_statement(1).times(5));
    leaves_nothing(|| fails(|| add_grouped(&db, "a")));
    faults.inject(Fault::BusySnapshot.at_commit());
    leaves_nothing(|| fails(|| add(&db, "a")));
    faults.assert_all_met();
}

#[test]
fn after_calls_that_were_refused_or_came_too_late() {
    let db = TestDb::with(patient());
    {
        let _guard = db.writer().unwrap();
        leaves_nothing(|| fails(|| add(&db, "inside of a guard")));
        thread::scope(|threads| {
            threads.spawn(|| leaves_nothing(|| fails(|| add_soon(&db, "late"))));
        });
    }
    db.close().unwrap();
    leaves_nothing(|| fails(|| add(&db, "closed")));
    leaves_nothing(|| fails(|| count(&db).map(drop)));
}

/// What a body registers runs after its call, and what panics there unwinds through it.
#[test]
fn after_a_callback_that_panics() {
    let db = TestDb::with(patient());
    let register = |w: &Writer<'_>| w.on_commit(|| panic!("as it was told"));
    leaves_nothing(|| panics(|| add_and(&db, "a", register)));
    assert_eq!(db.names(), ["a"]);
}

//! A group of which one member takes too long: only that one fails.

use super::*;

/// Long enough for a member to run twice beside others on a slow machine.
const LIMIT: Duration = ms(400);

fn open() -> TestDb {
    let options = Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE);
    TestDb::with(options.write_timeout(LIMIT))
}

type Call<'a> = common::Call<'a, Result<()>>;

/// As [`common::queued`], where no call panics.
#[track_caller]
fn queued<'a>(db: &Database, calls: impl IntoIterator<Item = Call<'a>>) -> Vec<Result<()>> {
    common::queued(db, calls).into_iter().map(|ended| ended.unwrap()).collect()
}

#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn add(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn search(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    run_endless(db)?;
    Ok(())
}

/// Goes on after the interrupt.
#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn ignore(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    run_endless(db).unwrap_err();
    Ok(())
}

/// Asks the database nothing while its time passes.
#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn dawdle(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    thread::sleep(LIMIT + LIMIT / 4);
    looks(1);
    Ok(())
}

fn adds<'a>(db: &'a TestDb, name: &'a str) -> Call<'a> {
    Box::new(move || add(&**db, name))
}

#[track_caller]
fn is_late(result: &Result<()>, function: &str) {
    let Err(Error::BodyTimeout(timeout)) = result else { panic!("{result:?}") };
    assert_eq!((timeout.kind, timeout.limit), (Kind::Writer, LIMIT));
    let name = format!("leaks::groups::{function}");
    assert_eq!(timeout.site.function(), Some(name.as_str()));
}

/// A group whose member at that place is `slow`; the others are kept.
#[track_caller]
fn only_it_fails(at: usize, function: &str, slow: fn(&Database, &str) -> Result<()>) {
    let db = open();
    let names = ["a", "b", "c", "d"];
    let calls = names.iter().enumerate().map(|(n, name)| match n == at {
        true => Box::new(|| slow(&db, name)) as Call<'_>,
        false => adds(&db, name),
    });
    let ended = queued(&db, calls);
    for (n, result) in ended.iter().enumerate() {
        match n == at {
            true => is_late(result, function),
            false => assert!(result.is_ok(), "{ended:?}"),
        }
    }
    let mut kept = names.to_vec();
    kept.remove(at);
    assert_eq!(db.names(), kept);
    assert_eq!(db.stats().retries, 0, "a second run is no retry");
    for n in 0..100 {
        add(&*db, &n.to_string()).unwrap();
    }
    assert_eq!(db.names().len(), 103);
    db.assert_whole();
}

#[test]
fn the_first_is_interrupted() {
    only_it_fails(0, "search", search);
}

#[test]
fn the_second_is_interrupted() {
    only_it_fails(1, "search", search);
}

#[test]
fn the_last_is_interrupted() {
    only_it_fails(3, "search", search);
}

#[test]
fn the_first_ignores_the_interrupt() {
    only_it_fails(0, "ignore", ignore);
}

#[test]
fn the_third_ignores_the_interrupt() {
    only_it_fails(2, "ignore", ignore);
}

#[test]
fn the_first_is_late_without_any_statement() {
    only_it_fails(0, "dawdle", dawdle);
}

#[test]
fn the_last_is_late_without_any_statement() {
    only_it_fails(3, "dawdle", dawdle);
}

/// The time of each begins with its own body.
#[test]
fn what_the_others_take_is_not_its_time() {
    #[writer(group)]
    #[retry_on_locked(max_attempts = 1, idempotent)]
    fn long(db: &Writer, name: &str) -> Result<()> {
        insert(db, name)?;
        thread::sleep(LIMIT / 4);
        Ok(())
    }

    let db = open();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let call = |name: &'static str| Box::new(|| long(&*db, name)) as Call<'_>;
    let ended = queued(&db, names.map(call));
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(db.names(), names);
    assert_eq!(db.stats().group_sizes.largest, 8);
}

/// Reported is whose body it is, and on which thread that runs.
#[test]
fn a_member_that_is_open_for_long_is_reported_by_its_own_place() {
    #[writer(group)]
    #[retry_on_locked(max_attempts = 1, idempotent)]
    fn long(db: &Writer, name: &str, ear: &Ear) -> Result<()> {
        insert(db, name)?;
        ear.first();
        ear.stays_at(1);
        Ok(())
    }

    let ear = Ear::of(|guard| guard.site.function().is_some());
    let options = Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE);
    let db = TestDb::with(ear.listens(options.leak_after(ms(100))));
    let ended = queued(
        &db,
        [adds(&db, "a"), Box::new(|| long(&*db, "b", &ear)) as Call<'_>, adds(&db, "c")],
    );
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(db.stats().group_sizes.largest, 3);
    let leaks = ear.heard();
    let [heard] = &leaks[..] else { panic!("{leaks:#?}") };
    let leak = heard.leak();
    assert!(leak.site.function().is_some_and(|name| name.ends_with("::long")), "{leak:?}");
    assert_eq!(leak.thread, "1, run by thread 0");
    assert_eq!(db.names(), ["a", "b", "c"]);
}

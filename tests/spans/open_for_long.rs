//! What stays open for long is found, and told of, by threads of db-core's own.

use db_core::Warning;

use super::*;

/// Those about that database that say `message`: nobody's span leads to them.
fn said_of(db: &Database, message: &str) -> Vec<Said> {
    let path = db.path().to_str().unwrap();
    let is_it = |said: &Said| {
        said.message == message
            && said.fields.get("warning").is_some_and(|warning| warning.contains(path))
    };
    recorder::events().into_iter().filter(is_it).collect()
}

#[track_caller]
fn one_of(db: &Database, message: &str) -> Said {
    wait_until(message, || !said_of(db, message).is_empty());
    let said = said_of(db, message);
    let [one] = &said[..] else { panic!("{said:#?}") };
    assert_eq!((one.target, one.level), ("db_core", Level::WARN));
    assert!(!one.fields.text("warning").contains('\n'), "{one:?}");
    one.clone()
}

/// Told of after a moment.
fn impatient() -> Options {
    patient().leak_after(ms(20)).on_warning(|_warning| ())
}

#[test]
fn a_guard_that_stays_open_is_told_of_once() {
    let db = TestDb::with(impatient());
    let (reader, at) = (db.reader().unwrap(), line!());
    let leak = one_of(&db, "leak");
    assert!(leak.fields.text("warning").starts_with("reader open for "), "{leak:?}");
    let place = format!("tests/spans/open_for_long.rs:{at} ");
    assert!(leak.fields.text("warning").contains(&place), "{leak:?}");
    assert_eq!(leak.fields.names(), ["warning"]);
    // By a thread that is inside of nothing.
    assert_eq!(leak.span, None);
    assert_ne!(leak.thread, thread::current().id());

    // Once: it is still open when the next one is found, which takes as long again.
    let writer = db.writer().unwrap();
    wait_until("the writer is told of", || said_of(&db, "leak").len() == 2);
    let leaks = said_of(&db, "leak");
    assert!(leaks[1].fields.text("warning").starts_with("writer open for "), "{leaks:?}");
    writer.commit().unwrap();
    drop(reader);
}

/// It is told of inside of its own span, though by another thread.
#[test]
fn a_call_that_takes_long_is_told_of_inside_of_its_span() {
    type Call<'a> = &'a dyn Fn(&Database) -> Result<()>;
    let until_told = |db: &Database| {
        one_of(db, "leak");
        Ok(())
    };
    let calls: [Call<'_>; 6] = [
        &|db| add_and(db, "a", |_w| until_told(db).unwrap()),
        &|db| count_and(db, |_r| until_told(db).unwrap()).map(drop),
        &|db| db.write_idempotent(&quick(1), |_w| until_told(db)),
        &|db| db.write_grouped(&quick(1), |_w| until_told(db)),
        &|db| db.write(|_w| until_told(db)),
        &|db| db.read(|_r| until_told(db)),
    ];
    for call in calls {
        let db = TestDb::with(impatient());
        let scene = Scene::new();
        scene.run(|| call(&db)).unwrap();
        let (told, leak) = (scene.call(), one_of(&db, "leak"));
        assert_eq!(leak.span, Some(told.id), "{leak:?}");
        assert_ne!(leak.thread, thread::current().id());
    }
}

/// The listener hears it inside of that span as well.
#[test]
fn a_listener_is_inside_of_the_span_of_what_it_hears_of() {
    let options = impatient().on_warning(|warning| {
        assert!(matches!(warning, Warning::Leak { .. }), "{warning}");
        info!("heard");
    });
    let db = TestDb::with(options);
    let scene = Scene::new();
    let until_heard = || -> Result<()> {
        wait_until("it is heard", || !scene.said("heard").is_empty());
        Ok(())
    };
    scene.run(|| db.read(|_r| until_heard())).unwrap();
    assert_eq!(scene.one("heard").span, Some(scene.call().id));
    assert_eq!(scene.one("leak").span, Some(scene.call().id));
}

#[test]
fn a_reader_that_pins_the_log_is_told_of() {
    let db = TestDb::with(impatient());
    let scene = Scene::new();
    let pin = |r: &Reader<'_>| {
        count(r).unwrap();
        db.write(|w| events::fill(w)).unwrap();
        one_of(&db, "wal pinned");
    };
    scene.run(|| count_and(&db, pin)).unwrap();
    let pinned = one_of(&db, "wal pinned");
    assert_eq!(pinned.fields.names(), ["wal_bytes", "warning"]);
    assert!(pinned.fields.number("wal_bytes") > 1000 * 4096, "{pinned:?}");
    assert!(pinned.fields.text("warning").contains("`spans::count_and`"), "{pinned:?}");
    assert_eq!(pinned.span, Some(scene.calls()[0].id));
}

/// What is told when a database is opened is inside of whatever its opener is inside of.
#[test]
fn a_warning_at_opening_is_told_inside_of_the_openers_span() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let conn = Connection::open(&path).unwrap();
    let mut reading = conn.prepare("SELECT 1 FROM sqlite_master").unwrap();
    let mut rows = reading.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    let scene = Scene::new();
    let options = patient().busy_timeout(ms(20)).on_warning(|_warning| ());
    scene.run(|| options.open(&path)).unwrap_err();
    let warning = scene.one("warning");
    assert_eq!((warning.target, warning.level), ("db_core", Level::WARN));
    assert_eq!(warning.fields.names(), ["warning"]);
    assert!(warning.fields.text("warning").contains("has a rollback journal"), "{warning:?}");
    assert_eq!(warning.span, Some(scene.id()));
}

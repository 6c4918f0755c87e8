//! What is told at one moment: what is tried again, late or slow, and checkpoints. Each
//! inside of the span of the call that it is about.

use super::*;

/// Of whom it is.
#[track_caller]
fn is_event(said: &Said, level: Level, fields: &[&str]) {
    assert_eq!((said.target, said.level), ("db_core", level), "{said:?}");
    assert_eq!(said.fields.names(), fields, "{said:?}");
    for field in fields {
        assert!(!said.fields.text(field).contains('\n'), "{said:?}");
    }
}

fn is_of(said: &Said, function: &str) {
    let site = said.fields.text("site");
    assert!(site.starts_with(&format!("`{function}` (tests/spans/")), "{site}");
}

#[test]
fn each_retry_is_told_with_its_pause() {
    let (db, faults) = faulty();
    let bare = faults.connect(db.path()).unwrap();
    let _clock = FakeClock::new().on_this_thread();
    let _faults = faults.on_this_thread();
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [(Call<'_>, &str); 4] = [
        (&|| add_retried(&db, "a"), "spans::add_retried"),
        (&|| add_grouped(&db, "b"), "spans::add_grouped"),
        (&|| count_retried(&db).map(drop), "spans::count_retried"),
        (&|| clear(&bare), "spans::clear"),
    ];
    for (call, function) in calls {
        faults.inject(Fault::Busy.at_turn().times(2));
        faults.inject(Fault::Busy.at_statement(1));
        let scene = Scene::new();
        scene.run(call).unwrap();
        let told = scene.call();
        let retries = scene.said("retry");
        let pauses: Vec<_> = retries.iter().map(|retry| retry.fields.number("pause_us")).collect();
        assert_eq!(pauses, [500_000, 1_000_000, 2_000_000], "{function}");
        for retry in &retries {
            is_event(retry, Level::INFO, &["pause_us", "site"]);
            is_of(retry, function);
            assert_eq!(retry.span, Some(told.id), "{function}");
        }
        assert_eq!(scene.events().len(), 3, "{:#?}", scene.events());
    }
}

/// There is no pause after the last attempt, and no retry.
#[test]
fn the_last_attempt_is_not_followed_by_a_retry() {
    let (db, faults) = faulty();
    faults.inject(Fault::Busy.at_turn().times(5));
    let scene = Scene::new();
    let error = scene.run(|| add_retried(&db, "a")).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(scene.said("retry").len(), 4);
    let locked = scene.one("locked");
    is_event(&locked, Level::WARN, &["attempts", "error", "site"]);
    is_of(&locked, "spans::add_retried");
    assert_eq!(locked.fields.number("attempts"), 5);
    assert_eq!(locked.fields.text("error"), error.to_string());
    assert_eq!(locked.span, Some(scene.call().id));
    assert_eq!(scene.call().fields.text("ok"), "false");
}

/// It never had the lock: to be slow is somebody else's.
#[test]
fn whoever_waits_for_a_lock_outside_holds_nothing() {
    let db = TestDb::with(Options::new().busy_timeout(ms(60)).slow_hold(ms(20)));
    let outside = Connection::open(db.path()).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let scene = Scene::new();
    let error = scene.run(|| add(&db, "a")).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    let told = scene.call();
    assert!(told.fields.micros("wait_us") >= ms(60));
    assert_eq!(told.fields.get("hold_us"), None);
    assert!(scene.said("slow hold").is_empty());
    assert_eq!(scene.one("locked").fields.number("attempts"), 1);
}

#[test]
fn a_body_that_takes_too_long_is_told_of() {
    let options = patient().read_timeout(ms(20)).write_timeout(ms(20));
    let db = TestDb::with(options);
    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [Call<'_>; 2] =
        [&|| db.read(|r| Ok(r.query_row(ENDLESS, [], |_row| Ok(()))?)), &|| {
            db.write(|w| Ok(w.query_row(ENDLESS, [], |_row| Ok(()))?))
        }];
    for call in calls {
        let scene = Scene::new();
        let error = scene.run(call).unwrap_err();
        let told = scene.one("body timeout");
        is_event(&told, Level::WARN, &["error", "site"]);
        assert_eq!(told.fields.text("error"), error.to_string());
        assert_eq!(scene.call().fields.text("ok"), "false");
    }
}

#[test]
fn a_writer_that_came_too_late_is_told_of_with_who_was_in_the_way() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    let error = thread::scope(|threads| {
        let _other = db.writer().unwrap();
        threads.spawn(|| scene.run(|| add_soon(&db, "a").unwrap_err())).join().unwrap()
    });
    let timeout = scene.one("timeout");
    is_event(&timeout, Level::WARN, &["error", "site", "wait_us"]);
    is_of(&timeout, "spans::add_soon");
    assert!(timeout.fields.micros("wait_us") >= ms(20));
    assert_eq!(timeout.fields.text("error"), error.to_string());
    assert_eq!(timeout.span, Some(scene.call().id));
}

#[test]
fn a_reader_that_came_too_late_is_told_of() {
    let db = TestDb::with(patient().max_readers(1).reader_timeout(ms(20)));
    type Call<'a> = &'a (dyn Fn() -> Error + Sync);
    let calls: [(Call<'_>, bool); 3] = [
        (&|| count(&db).unwrap_err(), true),
        (&|| count_retried(&db).unwrap_err(), true),
        (&|| db.reader().unwrap_err(), false),
    ];
    let _other = db.reader().unwrap();
    for (call, has_span) in calls {
        let scene = Scene::new();
        let error = thread::scope(|threads| threads.spawn(|| scene.run(call)).join().unwrap());
        assert!(matches!(error, Error::ReaderTimeout(_)), "{error}");
        let timeout = scene.one("timeout");
        is_event(&timeout, Level::WARN, &["error", "site", "wait_us"]);
        assert!(timeout.fields.micros("wait_us") >= ms(20));
        assert_eq!(timeout.fields.text("error"), error.to_string());
        let span = if has_span { scene.call().id } else { scene.id() };
        assert_eq!(timeout.span, Some(span), "{timeout:?}");
    }
}

/// A guard has no span, so what is told of it is inside of its caller's.
#[test]
fn a_guard_that_came_too_late_is_told_of() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    thread::scope(|threads| {
        let _other = db.writer().unwrap();
        let late = || scene.run(|| db.writer_within(ms(20)).map(drop).unwrap_err());
        threads.spawn(late).join().unwrap();
    });
    let timeout = scene.one("timeout");
    is_event(&timeout, Level::WARN, &["error", "site", "wait_us"]);
    assert!(timeout.fields.text("site").starts_with("tests/spans/events.rs:"), "{timeout:?}");
    assert_eq!(timeout.span, Some(scene.id()));
}

#[test]
fn a_writer_that_holds_for_long_is_told_of() {
    const SLOW: Duration = ms(5);
    let db = TestDb::with(patient().slow_hold(SLOW));
    let work = || -> Result<()> {
        let start = Instant::now();
        wait_until("the work is done", || start.elapsed() >= SLOW);
        Ok(())
    };
    let failing = || {
        db.write(|_w| {
            work()?;
            Err::<(), _>(Error::from(rusqlite::Error::InvalidQuery))
        })
    };
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [(Call<'_>, &str); 3] = [
        (&|| add_and(&db, "a", |_w| work().unwrap()), "`spans::add_and` (tests/spans/main.rs:"),
        (&|| db.write(|_w| work()), "tests/spans/events.rs:"),
        (&|| failing().or(Ok(())), "tests/spans/events.rs:"),
    ];
    for (call, site) in calls {
        let scene = Scene::new();
        scene.run(call).unwrap();
        let slow = scene.one("slow hold");
        is_event(&slow, Level::WARN, &["hold_us", "site"]);
        assert!(slow.fields.text("site").starts_with(site), "{slow:?}");
        assert!(slow.fields.micros("hold_us") >= SLOW);
        let told = scene.call();
        assert_eq!(slow.fields.text("hold_us"), told.fields.text("hold_us"));
        assert_eq!(slow.span, Some(told.id));
    }
    let scene = Scene::new();
    scene.run(|| {
        let guard = db.writer().unwrap();
        work().unwrap();
        guard.commit().unwrap();
    });
    let slow = scene.one("slow hold");
    assert!(slow.fields.text("site").starts_with("tests/spans/events.rs:"), "{slow:?}");
    assert_eq!(slow.span, Some(scene.id()));
}

#[test]
fn one_that_holds_for_no_longer_than_it_may_is_not_told_of() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    scene.run(|| {
        add(&db, "a").unwrap();
        db.writer().unwrap().commit().unwrap();
        // Readers are in nobody's way, however long they take.
        count(&db).unwrap();
    });
    assert!(scene.events().is_empty(), "{:?}", scene.events());
}

/// More than SQLite lets gather in the WAL, 1000 pages.
pub(crate) fn fill(conn: &Connection) -> rusqlite::Result<()> {
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
                INSERT INTO item (name) SELECT hex(randomblob(2048)) FROM n";
    conn.execute(rows, []).map(drop)
}

#[test]
fn a_checkpoint_is_told_inside_of_the_span_of_the_call_that_made_it() {
    let db = TestDb::with(patient());
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [Call<'_>; 3] = [
        &|| db.write(|w| Ok(fill(w)?)),
        &|| db.write_idempotent(&quick(1), |w| Ok(fill(w)?)),
        &|| db.write_grouped(&quick(1), |w| Ok(fill(w)?)),
    ];
    for call in calls {
        let scene = Scene::new();
        scene.run(call).unwrap();
        let checkpoint = scene.one("checkpoint");
        is_event(&checkpoint, Level::DEBUG, &["carried", "pages", "path", "time_us"]);
        assert_eq!(checkpoint.fields.text("path"), db.path().to_str().unwrap());
        let pages = checkpoint.fields.number("pages");
        assert!(pages > 1000, "{pages}");
        // Nobody reads.
        assert_eq!(checkpoint.fields.number("carried"), pages);
        assert!(checkpoint.fields.number("time_us") > 0);
        assert_eq!(checkpoint.span, Some(scene.call().id));
        assert_eq!(scene.events().len(), 1);
    }
    let scene = Scene::new();
    scene.run(|| {
        let guard = db.writer().unwrap();
        fill(&guard).unwrap();
        guard.commit().unwrap();
    });
    assert_eq!(scene.one("checkpoint").span, Some(scene.id()));
    // One that is not needed is not made.
    let scene = Scene::new();
    scene.run(|| add(&db, "a")).unwrap();
    assert!(scene.events().is_empty());
}

/// A reader still needs what was written since it began.
#[test]
fn a_checkpoint_that_could_not_carry_all_says_so() {
    let db = TestDb::with(patient());
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    let scene = Scene::new();
    scene.run(|| db.write(|w| fill(w))).unwrap();
    let checkpoint = scene.one("checkpoint");
    assert!(
        checkpoint.fields.number("carried") < checkpoint.fields.number("pages"),
        "{checkpoint:?}"
    );
}

//! What the fields of a span say is right.

use super::*;

#[test]
fn the_attempt_is_the_last_one() {
    let (db, faults) = faulty();
    let bare = faults.connect(db.path()).unwrap();
    let _clock = FakeClock::new().on_this_thread();
    let _faults = faults.on_this_thread();
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [Call<'_>; 4] = [
        &|| add_retried(&db, "a"),
        &|| add_grouped(&db, "b"),
        &|| count_retried(&db).map(drop),
        &|| clear(&bare),
    ];
    for call in calls {
        for locked in 0..3 {
            if locked > 0 {
                faults.inject(Fault::Busy.at_turn().times(locked));
            }
            let scene = Scene::new();
            scene.run(call).unwrap();
            let told = scene.call();
            assert_eq!(told.fields.number("attempt"), u64::from(locked) + 1, "{told:?}");
            faults.assert_all_met();
        }
        // One that never succeeds.
        faults.inject(Fault::Busy.at_turn().times(5));
        let scene = Scene::new();
        scene.run(call).unwrap_err();
        assert_eq!(scene.call().fields.number("attempt"), 5);
    }
}

#[test]
fn the_wait_is_at_least_the_one_there_was_and_the_hold_has_none_of_it() {
    const WAIT: Duration = ms(5);
    let db = TestDb::with(patient());
    type Call<'a> = &'a (dyn Fn() -> Result<()> + Sync);
    let calls: [Call<'_>; 3] =
        [&|| add(&db, "a"), &|| add_retried(&db, "b"), &|| add_grouped(&db, "c")];
    for call in calls {
        let scene = Scene::new();
        let took = made_to_wait(&db, &scene, WAIT, || {
            let start = Instant::now();
            call().unwrap();
            start.elapsed()
        });
        let told = scene.call();
        let (waited, held) = (told.fields.micros("wait_us"), told.fields.micros("hold_us"));
        assert!(waited >= WAIT, "{told:?}");
        assert!(waited + held <= took, "{told:?} in {took:?}");
    }
}

#[test]
fn nothing_waited_for_is_no_wait() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    scene.run(|| add(&db, "a")).unwrap();
    assert_eq!(scene.call().fields.number("wait_us"), 0);
}

/// Another attempt waits anew, and its wait is what is told, as `attempt` is.
#[test]
fn the_wait_is_that_of_the_last_attempt() {
    const WAIT: Duration = ms(5);
    let (db, faults) = faulty();
    faults.inject(Fault::Busy.at_statement(1).of("add_retried"));
    let scene = Scene::new();
    made_to_wait(&db, &scene, WAIT, || add_retried(&db, "a")).unwrap();
    let told = scene.call();
    assert_eq!(told.fields.number("attempt"), 2);
    assert!(told.fields.micros("wait_us") < WAIT, "{told:?}");
}

#[test]
fn the_wait_of_a_call_that_gave_up_is_told() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    let error = thread::scope(|threads| {
        let _other = db.writer().unwrap();
        threads.spawn(|| scene.run(|| add_soon(&db, "a").unwrap_err())).join().unwrap()
    });
    assert!(matches!(error, Error::WriterTimeout(_)), "{error}");
    let told = scene.call();
    assert!(told.fields.micros("wait_us") >= ms(20), "{told:?}");
    assert_eq!(told.fields.get("hold_us"), None, "it held nothing");
}

#[test]
fn the_hold_is_at_least_what_the_body_took() {
    const WORK: Duration = ms(5);
    let db = TestDb::with(patient());
    let work = || {
        let start = Instant::now();
        wait_until("the work is done", || start.elapsed() >= WORK);
    };
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [Call<'_>; 4] = [
        &|| add_and(&db, "a", |_w| work()),
        &|| count_and(&db, |_r| work()).map(drop),
        // As much if it comes to nothing.
        &|| {
            let failed: Result<()> = db.write(|_w| {
                work();
                Err(Error::from(rusqlite::Error::InvalidQuery))
            });
            failed.unwrap_err();
            Ok(())
        },
        &|| {
            let failed: Result<()> = db.read(|_r| {
                work();
                Err(Error::from(rusqlite::Error::InvalidQuery))
            });
            failed.unwrap_err();
            Ok(())
        },
    ];
    for call in calls {
        let scene = Scene::new();
        let start = Instant::now();
        scene.run(call).unwrap();
        let (took, told) = (start.elapsed(), scene.call());
        let held = told.fields.micros("hold_us");
        assert!(held >= WORK && held <= took, "{told:?} in {took:?}");
    }
}

/// A call inside of a body waits for nothing, and holds what its caller holds.
#[test]
fn a_call_inside_of_a_body_has_no_wait_and_no_hold_of_its_own() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    let inside = |w: &Writer<'_>| {
        add(w, "b").unwrap();
        add_retried(w, "c").unwrap();
        count(w).unwrap();
    };
    scene.run(|| add_and(&db, "a", inside)).unwrap();
    let [_outer, inner @ ..] = &scene.calls()[..] else { panic!("{:?}", scene.calls()) };
    assert_eq!(inner.len(), 3);
    for told in inner {
        assert_eq!(told.fields.names(), ["file", "function", "line", "ok"]);
    }
}

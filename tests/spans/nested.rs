//! A call inside of a body is a child of its caller's span, and what a body tells is inside
//! its call's.

use super::*;

/// The functions of the calls of a scene, each behind those that it is inside of.
fn paths(scene: &Scene) -> Vec<String> {
    let calls = scene.calls();
    let path = |call: &Told| {
        let mut path = call.fields.text("function").to_owned();
        let mut parent = call.parent;
        while let Some(outer) = calls.iter().find(|outer| Some(outer.id) == parent) {
            path = format!("{} > {path}", outer.fields.text("function"));
            parent = outer.parent;
        }
        assert_eq!(parent, Some(scene.id()), "{path}");
        path.replace("spans::", "")
    };
    calls.iter().map(path).collect()
}

#[writer]
fn order(db: &Writer) -> Result<()> {
    info!("ordering");
    add(db, "a")?;
    add_retried(db, "b")?;
    add_grouped(db, "c")?;
    pack(db)?;
    info!("ordered");
    Ok(())
}

#[writer]
fn pack(db: &Writer) -> Result<()> {
    info!("packing");
    db.savepoint(|w| {
        info!("in a savepoint");
        add(w, "d")
    })?;
    look(db)?;
    info!("packed");
    Ok(())
}

#[reader]
fn look(db: &Reader) -> Result<i64> {
    info!("looking");
    count(db)
}

#[test]
fn calls_inside_of_bodies_are_children() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    scene.run(|| order(&db)).unwrap();
    assert_eq!(
        paths(&scene),
        [
            "nested::order",
            "nested::order > add",
            "nested::order > add_retried",
            "nested::order > add_grouped",
            "nested::order > nested::pack",
            "nested::order > nested::pack > closure",
            "nested::order > nested::pack > closure > add",
            "nested::order > nested::pack > nested::look",
            "nested::order > nested::pack > nested::look > count",
        ]
    );
    for (message, function) in [
        ("ordering", "spans::nested::order"),
        ("packing", "spans::nested::pack"),
        ("in a savepoint", "closure"),
        ("looking", "spans::nested::look"),
        ("packed", "spans::nested::pack"),
        ("ordered", "spans::nested::order"),
    ] {
        assert_eq!(function_around(&scene, message), function, "{message}");
    }
}

/// The function whose span the message is in.
#[track_caller]
fn function_around(scene: &Scene, message: &str) -> String {
    let span = scene.one(message).span;
    let calls = scene.calls();
    let call = calls.iter().find(|call| Some(call.id) == span);
    let call = call.unwrap_or_else(|| panic!("{message:?} is in no call's span"));
    call.fields.text("function").to_owned()
}

#[test]
fn what_each_kind_of_body_tells_is_inside_its_span() {
    let db = TestDb::with(patient());
    let bare = Connection::open(db.path()).unwrap();
    let policy = quick(2);
    let tell = || {
        info!("from the body");
        Ok(())
    };
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [Call<'_>; 9] = [
        &|| add_and(&db, "a", |_w| tell().unwrap()),
        &|| count_and(&db, |_r| tell().unwrap()).map(drop),
        &|| db.write(|_w| tell()),
        &|| db.write_idempotent(&policy, |_w| tell()),
        &|| db.write_grouped(&policy, |_w| tell()),
        &|| db.read(|_r| tell()),
        &|| read_retried(&db, &tell),
        &|| bare_telling(&bare, &tell),
        &|| autocommit(&db, &tell),
    ];
    for call in calls {
        let scene = Scene::new();
        scene.run(call).unwrap();
        let told = scene.call();
        assert_eq!(scene.one("from the body").span, Some(told.id), "{told:?}");
    }
}

/// ... also of one that joins what is open already.
#[test]
fn what_a_body_inside_of_another_tells_is_inside_its_span() {
    let db = TestDb::with(patient());
    let mut bare = Connection::open(db.path()).unwrap();
    let tx = bare.transaction().unwrap();
    let scene = Scene::new();
    let tell = || {
        info!("from the body");
        Ok(())
    };
    scene.run(|| bare_telling(&tx, &tell)).unwrap();
    assert_eq!(scene.one("from the body").span, Some(scene.call().id));
    drop(tx);

    type Call<'a> = &'a dyn Fn(&dyn Fn() -> Result<()>) -> Result<()>;
    let calls: [Call<'_>; 6] = [
        &|tell| add_and(&db, "a", |w| read_retried(w, tell).unwrap()),
        &|tell| add_and(&db, "b", |w| bare_telling(w, tell).unwrap()),
        &|tell| add_and(&db, "c", |w| add_and(w, "d", |_w| tell().unwrap()).unwrap()),
        &|tell| add_and(&db, "e", |w| w.savepoint(|_w| tell()).unwrap()),
        &|tell| count_and(&db, |r| read_retried(r, tell).unwrap()).map(drop),
        &|tell| count_and(&db, |r| bare_telling(r, tell).unwrap()).map(drop),
    ];
    for call in calls {
        let scene = Scene::new();
        scene.run(|| call(&tell)).unwrap();
        let [outer, inner] = &scene.calls()[..] else { panic!("{:#?}", scene.calls()) };
        assert_eq!(inner.parent, Some(outer.id));
        assert_eq!(scene.one("from the body").span, Some(inner.id), "{inner:?}");
    }
}

#[reader]
#[retry_on_locked]
fn read_retried(db: &Reader, tell: &dyn Fn() -> Result<()>) -> Result<()> {
    let _ = db;
    tell()
}

#[reader(autocommit)]
fn autocommit(db: &Reader, tell: &dyn Fn() -> Result<()>) -> Result<()> {
    let _ = db;
    tell()
}

#[retry_on_locked(idempotent)]
fn bare_telling(conn: &Connection, tell: &dyn Fn() -> Result<()>) -> Result<()> {
    let _ = conn;
    tell()
}

/// In each attempt, on one span.
#[test]
fn attempts_share_a_span() {
    let (db, faults) = faulty();
    faults.inject(Fault::Busy.at_commit().times(2));
    let scene = Scene::new();
    let tell = || -> Result<()> {
        info!("again");
        Ok(())
    };
    scene.run(|| db.write_idempotent(&quick(5), |_w| tell())).unwrap();
    let told = scene.call();
    let again = scene.said("again");
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|said| said.span == Some(told.id)), "{again:?}");
}

/// A span of the program's own, in a body, is a child of the call, and calls in it are its.
#[test]
fn spans_of_the_program_take_their_place_in_between() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    scene
        .run(|| add_and(&db, "a", |w| tracing::info_span!("own").in_scope(|| add(w, "b")).unwrap()))
        .unwrap();
    let spans = scene.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name).collect();
    assert_eq!(names, ["write", "own", "write"]);
    assert_eq!(spans[1].parent, Some(spans[0].id));
    assert_eq!(spans[2].parent, Some(spans[1].id));
}

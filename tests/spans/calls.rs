//! Each call has a span, which says what was called, and where.

use super::*;

/// The span of a call that was made once and met nothing.
#[track_caller]
fn is_span(told: &Told, name: &str, function: &str, fields: &[&str]) {
    assert_eq!((told.name, told.target, told.level), (name, "db_core", Level::DEBUG));
    assert_eq!(told.fields.text("function"), function);
    let mut names = vec!["file", "function", "line"];
    names.extend(fields);
    names.sort_unstable();
    assert_eq!(told.fields.names(), names, "{function}");
    assert_eq!(told.fields.get("group_size"), None);
    // What it says of its place is a place in these tests.
    let file = told.fields.text("file");
    assert!(file.starts_with("tests/spans/"), "{file}");
    assert!(told.fields.number("line") > 0);
    assert!(told.closed && told.inside == 0, "{told:?}");
}

const READS: &[&str] = &["hold_us", "ok"];
const READS_AGAIN: &[&str] = &["attempt", "hold_us", "ok"];
const WRITES: &[&str] = &["hold_us", "ok", "wait_us"];
const WRITES_AGAIN: &[&str] = &["attempt", "hold_us", "ok", "wait_us"];

#[test]
fn each_annotated_function_has_a_span() {
    let db = TestDb::with(patient());
    let bare = Connection::open(db.path()).unwrap();
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [(Call<'_>, &str, &str, &[&str]); 7] = [
        (&|| add(&db, "a"), "write", "spans::add", WRITES),
        (&|| add_retried(&db, "b"), "write", "spans::add_retried", WRITES_AGAIN),
        (&|| add_grouped(&db, "c"), "write", "spans::add_grouped", WRITES_AGAIN),
        (&|| count(&db).map(drop), "read", "spans::count", READS),
        (&|| count_once(&db).map(drop), "read", "spans::count_once", READS),
        (&|| count_retried(&db).map(drop), "read", "spans::count_retried", READS_AGAIN),
        (&|| clear(&bare), "write", "spans::clear", &["attempt", "ok"]),
    ];
    for (call, name, function, fields) in calls {
        let scene = Scene::new();
        scene.run(call).unwrap();
        let told = scene.call();
        is_span(&told, name, function, fields);
        assert_eq!(told.parent, Some(scene.id()));
        assert_eq!(told.entered.iter().find(|by| **by != thread::current().id()), None);
        assert!(!told.entered.is_empty(), "its body runs inside of it");
        assert!(scene.events().is_empty(), "{:?}", scene.events());
    }
    let scene = Scene::new();
    scene.run(|| add(&db, "d")).unwrap();
    assert_eq!(scene.call().fields.number("line"), u64::from(ADD));
    assert_eq!(scene.call().fields.text("file"), "tests/spans/main.rs");
}

#[test]
fn each_closure_has_a_span_with_the_line_of_its_call() {
    let db = TestDb::with(patient());
    let policy = quick(2);
    type Call<'a> = &'a dyn Fn() -> Result<()>;
    let calls: [(Call<'_>, u32, &str, &[&str]); 4] = [
        (&|| db.read(|_r| Ok(())), line!(), "read", READS),
        (&|| db.write(|w| Ok(insert(w, "a")?)), line!(), "write", WRITES),
        (
            &|| db.write_idempotent(&policy, |w| Ok(insert(w, "b")?)),
            line!() - 1,
            "write",
            WRITES_AGAIN,
        ),
        (
            &|| db.write_grouped(&policy, |w| Ok(insert(w, "c")?)),
            line!() - 1,
            "write",
            WRITES_AGAIN,
        ),
    ];
    for (call, line, name, fields) in calls {
        let scene = Scene::new();
        scene.run(call).unwrap();
        let told = scene.call();
        is_span(&told, name, "closure", fields);
        assert_eq!(told.fields.text("file"), file!());
        assert_eq!(told.fields.number("line"), u64::from(line));
    }
}

struct Shop {
    db: Database,
}

impl Shop {
    #[writer(db = self.db)]
    fn restock(&self, db: &Writer, name: &str) -> Result<()> {
        Ok(insert(db, name)?)
    }

    #[reader(db = self.db)]
    fn stock(&self, db: &Reader) -> Result<i64> {
        count(db)
    }
}

#[test]
fn methods_that_find_their_database_have_spans_too() {
    let db = TestDb::with(patient());
    let shop = Shop { db: db.clone() };
    let scene = Scene::new();
    scene.run(|| shop.restock("a")).unwrap();
    is_span(&scene.call(), "write", "spans::calls::restock", WRITES);
    let scene = Scene::new();
    scene.run(|| shop.stock()).unwrap();
    let calls = scene.calls();
    is_span(&calls[0], "read", "spans::calls::stock", READS);
    is_span(&calls[1], "read", "spans::count", &["ok"]);
    assert_eq!(calls[1].parent, Some(calls[0].id));
}

/// A guard ends where it is dropped, which may be inside of any other span or of none.
#[test]
fn guards_have_none() {
    let db = TestDb::with(patient());
    let scene = Scene::new();
    scene.run(|| {
        let r = db.reader().unwrap();
        let w = db.writer().unwrap();
        insert(&w, "a").unwrap();
        info!("beside a guard");
        // What is called with one is a call all the same.
        add(&w, "b").unwrap();
        count(&r).unwrap();
        w.commit().unwrap();
    });
    assert_eq!(scene.one("beside a guard").span, Some(scene.id()));
    let functions: Vec<_> = scene.calls();
    let functions: Vec<_> = functions.iter().map(|call| call.fields.text("function")).collect();
    assert_eq!(functions, ["spans::add", "spans::count"]);
    assert!(scene.calls().iter().all(|call| call.parent == Some(scene.id())));
}

/// A retried function over a connection that is inside a transaction makes one attempt, and
/// is a call as any other.
#[test]
fn a_bare_function_inside_a_transaction_has_a_span() {
    let db = TestDb::with(patient());
    let mut conn = Connection::open(db.path()).unwrap();
    let tx = conn.transaction().unwrap();
    let scene = Scene::new();
    scene.run(|| clear(&tx)).unwrap();
    is_span(&scene.call(), "write", "spans::clear", &[]);
    drop(tx);
    // A body is inside of one, too.
    let scene = Scene::new();
    scene.run(|| add_and(&db, "a", |w| clear(w).unwrap())).unwrap();
    let calls = scene.calls();
    is_span(&calls[1], "write", "spans::clear", &[]);
    assert_eq!(calls[1].parent, Some(calls[0].id));
}

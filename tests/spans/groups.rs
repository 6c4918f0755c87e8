//! A call whose body runs on another caller's thread keeps its own caller's span.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{ScopedJoinHandle, ThreadId};

use tracing::{Metadata, Span, info_span};

use super::*;

/// A grouped call that tells that it runs.
#[writer(group)]
#[retry_on_locked(max_attempts = 5, idempotent)]
fn sell(db: &Writer, name: &str) -> Result<()> {
    let current = Span::current();
    info!(name, current = current.metadata().map(Metadata::name), "runs");
    insert(db, name)?;
    match name {
        "refused" => Err(Error::from(rusqlite::Error::InvalidQuery)),
        "panics" => panic!("as it was told"),
        _ => Ok(()),
    }
}

/// What a call came to on its own thread, and which that was.
struct Ended {
    result: Result<Result<()>, Box<dyn Any + Send>>,
    thread: ThreadId,
}

/// Makes a call for each name while somebody else writes: so the first leads, and the
/// others join it in this order. Each is made on a thread of its own and inside of a span
/// of its own, `request`, where that thread has to be again afterwards.
fn requests(db: &Database, scene: &Scene, names: &[&'static str]) -> Vec<Ended> {
    let request = |name: &'static str| {
        let span = info_span!("request", name);
        let result = span.in_scope(|| {
            let result = catch_unwind(AssertUnwindSafe(|| sell(db, name)));
            assert_eq!(Span::current(), span);
            result
        });
        Ended { result, thread: thread::current().id() }
    };
    thread::scope(|threads| {
        let other = db.writer().unwrap();
        let start = |(n, &name): (usize, &&'static str)| {
            let thread = threads.spawn(move || {
                let ended = scene.run(|| request(name));
                assert!(Span::current().is_none());
                ended
            });
            wait_until("it waits", || db.stats().waiting == n + 1);
            thread
        };
        let waiting: Vec<_> = names.iter().enumerate().map(start).collect();
        drop(other);
        waiting.into_iter().map(ScopedJoinHandle::join).map(Result::unwrap).collect()
    })
}

/// The `request` of that name, and the call in it.
#[track_caller]
fn request(scene: &Scene, name: &str) -> (Told, Told) {
    let spans = scene.spans();
    let is_it = |span: &&Told| span.name == "request" && span.fields.text("name") == name;
    let request = spans.iter().find(is_it).unwrap();
    let mut calls = spans.iter().filter(|span| span.parent == Some(request.id));
    let call = calls.next().unwrap();
    assert!(calls.next().is_none(), "one span a call, on whichever thread it runs");
    (request.clone(), call.clone())
}

/// Its runs, as its body told of them: each inside of the span of its own call.
#[track_caller]
fn runs(scene: &Scene, name: &str) -> Vec<Said> {
    let (_request, call) = request(scene, name);
    let runs = scene.said("runs");
    let runs: Vec<_> = runs.into_iter().filter(|said| said.fields.text("name") == name).collect();
    for run in &runs {
        assert_eq!(run.span, Some(call.id), "{name}: {run:?}");
        assert_eq!(run.fields.text("current"), "write");
    }
    runs
}

/// Of each span as often left as entered, and none is open.
#[track_caller]
fn all_are_left(scene: &Scene) {
    for span in scene.spans() {
        assert!(span.inside == 0 && span.closed, "{span:?}");
    }
}

/// Who led: the first of them.
fn leader(ended: &[Ended]) -> ThreadId {
    ended[0].thread
}

#[test]
fn a_member_that_another_thread_runs_keeps_its_own_callers_span() {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    let (db, scene) = (TestDb::with(patient()), Scene::new());
    let ended = requests(&db, &scene, &NAMES);
    assert_eq!(db.stats().grouped, 2);
    for (name, ended) in NAMES.iter().zip(&ended) {
        assert!(matches!(ended.result, Ok(Ok(()))), "{name}");
    }
    for name in NAMES {
        let (request, call) = request(&scene, name);
        assert_eq!(request.parent, Some(scene.id()));
        let [run] = &runs(&scene, name)[..] else { panic!("{name} ran more than once") };
        assert_eq!(run.thread, leader(&ended));
        assert_eq!(call.entered.last(), Some(&leader(&ended)));
    }
    assert_eq!(db.names(), NAMES);
    all_are_left(&scene);
}

#[test]
fn the_size_of_a_group_is_told_of_each_of_its_calls_and_its_hold_of_the_first() {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let (db, scene) = (TestDb::with(patient()), Scene::new());
    let start = Instant::now();
    requests(&db, &scene, &NAMES);
    let took = start.elapsed();
    for name in NAMES {
        let (_request, call) = request(&scene, name);
        assert_eq!(call.fields.number("group_size"), 4, "{call:?}");
        assert_eq!(call.fields.number("attempt"), 1);
        let waited = call.fields.micros("wait_us");
        assert!(waited > Duration::ZERO && waited < took, "{call:?}");
        assert_eq!(call.fields.get("hold_us").is_some(), name == "a", "{call:?}");
    }
    // One alone is in no group.
    let scene = Scene::new();
    scene.run(|| sell(&db, "alone")).unwrap();
    assert_eq!(scene.call().fields.get("group_size"), None);
}

/// The wait of a member ends where its body begins.
#[test]
fn the_wait_of_a_member_is_at_least_the_one_there_was() {
    const WAIT: Duration = ms(5);
    let (db, scene) = (TestDb::with(patient()), Scene::new());
    thread::scope(|threads| {
        let other = db.writer().unwrap();
        let waiting: Vec<_> = ["a", "b"]
            .into_iter()
            .enumerate()
            .map(|(n, name)| {
                let (db, scene) = (&db, &scene);
                let thread = threads.spawn(move || scene.run(|| sell(db, name)));
                wait_until("it waits", || db.stats().waiting == n + 1);
                thread
            })
            .collect();
        let since = Instant::now();
        wait_until("both have waited", || since.elapsed() >= WAIT);
        drop(other);
        waiting.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    for call in scene.calls() {
        assert_eq!(call.fields.number("group_size"), 2);
        assert!(call.fields.micros("wait_us") >= WAIT, "{call:?}");
    }
}

#[test]
fn a_member_that_fails_or_panics_leaves_the_leaders_thread_where_it_was() {
    const NAMES: [&str; 4] = ["a", "refused", "panics", "d"];
    let (db, scene) = (TestDb::with(patient()), Scene::new());
    let ended = requests(&db, &scene, &NAMES);
    assert!(matches!(ended[1].result, Ok(Err(_))));
    assert!(ended[2].result.is_err());
    for name in NAMES {
        let [run] = &runs(&scene, name)[..] else { panic!("{name} ran more than once") };
        assert_eq!(run.thread, leader(&ended));
        assert_eq!(request(&scene, name).1.fields.number("group_size"), 4);
    }
    assert_eq!(db.names(), ["a", "d"]);
    all_are_left(&scene);
}

/// Each runs once more then, by itself: in its own span as before, and in no group.
#[test]
fn members_of_a_group_that_is_lost_keep_their_spans() {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    let ((db, faults), scene) = (faulty(), Scene::new());
    faults.inject(Fault::Busy.at_commit().of("sell"));
    let ended = requests(&db, &scene, &NAMES);
    faults.assert_all_met();
    assert_eq!(db.names(), NAMES);
    for name in NAMES {
        let runs = runs(&scene, name);
        let threads: Vec<_> = runs.iter().map(|run| run.thread).collect();
        assert_eq!(threads, [leader(&ended); 2], "{name}");
        let (_request, call) = request(&scene, name);
        assert_eq!(call.fields.get("group_size"), None);
        // It is nobody's fault, and no attempt.
        assert_eq!(call.fields.number("attempt"), 1);
    }
    assert!(scene.said("retry").is_empty());
    all_are_left(&scene);
}

/// The checkpoint that the commit of a group makes is told inside of the leader's span, whose
/// commit it is, and not inside of the member's that ran last.
#[test]
fn the_checkpoint_of_a_group_is_the_leaders() {
    let options = patient()
        .on_connect(|conn| conn.query_row("PRAGMA wal_autocheckpoint = 1", [], |_row| Ok(())));
    let (db, scene) = (TestDb::with(options), Scene::new());
    requests(&db, &scene, &["a", "b"]);
    let (_request, leader) = request(&scene, "a");
    assert_eq!(scene.one("checkpoint").span, Some(leader.id));
}

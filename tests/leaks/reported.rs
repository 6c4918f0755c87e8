//! Guards and calls that are open for too long are reported, each once and with its place.

use super::*;

const SOON: Duration = ms(30);

/// Reads, and is open until it is told to end.
#[reader]
fn report(db: &Reader, end: &Receiver<()>) -> Result<i64> {
    let items = count(db)?;
    received(end);
    Ok(items)
}
const REPORT: u32 = line!() - 5;

/// Writes, and is open until it is told to end.
#[writer]
fn import(db: &Writer, end: &Receiver<()>) -> Result<()> {
    insert(db, "imported")?;
    received(end);
    Ok(())
}
const IMPORT: u32 = line!() - 5;

#[test]
fn a_reader_guard_is_reported_once() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let (line, guard) = (line!(), db.reader().unwrap());
    let heard = ear.first();
    assert_eq!(heard.path, db.path());
    let leak = heard.leak();
    assert_eq!(leak.kind, Kind::Reader);
    assert_eq!(leak.site.function(), None);
    assert_eq!((leak.site.file(), leak.site.line()), (file!(), line));
    assert_eq!(Some(leak.thread.as_str()), thread::current().name());
    assert!(leak.open_for >= SOON, "{leak:?}");
    assert_eq!(leak.statement, None);
    let place = format!("{}:{line} (thread {})", file!(), leak.thread);
    assert_eq!(
        without_times(&heard.line),
        format!("reader open for <time> by {place} on {}", db.path().display())
    );
    ear.stays_at(1);
    assert_eq!(count(&guard).unwrap(), 0, "it goes on in peace");
    drop(guard);
    ear.stays_at(1);
}

#[test]
fn a_writer_guard_is_reported_once() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let (line, guard) = (line!(), db.writer().unwrap());
    let heard = ear.first();
    let leak = heard.leak();
    assert_eq!((leak.kind, leak.site.line()), (Kind::Writer, line));
    assert_eq!(leak.behind, []);
    ear.stays_at(1);
    insert(&guard, "kept").unwrap();
    guard.commit().unwrap();
    ear.stays_at(1);
    assert_eq!(db.names(), ["kept"]);
}

/// Runs the call on a thread of that name until it was reported.
#[track_caller]
fn reported(name: &str, call: impl FnOnce(&Database, Receiver<()>) + Send) -> (Heard, PathBuf) {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let heard = thread::scope(|scope| {
        let (end, ends) = mpsc::channel();
        let db: &Database = &db;
        let thread = thread::Builder::new().name(name.into());
        let thread = thread.spawn_scoped(scope, move || call(db, ends)).unwrap();
        let heard = ear.first();
        ear.stays_at(1);
        end.send(()).unwrap();
        thread.join().unwrap();
        heard
    });
    ear.stays_at(1);
    (heard, db.path().to_owned())
}

#[test]
fn a_reading_function_is_reported_by_its_name() {
    let (heard, path) = reported("worker-3", |db, end| assert_eq!(report(db, &end).unwrap(), 0));
    let leak = heard.leak();
    assert_eq!(leak.kind, Kind::Reader);
    assert_eq!(leak.site.function(), Some("leaks::reported::report"));
    assert_eq!((leak.site.file(), leak.site.line()), (file!(), REPORT));
    assert_eq!(leak.thread, "worker-3");
    assert_eq!(
        without_times(&heard.report),
        format!(
            "reader open for <time> by `leaks::reported::report` \
             (tests/leaks/reported.rs:{REPORT}, thread worker-3) on {}\n\
             \n\
             May indicate:\n  \
             - a guard that was not dropped: it was put away in a struct, or leaked\n  \
             - a function that does more than read: its snapshot stays open meanwhile\n\
             \n\
             Action:\n  \
             - drop the guard, or let the function return, as early as can be\n  \
             - if it may take so long, raise the option `leak_after`\n  \
             - end SQL that takes too long by itself: the option `read_timeout`",
            path.display()
        )
    );
}

#[test]
fn a_writing_function_is_reported_by_its_name() {
    let (heard, path) = reported("importer", |db, end| import(db, &end).unwrap());
    let leak = heard.leak();
    assert_eq!(leak.kind, Kind::Writer);
    assert_eq!(leak.site.function(), Some("leaks::reported::import"));
    assert_eq!((leak.site.file(), leak.site.line()), (file!(), IMPORT));
    assert_eq!(leak.thread, "importer");
    assert_eq!(
        without_times(&heard.report),
        format!(
            "writer open for <time> by `leaks::reported::import` \
             (tests/leaks/reported.rs:{IMPORT}, thread importer) on {}\n\
             \n\
             May indicate:\n  \
             - a guard that was not dropped: it was put away in a struct, or leaked\n  \
             - a long transaction: nobody else writes before it ends\n\
             \n\
             Action:\n  \
             - drop the guard, or let the function return, as early as can be\n  \
             - if it may take so long, raise the option `leak_after`\n  \
             - end SQL that takes too long by itself: the option `write_timeout`",
            path.display()
        )
    );
}

#[test]
fn a_closure_is_reported_by_its_place() {
    const PLACE: u32 = line!() + 2;
    let (heard, _) = reported("worker", |db, end| {
        db.write(|w| insert(w, "apple").map(|()| received(&end))).unwrap();
    });
    assert_eq!((heard.leak().kind, heard.leak().site.line()), (Kind::Writer, PLACE));
}

/// What joins a transaction is a part of it.
#[test]
fn a_call_inside_of_another_is_not_reported_for_itself() {
    #[writer]
    fn outer(db: &Writer, end: &Receiver<()>) -> Result<()> {
        import(db, end)
    }

    let (heard, _) = reported("worker", |db, end| outer(db, &end).unwrap());
    let function = heard.leak().site.function().map(str::to_owned);
    assert!(function.as_deref().is_some_and(|name| name.ends_with("outer")), "{heard:?}");
}

#[test]
fn each_that_is_open_is_reported_and_each_new_one_again() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let first = db.reader().unwrap();
    ear.first();
    let (second, writer) = (db.reader().unwrap(), db.writer().unwrap());
    ear.number(3);
    // The places of the two in the list are used again.
    drop((second, writer));
    let (second, writer) = (db.reader().unwrap(), db.writer().unwrap());
    ear.number(5);
    ear.stays_at(5);
    let heard = ear.heard();
    let of_kind = |kind| heard.iter().filter(|heard| heard.leak().kind == kind).count();
    assert_eq!((of_kind(Kind::Reader), of_kind(Kind::Writer)), (3, 2));
    drop((first, second, writer));
}

/// Who gets its turn late has not been open since it asked for it.
#[test]
fn waiting_for_the_turn_is_not_being_open() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let holder = db.writer().unwrap();
    ear.first();
    thread::scope(|scope| {
        let (end, ends) = mpsc::channel();
        let waits = scope.spawn(|| import(&*db, &{ ends }));
        wait_until("it waits", || db.stats().waiting == 1);
        let waiting = Instant::now();
        wait_until("it waits for long", || waiting.elapsed() > SOON);
        ear.stays_at(1);
        let free = Instant::now();
        drop(holder);
        let heard = ear.number(2);
        let since_free = free.elapsed();
        assert_eq!(heard.leak().site.function(), Some("leaks::reported::import"));
        assert!((SOON..=since_free).contains(&heard.leak().open_for), "{heard:?}");
        end.send(()).unwrap();
        waits.join().unwrap().unwrap();
    });
    ear.stays_at(2);
}

#[test]
fn waiting_for_somebody_outside_is_not_being_open() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let foreign = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    thread::scope(|scope| {
        let waits = scope.spawn(|| db.writer_within(PATIENCE).unwrap().commit());
        wait_until("it waits", || db.stats().waiting == 1);
        thread::sleep(SOON);
        ear.stays_at(0);
        foreign.release();
        waits.join().unwrap().unwrap();
    });
}

/// One after the other, each too short to be reported, all together long enough.
#[test]
fn what_ended_before_is_never_reported() {
    const LONG: Duration = ms(150);
    let ear = Ear::new();
    let db = ear.open(LONG);
    let begun = Instant::now();
    let mut slow = 0;
    while begun.elapsed() < 3 * LONG {
        let one = Instant::now();
        drop((db.reader().unwrap(), db.writer().unwrap()));
        count(&db.reader().unwrap()).unwrap();
        db.write(|w| insert(w, "apple")).unwrap();
        // Each of the four was, if the machine stood still.
        slow += if one.elapsed() < LONG { 0 } else { 4 };
    }
    looks(3);
    assert!(ear.count() <= slow, "{slow}, {:#?}", ear.heard());
}

#[test]
fn never_is_an_answer() {
    let ear = Ear::new();
    let db = ear.open(Duration::MAX);
    let guards = (db.reader().unwrap(), db.writer().unwrap());
    ear.stays_at(0);
    drop(guards);
}

#[test]
fn of_two_databases_on_one_file_the_one_is_told_that_it_concerns() {
    let (ear, other_ear) = (Ear::new(), Ear::new());
    let db = ear.open(SOON);
    let link = db.beside("link.db");
    std::fs::hard_link(db.path(), &link).unwrap();
    let other = other_ear.listens(Options::new().leak_after(SOON)).open(&link).unwrap();

    let writer = other.writer().unwrap();
    assert_eq!(other_ear.first().path, link, "by the name that it was opened by");
    ear.stays_at(0);
    drop(writer);
    let guards = (db.writer().unwrap(), db.reader().unwrap());
    ear.number(2);
    assert!(ear.heard().iter().all(|heard| heard.path == db.path()));
    ear.stays_at(2);
    drop(guards);
    let reader = other.reader().unwrap();
    assert_eq!(other_ear.number(2).leak().kind, Kind::Reader);
    ear.stays_at(2);
    other_ear.stays_at(2);
    drop(reader);
}

/// Asked of its connection while it runs.
#[test]
fn a_leak_that_is_in_a_statement_names_it() {
    let ear = Ear::new();
    let db = ear.open(ms(250));
    let statement = ENDLESS.split_whitespace().collect::<Vec<_>>().join(" ");
    let reported = |conn: &Connection, number| {
        let interrupt = conn.get_interrupt_handle();
        thread::scope(|scope| {
            let told = scope.spawn(|| {
                let told = ear.number(number);
                interrupt.interrupt();
                told
            });
            run_endless(conn).unwrap_err();
            told.join().unwrap()
        })
    };
    // If the machine stands still it is not asked in time.
    let mut number = 0;
    let told = loop {
        number += 1;
        let guard = db.reader().unwrap();
        let heard = reported(&guard, number);
        if heard.leak().statement.is_some() {
            break heard;
        }
        assert!(number < 20, "{:#?}", ear.heard());
    };
    assert_eq!(told.leak().statement.as_ref(), Some(&statement));
    assert!(told.line.ends_with(&format!(", in the statement {statement}")), "{}", told.line);
    assert_eq!(told.line.lines().count(), 1);
}

/// A guard that nobody can drop any more.
#[test]
fn a_forgotten_guard_is_reported_and_does_not_outlive_its_database() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    let forgets = || {
        std::mem::forget(db.reader().unwrap());
        std::mem::forget(db.writer().unwrap());
    };
    // On a thread of its own, which is inside of them for ever.
    thread::scope(|scope| scope.spawn(forgets).join()).unwrap();
    ear.number(2);
    ear.stays_at(2);
    drop(db);
    ear.stays_at(2);
}

#[test]
fn closing_lists_what_was_reported_with_its_place() {
    let ear = Ear::new();
    let db = ear.open(SOON);
    thread::scope(|scope| {
        let (end, ends) = mpsc::channel();
        let db: &Database = &db;
        let thread = thread::Builder::new().name("importer".into());
        thread.spawn_scoped(scope, move || import(db, &ends).unwrap()).unwrap();
        let leak = ear.first().leak().clone();
        let error = db.close_within(Duration::ZERO).unwrap_err();
        let text = error.to_string();
        let Error::StillOpen { guards, .. } = error else { panic!("{error}") };
        let [guard] = &guards[..] else { panic!("{guards:?}") };
        assert_eq!((guard.kind, guard.site, &guard.thread), (leak.kind, leak.site, &leak.thread));
        let place = format!("`leaks::reported::import` ({}:{IMPORT}, thread importer)", file!());
        assert!(text.contains(&place), "{text}");
        end.send(()).unwrap();
    });
    ear.stays_at(1);
    assert_eq!(names(db.path()), ["imported"]);
}

use super::*;

/// Holds a reader until it is told to let go.
#[reader]
fn report(db: &Reader, begun: &Sender<()>, end: &Receiver<()>) -> Result<i64> {
    let items = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
    begun.send(()).unwrap();
    received(end);
    Ok(items)
}
const REPORT: u32 = line!() - 6;

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader]
fn count_inside(db: &Reader, captured: &Database) -> Result<i64> {
    Ok(count(db)? + count(captured)?)
}

fn one_reader() -> TestDb {
    TestDb::with(Options::new().max_readers(1).reader_timeout(ms(30)))
}

#[test]
fn a_wait_for_a_reader_ends_and_names_the_oldest() {
    let db = one_reader();
    thread::scope(|scope| {
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        let reporter = thread::Builder::new().name("reporter".into());
        let on = &db;
        let work = move || report(on, &begun, &ends);
        let reporter = reporter.spawn_scoped(scope, work).unwrap();
        received(&begins);
        let error = gives_up(ms(30), || count(&db));
        let guard = gives_up(ms(30), || db.reader());
        assert!(matches!(guard, Error::ReaderTimeout(_)), "{guard}");
        let text = error.to_string();
        let Error::ReaderTimeout(timeout) = error else { panic!("{error}") };
        assert!(timeout.waited >= ms(30));
        assert_eq!(timeout.max_readers, 1);
        assert_eq!(timeout.site.function(), Some("bounded_wait::readers::count"));
        let [oldest] = &timeout.in_use[..] else { panic!("{:?}", timeout.in_use) };
        assert_eq!(oldest.site.function(), Some("bounded_wait::readers::report"));
        assert_eq!(oldest.site.line(), REPORT);
        assert_eq!(oldest.thread, "reporter");
        let named = format!(
            "`bounded_wait::readers::report` (tests/bounded_wait/readers.rs:{REPORT}, thread reporter)"
        );
        assert!(text.contains(&named), "{text}");
        end.send(()).unwrap();
        reporter.join().unwrap().unwrap();
    });
    assert_eq!(count(&db).unwrap(), 0);
    assert_eq!(db.stats().timeouts, 2);
}

/// On the same thread nobody could ever let it go.
#[test]
fn a_reader_beyond_the_limit_inside_a_reader_is_an_error_at_once() {
    let options = Options::new().max_readers(1).reader_timeout(common::PATIENCE);
    let db = TestDb::with(options);
    let error = gives_up(Duration::ZERO, || count_inside(&db, &db));
    assert!(matches!(error, Error::NestedRead { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("`bounded_wait::readers::count`"), "{text}");
    assert!(text.contains("`bounded_wait::readers::count_inside`"), "{text}");
    let guard = db.reader().unwrap();
    let error = gives_up(Duration::ZERO, || db.reader());
    assert!(matches!(error, Error::NestedRead { .. }), "{error}");
    drop(guard);
    assert_eq!(db.stats().timeouts, 0);
    assert_eq!(count(&db).unwrap(), 0);
}

/// With a limit everybody gets a turn, and there are never more than it says.
#[test]
fn all_are_served_when_there_are_more_than_the_limit() {
    let options = Options::new().max_readers(2).reader_timeout(common::PATIENCE);
    let db = TestDb::with(options);
    let inside = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    db.read(|r| {
                        assert!(inside.fetch_add(1, SeqCst) < 2);
                        let items = count(r);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                        items
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(db.stats().timeouts, 0);
    assert_eq!(db.stats().in_use, 0);
    assert!(db.stats().idle <= 3);
}

/// With a rollback journal a reader meets another program's lock too.
#[test]
fn a_readers_wait_for_another_program_ends() {
    let options = Options::new().journal_mode(JournalMode::Delete).busy_timeout(ms(30));
    let db = TestDb::with(options);
    assert_eq!(count(&db).unwrap(), 0);
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    // SQLite sleeps in whole milliseconds of its own choice.
    let error = gives_up(ms(20), || count(&db));
    assert!(error.is_locked(), "{error}");
    lock.release();
    assert_eq!(count(&db).unwrap(), 0);
}

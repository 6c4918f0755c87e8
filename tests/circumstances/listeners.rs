//! A listener is the program's own, and may do what the program does: also open and use
//! databases. Whatever it does, it is done or refused at once.

use super::*;

/// A file in rollback mode that another process reads, opened by whoever calls `open` while
/// `listener` is told of that. The other one lets go afterwards.
fn told_of_a_held_file(
    listener: impl Fn(&Path, &Warning) + Send + Sync + 'static,
    prepare: impl FnOnce(&Path),
) -> (TempDir, Database) {
    let (folder, path) = folder();
    make_file(&path);
    prepare(&path);
    let lock = ForeignLock::take(&path, Lock::Reading);
    let (tell, told) = mpsc::channel();
    let file = path.clone();
    let options = Options::new().busy_timeout(PATIENCE).writer_timeout(PATIENCE);
    let options = options.on_warning(move |warning| {
        let start = Instant::now();
        listener(&file, warning);
        tell.send(start.elapsed()).unwrap();
    });
    let db = thread::scope(|scope| {
        let opener = scope.spawn(|| options.open(&path));
        let took = received(&told);
        assert!(took < SOON, "the listener took {took:?}");
        lock.release();
        opener.join().unwrap().unwrap()
    });
    add(&db, "after").unwrap();
    assert_eq!(names(&path), ["after"]);
    (folder, db)
}

fn is_nested(result: db_core::Result<impl Sized>) {
    match result {
        Err(Error::NestedWrite(_)) => {}
        Err(error) => panic!("{error:#}"),
        Ok(_) => panic!("it wrote inside of another's turn"),
    }
}

/// The turn is the opener's, so it has to be told at once that it would wait for itself.
#[test]
fn one_that_opens_the_same_file_is_refused_at_once() {
    told_of_a_held_file(
        |path, _warning| {
            is_nested(Database::open(path));
            is_nested(Options::new().strict().open(path));
            // To read it nothing has to be changed.
            let db = Options::new().read_only(true).open(path).unwrap();
            assert_eq!(count(&db).unwrap(), 0);
        },
        |_path| (),
    );
}

/// A handle that was opened before, with the journal that the file has.
#[test]
fn one_that_uses_another_handle_on_the_same_file_reads_and_is_refused_to_write() {
    let other = Arc::new(Mutex::new(None::<Database>));
    let own = Arc::clone(&other);
    told_of_a_held_file(
        move |_path, _warning| {
            let other = own.lock().unwrap().clone().unwrap();
            assert_eq!(count(&other).unwrap(), 0);
            drop(other.reader().unwrap());
            is_nested(add(&other, "inside"));
            is_nested(other.writer());
            is_nested(other.writer_within(Duration::ZERO));
            assert_eq!(other.stats().waiting, 0);
            assert!(!other.lock_holders().is_told || !other.lock_holders().readers.is_empty());
            assert!(other.open_guards().is_empty());
        },
        |path| {
            let options = Options::new().journal_mode(JournalMode::Delete);
            *other.lock().unwrap() = Some(options.open(path).unwrap());
        },
    );
}

/// From a thread of its own, which it waits for, a write can't be told from any other: it
/// waits for its turn as long as it wants to.
#[test]
fn one_that_has_another_thread_write_waits_no_longer_than_that_one_wants() {
    let other = Arc::new(Mutex::new(None::<Database>));
    let own = Arc::clone(&other);
    told_of_a_held_file(
        move |_path, _warning| {
            let other = own.lock().unwrap().clone().unwrap();
            let write = move || other.writer_within(Duration::from_millis(20)).map(drop);
            let error = thread::spawn(write).join().unwrap().unwrap_err();
            assert!(matches!(error, Error::WriterTimeout(_)), "{error}");
        },
        |path| {
            let options = Options::new().journal_mode(JournalMode::Delete);
            *other.lock().unwrap() = Some(options.open(path).unwrap());
        },
    );
}

#[test]
fn one_that_closes_or_drops_another_handle_on_the_same_file_does_not_wait() {
    for closes in [true, false] {
        let other = Arc::new(Mutex::new(None::<Database>));
        let own = Arc::clone(&other);
        told_of_a_held_file(
            move |_path, _warning| {
                let other = own.lock().unwrap().take().unwrap();
                if closes {
                    other.close().unwrap();
                }
                drop(other);
            },
            |path| {
                let options = Options::new().journal_mode(JournalMode::Delete);
                *other.lock().unwrap() = Some(options.open(path).unwrap());
            },
        );
    }
}

#[test]
fn one_that_works_on_another_file_is_free_to() {
    let diary = Arc::new(TestDb::new());
    let own = Arc::clone(&diary);
    told_of_a_held_file(
        move |_path, warning| {
            add(&own, Text::of(warning).kind).unwrap();
            let (_folder, path) = folder();
            make_file(&path);
            add(&Options::new().strict().open(&path).unwrap(), "new").unwrap();
            add(
                &Options::new().migrations(&["CREATE TABLE item (name)"]).open_in_memory().unwrap(),
                "new",
            )
            .unwrap();
        },
        |_path| (),
    );
    assert_eq!(diary.names(), ["held in rollback mode"]);
}

/// What it panics with is the opener's; nothing stays locked.
#[test]
fn one_that_panics_panics_the_opener_and_leaves_the_file_usable() {
    let (_folder, path) = folder();
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Reading);
    let options = Options::new().on_warning(|_warning| panic!("as it was told"));
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| options.open(&path)));
    let payload = opened.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"as it was told"));
    lock.release();
    let start = Instant::now();
    let db = Options::new().strict().open(&path).unwrap();
    add(&db, "after").unwrap();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(names(&path), ["after"]);
}

//! A file with a rollback journal that somebody else has open can't be turned to a WAL.

use common::without_processes;

use super::*;

/// A file in rollback mode that another process holds.
fn held(lock: Lock<'_>) -> (TempDir, PathBuf, ForeignLock) {
    let (folder, path) = folder();
    make_file(&path);
    let lock = ForeignLock::take(&path, lock);
    (folder, path, lock)
}

const WRITES: Lock<'_> = Lock::Writing("INSERT INTO item (name) VALUES ('foreign')");

/// No machine is so slow that these come first.
fn patient() -> Options {
    Options::new().busy_timeout(PATIENCE).writer_timeout(PATIENCE)
}

/// Told of on the way; what it says comes through the channel.
fn telling(options: Options) -> (Options, mpsc::Receiver<Text>) {
    let (tell, told) = mpsc::channel();
    (options.on_warning(move |warning| tell.send(Text::of(warning)).unwrap()), told)
}

fn journal_mode(db: &Database) -> rusqlite::Result<String> {
    db.read(|r| r.pragma_query_value(None, "journal_mode", |row| row.get(0)))
}

#[test]
fn the_holder_is_named_once_and_opening_goes_on_when_it_lets_go() {
    for (lock, what) in [(Lock::Reading, "a snapshot"), (WRITES, "the write lock")] {
        let (_folder, path, lock) = held(lock);
        let (options, told) = telling(patient());
        let db = thread::scope(|scope| {
            let opener = scope.spawn(|| options.open(&path));
            let warning = received(&told);
            warning.is_well_formed();
            assert_eq!(warning.kind, "held in rollback mode");
            let who = if cfg!(target_os = "linux") {
                format!("while it is held by process <id> (<program>), which has {what}")
            } else {
                "while somebody else holds it; who that is can't be known: this system does not \
                 tell who holds a lock"
                    .to_owned()
            };
            assert_eq!(
                without_processes(&warning.whole),
                format!(
                    "{} has a rollback journal, and can't get a WAL {who}\n\
                     \n\
                     Action:\n  \
                     - close the other applications: the file is turned to a WAL once, and stays so\n  \
                     - or accept that readers and writers block each other: `Options::journal_mode(JournalMode::Delete)`",
                    path.display()
                )
            );
            // It still waits.
            assert!(!opener.is_finished());
            lock.commit();
            opener.join().unwrap().unwrap()
        });
        assert_eq!(journal_mode(&db).unwrap(), "wal");
        add(&db, "after").unwrap();
        assert_eq!(told.try_iter().count(), 0, "it is said once");
    }
}

/// With a migration and a set-up there are more things to wait for, and no more to say.
#[test]
fn it_is_said_once_whatever_else_is_done_at_opening() {
    let (_folder, path, lock) = held(Lock::Reading);
    let options = patient()
        .synchronous(Synchronous::Shared)
        .migrations(&["CREATE TABLE later (x)"])
        .setup(|conn| Ok(conn.execute_batch("INSERT INTO later VALUES (1)")?));
    let (options, told) = telling(options);
    thread::scope(|scope| {
        let opener = scope.spawn(|| options.open(&path));
        assert_eq!(received(&told).kind, "held in rollback mode");
        lock.release();
        opener.join().unwrap().unwrap();
    });
    assert_eq!(told.try_iter().count(), 0);
}

#[test]
fn one_that_does_not_let_go_in_time_is_an_error_after_the_warning() {
    let (_folder, path, lock) = held(Lock::Reading);
    let (options, heard) = Heard::listen(Options::new().busy_timeout(Duration::from_millis(30)));
    let error = options.open(&path).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(heard.one().kind, "held in rollback mode");
    lock.release();
    let db = Options::new().strict().open(&path).unwrap();
    assert_eq!(journal_mode(&db).unwrap(), "wal");
}

#[test]
fn with_strict_it_is_an_error_at_once() {
    for lock in [Lock::Reading, WRITES] {
        let (_folder, path, lock) = held(lock);
        let (options, heard) = Heard::listen(Options::new().busy_timeout(Duration::ZERO));
        assert!(matches!(options.open(&path), Err(Error::Locked(_))));
        is_refused(patient(), &path, &heard.one());
        lock.release();
        // Nothing of it is left.
        let (options, heard) = Heard::listen(Options::new().strict());
        let db = options.open(&path).unwrap();
        add(&db, "after").unwrap();
        assert!(heard.all().is_empty());
        assert_eq!(names(&path), ["after"]);
    }
}

/// Nobody is to look for it among the other programs.
#[test]
fn a_connection_of_this_very_program_is_named_as_that() {
    let (_folder, path) = folder();
    make_file(&path);
    let conn = Connection::open(&path).unwrap();
    let mut reading = conn.prepare("SELECT 1 FROM sqlite_master").unwrap();
    let mut rows = reading.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    let (options, heard) = Heard::listen(Options::new().busy_timeout(Duration::from_millis(30)));
    options.open(&path).unwrap_err();
    if cfg!(target_os = "linux") {
        let id = std::process::id();
        let own = format!("held by a reader of this program (process {id}), which has a snapshot");
        assert!(heard.one().line.contains(&own), "{}", heard.one().line);
    }
    drop(rows);
    Options::new().strict().open(&path).unwrap();
}

/// Who has its file as it wants it waits for nobody, and so does who only reads.
#[test]
fn whoever_needs_no_change_is_not_concerned() {
    let (_folder, path, lock) = held(Lock::Reading);
    let ways: [fn(Options) -> Options; 2] =
        [|options| options.read_only(true), |options| options.journal_mode(JournalMode::Delete)];
    for way in ways {
        let (options, heard) = Heard::listen(way(Options::new().strict()));
        assert_eq!(count(&options.open(&path).unwrap()).unwrap(), 0);
        assert!(heard.all().is_empty());
    }
    lock.release();
    Database::open(&path).unwrap();

    // It has a WAL now, and may be written to by another.
    let lock = ForeignLock::take(&path, WRITES);
    let (options, heard) = Heard::listen(Options::new().strict());
    assert_eq!(count(&options.open(&path).unwrap()).unwrap(), 0);
    assert!(heard.all().is_empty());

    // Whoever wants it back in rollback mode has to wait, but not for the same reason.
    let (options, heard) = Heard::listen(Options::new().busy_timeout(Duration::from_millis(30)));
    let error = options.strict().journal_mode(JournalMode::Delete).open(&path).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert!(heard.all().is_empty());
    lock.release();
}

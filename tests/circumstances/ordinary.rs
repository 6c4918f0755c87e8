//! An ordinary open, on a disk of this machine, is no occasion for a warning.

use std::sync::Barrier;

use super::*;

/// Opens it, reads and writes, with `strict` and without, and closes it.
#[track_caller]
fn works_in_silence(options: impl Fn() -> Options, path: &Path) {
    for options in [options(), options().strict()] {
        let (options, heard) = Heard::listen(options);
        let db = options.open(path).unwrap_or_else(|error| panic!("{error:#}"));
        let before = count(&db).unwrap();
        add(&db, "apple").unwrap();
        assert_eq!(count(&db).unwrap(), before + 1);
        // Another one on the same file.
        let (options, second) = Heard::listen(Options::new().strict());
        if db.write(|w| journal_mode(w)) == Ok("wal".to_owned()) {
            assert_eq!(count(&options.open(path).unwrap()).unwrap(), before + 1);
        }
        db.close().unwrap();
        assert!(heard.all().is_empty() && second.all().is_empty());
    }
}

fn journal_mode(conn: &Connection) -> rusqlite::Result<String> {
    conn.pragma_query_value(None, "journal_mode", |row| row.get(0))
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";

#[test]
fn of_whatever_file_and_with_whatever_options_it_is_silent() {
    type Set = fn() -> Options;
    let all: [Set; 5] = [
        Options::new,
        || Options::new().synchronous(Synchronous::Shared),
        || Options::new().synchronous(Synchronous::Full).max_readers(1),
        || Options::new().journal_mode(JournalMode::Delete),
        || Options::new().migrations(&[TABLE]).setup(|conn| Ok(conn.execute_batch("ANALYZE")?)),
    ];
    for options in all {
        // One that another program has made, with a rollback journal; then it has a WAL.
        let (_folder, path) = folder();
        make_file(&path);
        works_in_silence(options, &path);
        works_in_silence(options, &path);
        // A new one.
        let (_folder, path) = folder();
        let with_table = || options().migrations(&[TABLE]);
        works_in_silence(with_table, &path);
    }
}

#[test]
fn of_a_file_that_is_only_read_or_kept_in_memory_it_is_silent() {
    let (_folder, path) = folder();
    make_file(&path);
    for options in [Options::new(), Options::new().strict()] {
        let (options, heard) = Heard::listen(options.read_only(true));
        assert_eq!(count(&options.open(&path).unwrap()).unwrap(), 0);
        assert!(heard.all().is_empty());
    }
    for options in [Options::new(), Options::new().strict()] {
        let (options, heard) = Heard::listen(options.migrations(&[TABLE]));
        let db = options.open_in_memory().unwrap();
        add(&db, "apple").unwrap();
        assert_eq!(count(&db).unwrap(), 1);
        assert!(heard.all().is_empty());
    }
}

#[cfg(unix)]
#[test]
fn of_a_path_that_is_relative_or_a_link_it_is_silent() {
    let (folder, path) = folder();
    make_file(&path);
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    works_in_silence(Options::new, &link);
    // From where the tests run to the root, and down again.
    let up: PathBuf = env::current_dir().unwrap().components().skip(1).map(|_| "..").collect();
    works_in_silence(Options::new, &up.join(path.strip_prefix("/").unwrap()));
}

/// The SQLite that is compiled in has no fault that would be warned of.
#[test]
fn the_sqlite_that_is_compiled_in_is_a_good_one() {
    // The rule itself is tested where it is, in `engine/checks.rs`.
    let version = rusqlite::version_number();
    assert!(version >= 3_051_003, "{version}");
}

/// Whoever only looks at the file while it is turned to a WAL has it for a moment, and is not
/// somebody who holds it.
#[test]
fn many_who_open_it_at_once_hear_nothing_and_are_not_refused() {
    const THREADS: usize = 8;
    for round in 0..20 {
        let (_folder, path) = folder();
        make_file(&path);
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let options =
                        if round % 2 == 0 { Options::new() } else { Options::new().strict() };
                    let (options, heard) = Heard::listen(options);
                    start.wait();
                    let db = options.open(&path).unwrap_or_else(|error| panic!("{error:#}"));
                    add(&db, "apple").unwrap();
                    assert!(heard.all().is_empty(), "{:?}", heard.all());
                });
            }
        });
        assert_eq!(names(&path).len(), THREADS);
    }
}

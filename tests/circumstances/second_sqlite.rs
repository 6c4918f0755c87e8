//! Another copy of SQLite in the process: the system's library, loaded before the program.
//! What the program calls is still its own, which is compiled in.

use super::*;

/// Where systems keep it.
fn library() -> Option<PathBuf> {
    let machine = format!("/usr/lib/{}-linux-gnu", env::consts::ARCH);
    let folders = [&*machine, "/usr/lib64", "/usr/lib", "/lib64", "/lib", "/usr/local/lib"];
    let mut files = folders.iter().map(|folder| Path::new(folder).join("libsqlite3.so.0"));
    files.find(|file| file.exists())
}

/// Runs `body` in a process where that library is loaded as well.
fn where_it_is_loaded(test: &str, body: impl FnOnce(&Path)) {
    let Some(library) = library() else {
        return println!("skipped: no libsqlite3.so.0 in the usual places");
    };
    // As the system names it when it is loaded.
    let real = fs::canonicalize(&library).unwrap();
    if given().is_none() {
        let told = again(test, &[], "").env("LD_PRELOAD", &library).output().unwrap();
        return passed(&told);
    }
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    assert!(maps.contains(real.to_str().unwrap()), "the program has a loader of its own");
    body(&real);
}

#[test]
fn it_is_warned_of_by_name_and_refused_with_strict() {
    let test = "second_sqlite::it_is_warned_of_by_name_and_refused_with_strict";
    where_it_is_loaded(test, |library| {
        let (_folder, path) = folder();
        // Once for each open, of a new file and of one that is there.
        for _ in 0..3 {
            let (options, heard) =
                Heard::listen(Options::new().migrations(&["CREATE TABLE item (name)"]));
            let db = options.open(&path).unwrap();
            add(&db, "apple").unwrap();
            count(&db).unwrap();
            let warning = heard.one();
            assert_eq!(
                warning.whole,
                format!(
                    "another copy of SQLite is loaded: {}; if it opens the same file, closing that takes away the locks of this one\n\
                     \n\
                     Action:\n  \
                     - open the file through one of the two only\n  \
                     - or leave out what brings the other one: a library or a plugin that is linked to the system's SQLite",
                    library.display()
                )
            );
            is_refused(Options::new(), &path, &warning);
        }
        assert_eq!(
            count(&Options::new().on_warning(|_warning| ()).open(&path).unwrap()).unwrap(),
            3
        );
        // Nobody else opens that one.
        let (options, heard) = Heard::listen(Options::new().strict());
        options.open_in_memory().unwrap();
        assert!(heard.all().is_empty());
    });
}

/// Nothing is held while it is told.
#[test]
fn a_listener_may_open_and_use_the_same_database() {
    let test = "second_sqlite::a_listener_may_open_and_use_the_same_database";
    where_it_is_loaded(test, |_library| {
        let (_folder, path) = folder();
        make_file(&path);
        let file = path.clone();
        let options = Options::new().on_warning(move |warning| {
            assert_eq!(Text::of(warning).kind, "second SQLite");
            let db = Options::new().on_warning(|_warning| ()).open(&file).unwrap();
            add(&db, "by the listener").unwrap();
        });
        let db = options.open(&path).unwrap();
        add(&db, "by the opener").unwrap();
        assert_eq!(count(&db).unwrap(), 2);
    });
}

/// To say nothing would be to hide it: without a listener it is a line on stderr.
#[test]
fn without_a_listener_it_is_told_in_full_on_stderr() {
    let test = "second_sqlite::without_a_listener_it_is_told_in_full_on_stderr";
    let Some(library) = library() else {
        return println!("skipped: no libsqlite3.so.0 in the usual places");
    };
    if given().is_some() {
        let (_folder, path) = folder();
        drop(Database::open(path).unwrap());
        return;
    }
    let told = again(test, &[], "").env("LD_PRELOAD", &library).output().unwrap();
    passed(&told);
    let errors = String::from_utf8(told.stderr).unwrap();
    let real = fs::canonicalize(&library).unwrap();
    let line = format!("db-core: warning: another copy of SQLite is loaded: {}; ", real.display());
    assert!(errors.starts_with(&line), "{errors}");
    assert!(errors.contains("\n\nAction:\n"), "it says what to do: {errors}");
    assert_eq!(errors.matches("db-core: warning:").count(), 1, "{errors}");
}

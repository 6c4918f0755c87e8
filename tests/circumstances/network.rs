//! Drives of other machines, which are known by what `statfs` and the table of mounts tell.
//!
//! A real one needs another machine. What the kernel tells is staged with FUSE: a file system
//! of our own that says that it is `sshfs`. Which numbers and names there are is tested where
//! the rule is, in `file_system.rs`.

use super::*;

/// Before the folder of who is to serve it.
const SERVES: &str = "serves ";

/// Runs `body` in a folder that is mounted as a file system of that kind, in a process of its
/// own, which is started by the one that serves the files.
fn on(kind: &str, test: &str, body: impl FnOnce(&Path)) {
    let Some(given) = given() else {
        let folder = tempfile::tempdir().unwrap();
        let serves = format!("{SERVES}{}", folder.path().display());
        return match again(test, &unshared(), serves).output() {
            Err(error) => println!("skipped: nothing can be mounted: {error}"),
            Ok(told) if says(&told, "unshare: ") => {
                println!("skipped: {}", String::from_utf8_lossy(&told.stderr));
            }
            Ok(told) => {
                passed(&told);
                if says(&told, "skipped: ") {
                    println!("{}", String::from_utf8_lossy(&told.stdout));
                }
            }
        };
    };
    match given.to_str().unwrap().strip_prefix(SERVES) {
        Some(folder) => match fuse::mount(kind, Path::new(folder)) {
            Err(error) => println!("skipped: no FUSE: {error}"),
            Ok(()) => passed(&again(test, &[], folder).output().unwrap()),
        },
        None => body(Path::new(&given)),
    }
}

fn says(told: &Output, words: &str) -> bool {
    [&told.stdout, &told.stderr].iter().any(|text| String::from_utf8_lossy(text).contains(words))
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";

#[test]
fn one_is_warned_of_at_each_open_and_refused_with_strict() {
    let test = "network::one_is_warned_of_at_each_open_and_refused_with_strict";
    on("fuse.sshfs", test, |folder| {
        let path = folder.join("shop.db");
        // A new file, one that is there, and one that stays with its rollback journal.
        let journal = Options::new().journal_mode(JournalMode::Delete);
        for options in [Options::new(), Options::new(), journal] {
            let (options, heard) = Heard::listen(options.migrations(&[TABLE]));
            let db = options.open(&path).unwrap();
            add(&db, "apple").unwrap();
            count(&db).unwrap();
            db.close().unwrap();
            let warning = heard.one();
            assert_eq!(
                warning.whole,
                format!(
                    "{} is on a network drive (fuse.sshfs), where locks need not work\n\
                     \n\
                     Action:\n  \
                     - move the database to a local disk, and let other machines ask a program there",
                    path.display()
                )
            );
            is_refused(Options::new(), &path, &warning);
        }
        assert_eq!(names(&path).len(), 3);
        let (options, heard) = Heard::listen(Options::new().read_only(true));
        assert_eq!(count(&options.open(&path).unwrap()).unwrap(), 3);
        assert_eq!(heard.one().kind, "network drive");
        // A new file that is refused is not even made.
        is_refused(
            Options::new(),
            &folder.join("new.db"),
            &Text {
                line: heard.one().line.replace("shop.db", "new.db"),
                whole: heard.one().whole.replace("shop.db", "new.db"),
                ..heard.one()
            },
        );
        assert!(!folder.join("new.db").exists());
    });
}

/// By a link on a disk of this machine: it is the file that counts.
#[test]
fn a_link_to_one_is_warned_of() {
    let test = "network::a_link_to_one_is_warned_of";
    on("fuse.sshfs", test, |folder| {
        make_file(&folder.join("shop.db"));
        let (_local, link) = super::folder();
        std::os::unix::fs::symlink(folder.join("shop.db"), &link).unwrap();
        let (options, heard) = Heard::listen(Options::new());
        add(&options.open(&link).unwrap(), "apple").unwrap();
        assert_eq!(heard.kinds(), ["network drive"]);
    });
}

/// Nothing is held while it is told.
#[test]
fn a_listener_may_open_and_use_the_same_database() {
    let test = "network::a_listener_may_open_and_use_the_same_database";
    on("fuse.sshfs", test, |folder| {
        let path = folder.join("shop.db");
        make_file(&path);
        let file = path.clone();
        let options = Options::new().on_warning(move |warning| {
            assert_eq!(Text::of(warning).kind, "network drive");
            let db = Options::new().on_warning(|_warning| ()).open(&file).unwrap();
            add(&db, "by the listener").unwrap();
        });
        add(&options.open(&path).unwrap(), "by the opener").unwrap();
        assert_eq!(names(&path), ["by the listener", "by the opener"]);
    });
}

/// Where it may be the drive that is to blame for a lock, the error says so for certain.
#[test]
fn the_error_of_a_lock_names_the_drive() {
    let test = "network::the_error_of_a_lock_names_the_drive";
    on("fuse.sshfs", test, |folder| {
        let path = folder.join("shop.db");
        make_file(&path);
        let options = Options::new().on_warning(|_warning| ());
        let db = options.busy_timeout(Duration::from_millis(20)).open(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = add(&db, "late").unwrap_err();
        assert!(matches!(error, Error::Locked(_)), "{error}");
        let text = format!("{error:#}");
        assert!(text.contains("network drive (fuse.sshfs)"), "{text}");
        assert!(text.contains("move the database to a local disk"), "{text}");
        other.execute_batch("ROLLBACK").unwrap();
        add(&db, "after").unwrap();
    });
}

/// FUSE has file systems of this machine as well, and those that nobody has heard of.
#[test]
fn one_of_this_machine_is_no_occasion_for_a_warning() {
    let test = "network::one_of_this_machine_is_no_occasion_for_a_warning";
    on("fuse.mergerfs", test, is_silent);
}

#[test]
fn one_of_an_unknown_kind_is_no_occasion_for_a_warning() {
    let test = "network::one_of_an_unknown_kind_is_no_occasion_for_a_warning";
    on("fuse.home-made", test, is_silent);
}

fn is_silent(folder: &Path) {
    let path = folder.join("shop.db");
    for options in [Options::new(), Options::new().strict()] {
        let (options, heard) = Heard::listen(options.migrations(&[TABLE]));
        add(&options.open(&path).unwrap(), "apple").unwrap();
        assert!(heard.all().is_empty());
    }
}

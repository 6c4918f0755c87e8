//! A folder that can't be written, where SQLite's files beside the database belong: one that
//! is mounted read-only, and one that the program has no right to write in.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use super::*;

/// A file in WAL mode with one item, closed well.
fn make_with_wal(path: &Path) {
    make_file(path);
    add(&Options::new().strict().open(path).unwrap(), "apple").unwrap();
}

/// Runs `body` in a folder with such a file, that is then mounted read-only: in a process of
/// its own, which alone sees that mount.
fn where_it_is_mounted_read_only(test: &str, body: impl FnOnce(&Path)) {
    if let Some(folder) = given() {
        return body(Path::new(&folder));
    }
    let (folder, path) = folder();
    make_with_wal(&path);
    let mounts =
        "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";
    let shell = ["sh", "-c", mounts, "sh"].map(OsStr::new);
    let before: Vec<_> =
        unshared().into_iter().chain(shell).chain([folder.path().as_os_str()]).collect();
    match again(test, &before, folder.path()).output() {
        Err(error) => println!("skipped: nothing can be mounted: {error}"),
        // Neither has begun the test.
        Ok(told) if told.stdout.is_empty() => {
            println!("skipped: {}", String::from_utf8_lossy(&told.stderr));
        }
        Ok(told) => passed(&told),
    }
}

/// `nobody`, on most systems; it need not exist.
const NOBODY: u32 = 65_534;

/// Runs `body` in a folder where it may write, as a user for whom permissions hold. They
/// don't for root, so then somebody else runs it.
fn where_permissions_hold(test: &str, body: impl FnOnce(&Path)) {
    if let Some(folder) = given() {
        return body(Path::new(&folder));
    }
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("work");
    fs::create_dir(&folder).unwrap();
    let probe = outer.path().join("probe");
    fs::write(&probe, "").unwrap();
    mode(&probe, 0o444);
    if fs::File::options().write(true).open(&probe).is_err() {
        return body(&folder);
    }
    match as_nobody(test, outer.path(), &folder) {
        Err(error) => println!("skipped: {test} can't be run as another user: {error}"),
        Ok(told) => passed(&told),
    }
}

fn as_nobody(test: &str, outer: &Path, folder: &Path) -> io::Result<Output> {
    // Where the program was built, nobody may be allowed to go.
    let program = outer.join("program");
    let built = env::current_exe()?;
    fs::hard_link(&built, &program).or_else(|_elsewhere| fs::copy(&built, &program).map(drop))?;
    mode(&program, 0o755);
    mode(outer, 0o755);
    chown(folder, Some(NOBODY), Some(NOBODY))?;
    let mut command = again_as(program.as_os_str(), test, &[], folder);
    command.current_dir("/").uid(NOBODY).gid(NOBODY);
    loop {
        match command.output() {
            // A process that another test was starting while the copy was written has
            // it open, but not for long.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

#[track_caller]
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The whole text for the file at `path`.
fn text(path: &Path) -> String {
    format!(
        "the folder of {} can't be written, but its -wal and -shm files belong there\n\
         \n\
         Action:\n  \
         - let the program write in that folder\n  \
         - or copy the database to a folder where it may",
        path.display()
    )
}

#[test]
fn one_that_is_mounted_read_only_is_warned_of_and_refused_with_strict() {
    let test = "folder::one_that_is_mounted_read_only_is_warned_of_and_refused_with_strict";
    where_it_is_mounted_read_only(test, |folder| {
        let path = folder.join("shop.db");
        let (options, heard) = Heard::listen(Options::new());
        let error = options.open(&path).unwrap_err();
        // It was warned of what then came.
        assert!(
            matches!(&error, Error::Open(open) if open.problem == OpenProblem::Denied),
            "{error:?}"
        );
        assert!(error.report().contains("its folder"), "{error:#}");
        assert_eq!(heard.one().whole, text(&path));
        is_refused(Options::new(), &path, &heard.one());
    });
}

#[test]
fn one_without_the_right_to_write_is_warned_of_and_refused_with_strict() {
    let test = "folder::one_without_the_right_to_write_is_warned_of_and_refused_with_strict";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make_with_wal(&path);
        // While the files beside the database are there, and may be written, all goes well.
        let other = Connection::open(&path).unwrap();
        other.execute_batch("INSERT INTO item (name) VALUES ('pear')").unwrap();
        mode(folder, 0o555);
        for round in 0..2 {
            let (options, heard) = Heard::listen(Options::new());
            let db = options.open(&path).unwrap();
            add(&db, "plum").unwrap();
            assert_eq!(count(&db).unwrap(), 3 + round);
            assert_eq!(heard.one().whole, text(&path));
            is_refused(Options::new(), &path, &heard.one());
        }
        drop(other);
        mode(folder, 0o755);
        assert_eq!(names(&path), ["apple", "pear", "plum", "plum"]);
    });
}

/// Nothing is held while it is told.
#[test]
fn a_listener_may_open_and_use_the_same_database() {
    let test = "folder::a_listener_may_open_and_use_the_same_database";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make_with_wal(&path);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("INSERT INTO item (name) VALUES ('pear')").unwrap();
        mode(folder, 0o555);
        let file = path.clone();
        let options = Options::new().on_warning(move |warning| {
            assert_eq!(Text::of(warning).kind, "read-only folder");
            let db = Options::new().on_warning(|_warning| ()).open(&file).unwrap();
            add(&db, "by the listener").unwrap();
        });
        add(&options.open(&path).unwrap(), "by the opener").unwrap();
        drop(other);
        mode(folder, 0o755);
        assert_eq!(names(&path), ["apple", "pear", "by the listener", "by the opener"]);
    });
}

/// Whoever only reads needs nothing in the folder.
#[test]
fn to_read_only_it_is_no_occasion_for_a_warning() {
    let test = "folder::to_read_only_it_is_no_occasion_for_a_warning";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make_file(&path);
        mode(folder, 0o555);
        let (options, heard) = Heard::listen(Options::new().read_only(true).strict());
        assert_eq!(count(&options.open(&path).unwrap()).unwrap(), 0);
        assert!(heard.all().is_empty());
        mode(folder, 0o755);
    });
}

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::{env, io};

use super::*;

const FOLDER: &str = "DB_CORE_TEST_FOLDER";
/// `nobody`, on most systems; it need not exist.
const NOBODY: u32 = 65_534;

/// Runs `body` in an empty folder as a user for whom permissions hold. They don't
/// for root, so then `test`, which has called this, is run by somebody else.
fn where_permissions_hold(test: &str, body: impl FnOnce(&Path)) {
    if let Some(folder) = env::var_os(FOLDER) {
        return body(Path::new(&folder));
    }
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("work");
    fs::create_dir(&folder).unwrap();
    if !permissions_are_ignored(&outer.path().join("probe")) {
        body(&folder);
        // Or it could not be removed.
        return mode(&folder, 0o755);
    }
    match as_nobody(test, outer.path(), &folder) {
        Err(error) => println!("skipped: {test} can't be run as another user: {error}"),
        Ok(told) => {
            let text = String::from_utf8_lossy(&told.stdout);
            let errors = String::from_utf8_lossy(&told.stderr);
            assert!(told.status.success(), "{text}\n{errors}");
            assert!(text.contains("1 passed"), "{text}");
        }
    }
}

fn permissions_are_ignored(probe: &Path) -> bool {
    fs::write(probe, "").unwrap();
    mode(probe, 0o444);
    fs::File::options().write(true).open(probe).is_ok()
}

fn as_nobody(test: &str, outer: &Path, folder: &Path) -> io::Result<std::process::Output> {
    // Where the program was built, nobody may be allowed to go.
    let program = outer.join("program");
    let built = env::current_exe()?;
    fs::hard_link(&built, &program).or_else(|_elsewhere| fs::copy(&built, &program).map(drop))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(outer, fs::Permissions::from_mode(0o755))?;
    chown(folder, Some(NOBODY), Some(NOBODY))?;
    let mut command = Command::new(program);
    command
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY);
    loop {
        match command.output() {
            // A process that another test was starting while the copy was written has
            // it open, but not for long.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

#[track_caller]
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A file with one item; in WAL mode it has been closed well.
fn make(path: &Path, wal: bool) {
    make_file(path);
    if wal {
        add(&Database::open(path).unwrap(), "apple").unwrap();
    } else {
        let conn = Connection::open(path).unwrap();
        conn.execute("INSERT INTO item (name) VALUES ('apple')", []).unwrap();
    }
}

/// Opening it to write fails, and says so of the file and its folder.
#[track_caller]
fn cannot_be_written(path: &Path) -> Error {
    let folder = path.parent().unwrap();
    let before = Contents::of(folder).without_sidecars();
    let error = Database::open(path).unwrap_err();
    assert!(
        matches!(&error, Error::ReadOnly { asked: false, .. })
            || matches!(&error, Error::Open(open) if open.problem == OpenProblem::Denied)
            || matches!(&error, Error::JournalMode { .. }),
        "{error:?}"
    );
    says(&error, path, &["its folder"]);
    assert_eq!(Contents::of(folder).without_sidecars(), before);
    error
}

#[track_caller]
fn can_be_read(path: &Path) {
    let folder = path.parent().unwrap();
    let before = Contents::of(folder).without_sidecars();
    let db = Options::new().read_only(true).open(path);
    let db = db.unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(count(&db).unwrap(), 1);
    drop(db);
    assert_eq!(Contents::of(folder).without_sidecars(), before);
}

#[test]
fn a_read_only_file() {
    let test = "permissions::a_read_only_file";
    where_permissions_hold(test, |folder| {
        for wal in [false, true] {
            let path = folder.join(format!("wal {wal}.db"));
            make(&path, wal);
            mode(&path, 0o444);
            let error = cannot_be_written(&path);
            assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
            says(&error, &path, &["is read-only", "read_only(true)"]);
        }
        can_be_read(&folder.join("wal false.db"));
    });
}

#[test]
fn a_read_only_folder() {
    let test = "permissions::a_read_only_folder";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make(&path, false);
        mode(folder, 0o555);
        cannot_be_written(&path);
        can_be_read(&path);
        mode(folder, 0o755);
    });
}

/// What the error advises has to work, or another error has to say why not.
#[test]
fn a_read_only_folder_with_a_file_in_wal_mode() {
    let test = "permissions::a_read_only_folder_with_a_file_in_wal_mode";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make(&path, true);
        mode(folder, 0o555);
        let error = cannot_be_written(&path);
        let advice = "open it with `Options::read_only(true)`";
        let advised = error.report().contains(advice);
        match Options::new().read_only(true).open(&path) {
            Ok(db) => assert_eq!(count(&db).unwrap(), 1),
            Err(second) => {
                says(&second, &path, &["its folder"]);
                assert!(!advised, "it can't: {second}");
                assert!(!second.report().contains(advice), "it was: {second:#}");
            }
        }
        mode(folder, 0o755);
    });
}

#[test]
fn a_new_file_in_a_read_only_folder() {
    let test = "permissions::a_new_file_in_a_read_only_folder";
    where_permissions_hold(test, |folder| {
        mode(folder, 0o555);
        let path = folder.join("shop.db");
        let error = cannot_be_written(&path);
        is_open(&error, OpenProblem::Denied);
        says(&error, &path, &["who may read and write"]);
        assert_eq!(Contents::of(folder), Contents(vec![]));
        mode(folder, 0o755);
    });
}

#[test]
fn a_file_that_may_not_even_be_read() {
    let test = "permissions::a_file_that_may_not_even_be_read";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make(&path, true);
        mode(&path, 0o000);
        let error = cannot_be_written(&path);
        is_open(&error, OpenProblem::Denied);
        let error = Options::new().read_only(true).open(&path).unwrap_err();
        is_open(&error, OpenProblem::Denied);
        mode(&path, 0o644);
        assert_eq!(names(&path), ["apple"]);
    });
}

#[test]
fn a_folder_that_may_not_be_entered() {
    let test = "permissions::a_folder_that_may_not_be_entered";
    where_permissions_hold(test, |folder| {
        let path = folder.join("shop.db");
        make(&path, true);
        mode(folder, 0o000);
        for options in
            [Options::new(), Options::new().create(false), Options::new().read_only(true)]
        {
            let error = options.open(&path).unwrap_err();
            // It exists; that it does not would be a lie.
            is_open(&error, OpenProblem::Denied);
            says(&error, &path, &["its folder"]);
        }
        mode(folder, 0o755);
        assert_eq!(names(&path), ["apple"]);
    });
}

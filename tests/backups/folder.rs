//! The folder of backups: names, order, and what may be deleted.

use std::time::{Duration, SystemTime};

use super::*;

fn open(shop: &TestDb, keep: usize) -> Database {
    let options = Options::new().backups(shop.beside("backups")).keep_backups(keep);
    options.open(shop.path()).unwrap()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_backup_is_named_by_its_moment_and_the_folder_is_made() {
    let shop = TestDb::new();
    add(&shop, "apple");
    let db = Options::new().backups(shop.beside("a").join("b")).open(shop.path()).unwrap();
    let made = db.backup(quiet).unwrap();
    assert_eq!(made.parent().unwrap(), shop.beside("a").join("b"));
    assert_eq!(names(&made), ["apple"]);
    let name = file_name(&made);
    let stamp = name.strip_prefix("shop-").unwrap().strip_suffix(".db").unwrap();
    let form: String = stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "00000000T000000Z");
    // In the same second or not: all of them are there.
    let more = [(); 3].map(|()| db.backup(quiet).unwrap());
    let listed = Backups::in_folder(shop.beside("a").join("b"), shop.path()).list().unwrap();
    let listed: Vec<_> = listed.into_iter().map(|file| file.path).collect();
    let [second, third, fourth] = more;
    assert_eq!(listed, [fourth, third, second, made]);
}

#[test]
fn without_a_folder_it_says_what_to_set() {
    let db = TestDb::new();
    let error = db.backup(quiet).unwrap_err();
    assert!(matches!(error, Error::InvalidOption { option: "backups", .. }), "{error}");
    assert!(error.to_string().contains("backup_to"), "{error}");
    for options in [Options::new().keep_backups(0), Options::new().backups("")] {
        let error = options.open(db.path()).unwrap_err();
        assert!(matches!(error, Error::InvalidOption { .. }), "{error}");
    }
}

#[test]
fn only_the_oldest_of_its_own_are_deleted() {
    let shop = TestDb::new();
    let folder = shop.beside("backups");
    fs::create_dir(&folder).unwrap();
    let own =
        ["shop-20200101T000000Z.db", "shop-20200101T000000Z-2.db", "shop-20210101T000000Z.db"];
    let others = [
        "shop-20200101T000000Z",
        "shop-20200101T000000Z.db-wal",
        "shop-20200101T000000Z-1.db",
        "shop-20200101.db",
        "shop-before-update.db",
        "shop-eu-20200101T000000Z.db",
        "other-20200101T000000Z.db",
        "shop.db",
        "notes.txt",
    ];
    for name in own.iter().chain(&others) {
        fs::write(folder.join(name), "x").unwrap();
    }
    fs::create_dir(folder.join("shop-20190101T000000Z.db")).unwrap();
    let kept =
        |of: &[&str]| -> Vec<bool> { of.iter().map(|name| folder.join(name).exists()).collect() };
    open(&shop, 3).backup(quiet).unwrap();
    assert_eq!(kept(&own), [false, true, true]);
    let made = open(&shop, 1).backup(quiet).unwrap();
    assert_eq!(kept(&own), [false; 3]);
    assert!(made.exists());
    assert_eq!(kept(&others), [true; 9]);
    assert!(folder.join("shop-20190101T000000Z.db").is_dir());
}

/// A clock that was ahead for a while is no reason to delete what is made now.
#[test]
fn a_new_one_is_the_newest_also_among_backups_from_the_future() {
    let shop = TestDb::new();
    let folder = shop.beside("backups");
    fs::create_dir(&folder).unwrap();
    for name in ["shop-29990101T000000Z.db", "shop-29990101T000000Z-2.db"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    let db = open(&shop, 3);
    let made = [(); 4].map(|()| db.backup(quiet).unwrap());
    assert_eq!(file_name(&made[0]), "shop-29990101T000000Z-3.db");
    let kept = made.clone().map(|path| path.exists());
    assert_eq!(kept, [false, true, true, true]);
    let newest = Backups::in_folder(&folder, shop.path()).newest().unwrap();
    assert_eq!(newest.unwrap().path, made[3]);
}

#[test]
fn backups_that_are_made_at_once_have_names_of_their_own() {
    let shop = TestDb::new();
    let db = Options::new().backups(shop.beside("backups")).open(shop.path()).unwrap();
    let made: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| db.backup(quiet).unwrap())).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(made.len(), 8, "{made:?}");
    assert!(made.iter().all(|path| path.exists()));
    no_partial_files(&shop.beside("backups"));
}

/// They would delete each other's.
#[test]
fn a_folder_is_for_one_database_of_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let backups = folder.path().join("backups");
    let path = |tenant: &str| folder.path().join(tenant).join("shop.db");
    let open = |tenant: &str| {
        fs::create_dir_all(path(tenant).parent().unwrap()).unwrap();
        make_file(&path(tenant));
        Options::new().backups(&backups).keep_backups(1).open(path(tenant)).unwrap()
    };
    let (one, other) = (open("one"), open("other"));
    let made = one.backup(quiet).unwrap();
    let refused = failed(other.backup(quiet));
    let BackupProblem::OtherDatabase(named) = &refused.problem else { panic!("{refused:?}") };
    assert_eq!(*named, fs::canonicalize(path("one")).unwrap());
    let told = Error::Backup(Box::new(refused)).report();
    assert!(told.contains("a folder of its own"), "{told}");
    assert!(made.exists());
    one.backup(quiet).unwrap();
    // It was moved.
    one.close().unwrap();
    other.close().unwrap();
    fs::remove_file(path("other")).unwrap();
    fs::rename(path("one"), path("other")).unwrap();
    let moved = Options::new().backups(&backups).keep_backups(1).open(path("other")).unwrap();
    moved.backup(quiet).unwrap();
    assert_eq!(Backups::in_folder(&backups, path("other")).list().unwrap().len(), 1);
}

#[test]
fn the_newest_is_found_among_files_that_others_have_put_there() {
    let shop = TestDb::new();
    let folder = shop.beside("backups");
    let backups = Backups::in_folder(&folder, shop.path());
    assert_eq!(backups.newest().unwrap(), None, "there is no folder");
    fs::create_dir(&folder).unwrap();
    let write = |name: &str, age: u64| {
        let path = folder.join(name);
        fs::write(&path, name).unwrap();
        let time = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    let newest = || backups.newest().unwrap().map(|file| file_name(&file.path));
    for name in
        ["notes.txt", "shop.db-wal", "shop.db.partial-1-1", "shop.db.replaced-20260101T000000Z"]
    {
        write(name, 0);
    }
    fs::create_dir(folder.join("shop-folder.db")).unwrap();
    assert_eq!(newest(), None);
    write("nightly.sqlite", 50);
    assert_eq!(newest().as_deref(), Some("nightly.sqlite"));
    // Of another database.
    write("cart-20260101T000000Z.db", 0);
    assert_eq!(newest().as_deref(), Some("nightly.sqlite"));
    write("shop-before-update.db", 100);
    assert_eq!(newest().as_deref(), Some("shop-before-update.db"));
    write("shop.db", 90);
    assert_eq!(newest().as_deref(), Some("shop.db"));
    // Others that begin alike may be databases of their own.
    write("shop-20200101T000000Z.db", 200);
    write("shop-eu.db", 0);
    assert_eq!(newest().as_deref(), Some("shop-20200101T000000Z.db"));
    let listed = backups.list().unwrap().into_iter().map(|file| file_name(&file.path));
    let listed: Vec<_> = listed.collect();
    let expected = ["shop-20200101T000000Z.db", "shop-eu.db", "shop.db", "shop-before-update.db"];
    assert_eq!(listed, expected);
    let made = open(&shop, 9).backup(quiet).unwrap();
    let first = &backups.list().unwrap()[0];
    assert_eq!(first.path, made);
    assert_eq!(first.bytes, fs::metadata(&made).unwrap().len());
    assert!(first.time.elapsed().unwrap_or_default() < Duration::from_mins(1));
    // The folder of the database itself.
    let beside = Backups::in_folder(shop.beside(""), shop.path());
    assert_eq!(beside.newest().unwrap(), None);
}

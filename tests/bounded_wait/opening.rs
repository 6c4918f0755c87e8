use super::*;

/// Only for the change to a WAL is the file needed alone.
#[test]
fn opening_waits_until_the_other_program_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = locked_file(folder.path());
    let db = thread::scope(|scope| {
        let opener = scope.spawn(|| Options::new().busy_timeout(common::PATIENCE).open(&path));
        lock.release();
        opener.join().unwrap().unwrap()
    });
    sell(&db, "after").unwrap();
    assert_eq!(common::names(&path), ["after"]);
}

/// Migrations and set-up take the turn that writers take.
#[test]
fn the_wait_of_a_set_up_ends_and_names_who_was_waited_for() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let options = || Options::new().writer_timeout(ms(30));
        for options in
            [options().setup(|_conn| Ok(())), options().migrations(&["CREATE TABLE later (x)"])]
        {
            let error = gives_up(ms(30), || options.open(db.path()));
            names_the_importer(&timeout(error));
        }
        importer.end();
    });
    let options = Options::new().migrations(&["CREATE TABLE later (x)"]);
    options.open(db.path()).unwrap();
}

/// A migration waits for another program as every writer does.
#[test]
fn the_wait_of_a_migration_for_another_program_ends() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    let options = || {
        let options = Options::new().busy_timeout(ms(30));
        options.migrations(&["CREATE TABLE later (x)"])
    };
    let error = gives_up(ms(20), || options().open(db.path()));
    assert!(matches!(error, Error::Locked(_)), "{error}");
    lock.release();
    options().open(db.path()).unwrap();
}

/// Here `busy_timeout` is the longer one, and the turn has a deadline.
#[test]
fn the_wait_of_a_migration_ends_by_the_deadline_for_the_turn() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    let options = Options::new().writer_timeout(ms(30));
    let options = options.migrations(&["CREATE TABLE later (x)"]);
    let error = gives_up(ms(20), || options.open(db.path()));
    assert!(error.is_locked(), "{error}");
    lock.release();
}

//! Migrations.

use super::*;

#[test]
fn migrations_run_in_order_and_once() {
    let (_folder, path) = folder();
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    for _ in 0..3 {
        let db = all.clone().open(&path).unwrap();
        let seen = db.read(|r| pragma(r, "user_version"));
        assert_eq!(seen, Ok(Value::Integer(3)));
        assert_eq!(names(&path), ["first", "second", "third"]);
        assert_eq!(db.stats().in_use, 0);
    }
}

#[test]
fn migrations_go_on_where_the_file_is() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    assert_eq!((version(&path), names(&path)), (1, vec!["first".to_owned()]));
    // The scripts that it has had are not looked at.
    let rest = ["no SQL at all", SECOND, THIRD];
    drop(Options::new().migrations(&rest).open(&path).unwrap());
    assert_eq!(version(&path), 3);
    assert_eq!(names(&path), ["first", "second", "third"]);
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    for broken in [
        "INSERT INTO item (name) VALUES (NULL)",
        "INSERT INTO nowhere VALUES (1)",
        "CREATE TABLE half (x); CREATE TABLE item (x)",
        "no SQL at all",
    ] {
        let error =
            Options::new().migrations(&[FIRST, SECOND, broken, THIRD]).open(&path).unwrap_err();
        let Error::Migration(migration) = &error else { panic!("{error:?}") };
        assert_eq!((migration.number, migration.total), (3, 4));
        assert_eq!(migration.path, path);
        assert!(error.report().contains("mend the script"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "{broken}");
    }
    let db = Options::new().migrations(&[FIRST, SECOND]).open(&path);
    assert!(db.is_ok());
    assert_eq!(names(&path), ["first", "second"]);
}

#[test]
fn a_migration_may_not_end_its_transaction_or_change_settings() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    for statement in [
        "COMMIT",
        "END",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT here",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = DELETE",
        "ATTACH ':memory:' AS other",
    ] {
        let script = format!("CREATE TABLE half (x); {statement}; CREATE TABLE rest (x);");
        let error = Options::new().migrations(&[FIRST, &script]).open(&path).unwrap_err();
        let Error::Migration(migration) = &error else { panic!("{statement}: {error:?}") };
        assert_eq!(migration.number, 2);
        assert!(matches!(*migration.source, Error::Refused(_)), "{error:?}");
        assert!(error.report().contains("Options::setup"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "{statement}");
    }
    let gone = ["SELECT 1; INSERT OR ROLLBACK INTO item VALUES (1, 'x')"];
    let scripts = [&[FIRST][..], &gone[..]].concat();
    let error = Options::new().migrations(&scripts).open(&path).unwrap_err();
    assert!(matches!(error, Error::Migration(_)), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_from_the_future_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    make_file(&path);
    for future in [3, 99, -1] {
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", future).unwrap();
        drop(conn);
        let before = fs::read(&path).unwrap();
        let error = Options::new().migrations(&[FIRST, SECOND]).open(&path).unwrap_err();
        let Error::SchemaVersion { file, known, .. } = error else { panic!("{error:?}") };
        assert_eq!((file, known), (future, 2));
        assert!(error.report().contains("newer version"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "not even its journal mode");

        // Without migrations the number is the program's own.
        let read_only = Options::new().read_only(true).open(&path).unwrap();
        let seen = read_only.read(|r| pragma(r, "user_version"));
        assert_eq!(seen, Ok(Value::Integer(future)));
    }
}

#[test]
fn many_threads_that_open_at_once_migrate_once() {
    const THREADS: usize = 8;
    let (_folder, path) = folder();
    let start = Barrier::new(THREADS);
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    let databases: Vec<Database> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    all.clone().open(&path).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(names(&path), ["first", "second", "third"]);
    for db in &databases {
        add(db, "everybody").unwrap();
    }
    assert_eq!(names(&path).len(), 3 + THREADS);
}

#[test]
fn many_processes_that_open_at_once_migrate_once() {
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    if let Some(path) = Process::role() {
        Process::say("child: ready");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        match all.open(path).map(|db| add(&db, "everybody")) {
            Ok(added) => Process::say(&format!("child: {added:?}")),
            Err(error) => Process::say(&format!("child: {error}")),
        }
        return;
    }
    for _ in 0..3 {
        let (_folder, path) = folder();
        let mut children: Vec<Process> = (0..4)
            .map(|_| {
                Process::again("migrations::many_processes_that_open_at_once_migrate_once", &path)
            })
            .collect();
        for child in &children {
            assert_eq!(child.hear("child: ").as_deref(), Some("ready"));
        }
        for child in &mut children {
            child.tell("go");
        }
        for child in &children {
            assert_eq!(child.hear("child: ").as_deref(), Some("Ok(1)"));
        }
        assert_eq!(names(&path)[..3], ["first", "second", "third"]);
        assert_eq!(names(&path).len(), 3 + children.len());
    }
}

//! Foreign keys that are left for the commit: each member settles its own.

use db_core::{Error, RetryPolicy};
use rusqlite::ffi;

use super::*;

const SCHEMA: &str = "
    CREATE TABLE owner (id INTEGER PRIMARY KEY);
    CREATE TABLE pet (
        id INTEGER PRIMARY KEY,
        owner INTEGER NOT NULL REFERENCES owner DEFERRABLE INITIALLY DEFERRED
    );
    CREATE TABLE toy (id INTEGER PRIMARY KEY, pet INTEGER NOT NULL REFERENCES pet)";

fn shop() -> TestDb {
    let db = open();
    db.write(|w| w.execute_batch(SCHEMA)).unwrap();
    db
}

/// One call of a group that runs these statements.
fn runs<'a>(db: &'a TestDb, sql: &'a str, runs: &'a Runs) -> Call<'a, Result<()>> {
    call(move || {
        db.write_grouped(&RetryPolicy::attempts(1), |w| {
            runs.run();
            w.execute_batch(sql)?;
            Ok(())
        })
    })
}

#[track_caller]
fn broken_key(result: &Result<()>) {
    match result {
        Err(Error::Sqlite(error)) => assert_eq!(
            error.sqlite_extended_error_code(),
            Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY),
            "{error:?}"
        ),
        other => panic!("{other:?}"),
    }
}

fn pets(db: &TestDb) -> Vec<i64> {
    db.assert_whole();
    db.read(|r| {
        let mut all = r.prepare("SELECT id FROM pet ORDER BY id")?;
        all.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>().map_err(Error::from)
    })
    .unwrap()
}

/// The next one brings the owner that was missing: too late.
#[test]
fn what_a_member_leaves_open_no_later_one_mends() {
    let (db, ran) = (shop(), Runs::new());
    let (ended, grown) = counted(
        &db,
        [
            runs(&db, "INSERT INTO owner VALUES (1)", &ran),
            runs(&db, "INSERT INTO pet VALUES (20, 2)", &ran),
            runs(&db, "INSERT INTO owner VALUES (2)", &ran),
            runs(&db, "INSERT INTO pet VALUES (21, 2)", &ran),
        ],
    );
    broken_key(&ended[1]);
    assert!([0, 2, 3].iter().all(|&n| ended[n].is_ok()), "{ended:?}");
    assert_eq!(pets(&db), [21]);
    // The first; the second by itself, and refused; the others.
    assert_eq!((grown.commits, grown.grouped), (2, 2));
    assert_eq!(ran.count(), 5);
}

/// Nor if it is the one that leads.
#[test]
fn what_the_leader_leaves_open_no_later_one_mends() {
    let (db, ran) = (shop(), Runs::new());
    let (ended, _) = counted(
        &db,
        [
            runs(&db, "INSERT INTO pet VALUES (20, 2)", &ran),
            runs(&db, "INSERT INTO owner VALUES (2)", &ran),
            runs(&db, "INSERT INTO pet VALUES (21, 2)", &ran),
        ],
    );
    broken_key(&ended[0]);
    assert!(ended[1].is_ok() && ended[2].is_ok(), "{ended:?}");
    assert_eq!(pets(&db), [21]);
    assert_eq!(ran.count(), 3);
}

#[test]
fn what_is_settled_by_its_end_is_no_concern_of_the_group() {
    let (db, ran) = (shop(), Runs::new());
    let settles = "INSERT INTO pet VALUES (20, 2); INSERT INTO owner VALUES (2)";
    let (ended, grown) = counted(
        &db,
        [
            runs(&db, "INSERT INTO owner VALUES (1)", &ran),
            runs(&db, settles, &ran),
            runs(&db, "INSERT INTO pet VALUES (21, 1)", &ran),
        ],
    );
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!((grown.commits, grown.grouped, ran.count()), (1, 2, 3));
    assert_eq!(pets(&db), [20, 21]);
}

/// It lasts for a transaction, and a member's ends before that of the group: whether it
/// leads, is kept or is undone.
#[test]
fn deferring_all_keys_ends_with_the_member_that_asked() {
    let defers = "PRAGMA defer_foreign_keys = ON; INSERT INTO toy VALUES (1, 20);
                  INSERT INTO pet VALUES (20, 1)";
    let defers_and_fails = "PRAGMA defer_foreign_keys = ON; INSERT INTO nowhere VALUES (1)";
    for (first, second) in
        [(defers, "SELECT 1"), ("SELECT 1", defers), ("SELECT 1", defers_and_fails)]
    {
        let (db, ran) = (shop(), Runs::new());
        let prepared = || {
            let db = &db;
            call(move || {
                db.write_grouped(&RetryPolicy::attempts(1), |w| {
                    // Prepared long before, and run again.
                    w.prepare_cached("PRAGMA defer_foreign_keys = ON")?.execute([]).map(drop)?;
                    Ok::<_, Error>(())
                })
            })
        };
        add_owner(&db);
        let (ended, grown) = counted(
            &db,
            [
                runs(&db, first, &ran),
                runs(&db, second, &ran),
                // At once, though it would be right at the end of the transaction.
                runs(&db, "INSERT INTO toy VALUES (2, 30); INSERT INTO pet VALUES (30, 1)", &ran),
                prepared(),
                runs(&db, "INSERT INTO toy VALUES (3, 40); INSERT INTO pet VALUES (40, 1)", &ran),
                prepared(),
                runs(&db, "INSERT INTO toy VALUES (3, 40); INSERT INTO pet VALUES (40, 1)", &ran),
                runs(&db, "INSERT INTO pet VALUES (50, 1)", &ran),
            ],
        );
        for n in [2, 4, 6] {
            broken_key(&ended[n]);
        }
        assert_eq!(ended[1].is_ok(), second != defers_and_fails);
        assert!([0, 3, 5, 7].iter().all(|&n| ended[n].is_ok()), "{ended:?}");
        assert_eq!((grown.commits, grown.grouped), (1, 7));
        assert!(pets(&db).ends_with(&[50]));
    }
}

fn add_owner(db: &TestDb) {
    db.write(|w| w.execute("INSERT INTO owner VALUES (1)", [])).unwrap();
}

/// Keys that are not checked at all are another way to leave something behind.
#[test]
fn a_member_that_turns_the_keys_off_does_so_for_itself() {
    let (db, ran) = (shop(), Runs::new());
    let off = || {
        let db = &db;
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                let keys = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;
                w.set_db_config(keys, false)?;
                Ok::<_, Error>(())
            })
        })
    };
    let (ended, _) = counted(
        &db,
        [
            off(),
            runs(&db, "INSERT INTO toy VALUES (2, 30)", &ran),
            off(),
            runs(&db, "INSERT INTO toy VALUES (3, 40)", &ran),
        ],
    );
    broken_key(&ended[1]);
    broken_key(&ended[3]);
    db.assert_whole();
}

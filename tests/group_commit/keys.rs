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
    assert_eq!((grown.commits, grown.grouped), (2, 1));
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
    let mut grouped = 0;
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
        grouped += grown.grouped;
        assert!(pets(&db).ends_with(&[50]));
    }
    // Whoever defers all keys settles them with a commit of its own; the others meet.
    assert!(grouped > 0);
}

/// Nor for the very next one, after a leader that asked.
#[test]
fn a_leader_that_defers_all_keys_is_not_followed() {
    let (db, ran) = (shop(), Runs::new());
    add_owner(&db);
    let (ended, grown) = counted(
        &db,
        [
            runs(&db, "PRAGMA defer_foreign_keys = ON", &ran),
            runs(&db, "INSERT INTO toy VALUES (2, 30); INSERT INTO pet VALUES (30, 1)", &ran),
        ],
    );
    assert!(ended[0].is_ok(), "{ended:?}");
    broken_key(&ended[1]);
    assert_eq!(grown.grouped, 0);
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

/// In a file whose keys were not checked before: what is mended there makes up for what is
/// broken, as far as SQLite counts, and a group must not let that pass.
#[test]
fn old_broken_keys_do_not_pay_for_new_ones() {
    const OLD: &str = "
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent);
        INSERT INTO child VALUES (1, 5), (2, 5), (3, 5)";
    let file = TestDb::with(options().foreign_keys(false));
    file.write(|w| w.execute_batch(OLD)).unwrap();
    let path = file.path().to_owned();
    let pays = "PRAGMA defer_foreign_keys = ON;
                INSERT INTO child VALUES (200, 77); INSERT INTO parent VALUES (5)";
    for place in 0..3 {
        let (db, ran) = (options().open(&path).unwrap(), Runs::new());
        let calls = (0..3).map(|n| {
            let (db, ran) = (&db, &ran);
            let sql = if n == place { pays } else { "SELECT 1" };
            call(move || {
                db.write_grouped(&RetryPolicy::attempts(1), |w| {
                    ran.run();
                    w.execute_batch(sql)?;
                    Ok(())
                })
            })
        });
        let (ended, _) = counted(&db, calls);
        broken_key(&ended[place]);
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 2, "{ended:?}");
    }
}

/// A body that goes on after its transaction was rolled back sets it for the next one.
#[test]
fn deferring_all_keys_outside_of_a_transaction_does_not_last() {
    let (db, ran) = (shop(), Runs::new());
    add_owner(&db);
    let late = "INSERT OR ROLLBACK INTO owner VALUES (7), (7)";
    let late = db.write(|w| {
        let _ = w.execute_batch(late);
        w.execute_batch("PRAGMA defer_foreign_keys = ON")?;
        Ok::<_, Error>(())
    });
    assert!(matches!(late, Err(Error::RolledBack { .. })), "{late:?}");
    let strict = "INSERT INTO toy VALUES (2, 30); INSERT INTO pet VALUES (30, 1)";
    broken_key(&db.write(|w| w.execute_batch(strict).map_err(Error::from)));
    let (ended, _) = counted(&db, [runs(&db, strict, &ran), runs(&db, strict, &ran)]);
    ended.iter().for_each(broken_key);
}

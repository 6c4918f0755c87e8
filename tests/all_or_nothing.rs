//! Guarantee **all-or-nothing**: a top-level call that returns `Ok` has committed; one
//! that returns `Err`, panics or dies has left nothing. A nested call that fails is
//! undone to its savepoint.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{
    ForeignLock, Lock, Process, Runs, TestDb, assert_whole, busy, quick, received, wait_until,
};
use db_core::{CacheSize, Database, Error, JournalMode, Options, Result, Writer};
use db_core::{retry_on_locked, writer};
use rusqlite::Connection;

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<usize> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name])
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    Ok(())
}

/// Two rows, with something in between that may fail.
#[writer]
fn add_pair(db: &Writer, between: impl FnOnce(&Writer<'_>) -> Result<()>) -> Result<()> {
    insert(db, "one")?;
    between(db)?;
    insert(db, "two")?;
    Ok(())
}

/// What is committed was committed before, the file is whole, and it can be written.
#[track_caller]
fn left_nothing(db: &TestDb) {
    assert_eq!(db.names(), ["kept"]);
    assert_eq!(db.stats().waiting, 0);
    db.assert_whole();
    add(db, "next").unwrap();
    let after = db.names();
    assert_eq!(after, ["kept", "next"]);
    db.write(|w| w.execute("DELETE FROM item WHERE name = 'next'", [])).unwrap();
}

/// A database with one committed row.
fn kept(options: Options) -> TestDb {
    let db = TestDb::with(options);
    add(&db, "kept").unwrap();
    db
}

#[test]
fn ok_is_committed_for_everybody() {
    let db = kept(Options::new());
    add_pair(&db, |_w| Ok(())).unwrap();
    // `names` reads with a connection of its own.
    assert_eq!(db.names(), ["kept", "one", "two"]);
    let guard = db.writer().unwrap();
    insert(&guard, "three").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.names(), ["kept", "one", "two", "three"]);
    assert_eq!(db.stats().commits, 3);
}

#[test]
fn an_err_leaves_nothing() {
    let db = kept(Options::new());
    let failing = |w: &Writer<'_>| {
        insert(w, "between")?;
        w.execute("INSERT INTO item (id, name) VALUES (1, 'again')", [])?;
        Ok(())
    };
    let error = add_pair(&db, failing).unwrap_err();
    assert!(error.to_string().contains("UNIQUE"), "{error}");
    left_nothing(&db);
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum ShopError {
    #[error("no stock")]
    NoStock,
    #[error("database: {0}")]
    Database(String),
}

impl From<Error> for ShopError {
    fn from(error: Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// Returns early, with an error that has nothing to do with the database.
#[writer]
fn order(db: &Writer, stock: i64) -> Result<i64, ShopError> {
    insert(db, "ordered").map_err(Error::from)?;
    if stock == 0 {
        return Err(ShopError::NoStock);
    }
    if stock == 1 {
        return Ok(0);
    }
    add(db, "restock")?;
    Ok(stock - 1)
}

#[test]
fn an_early_return_decides_as_any_other() {
    let db = kept(Options::new());
    assert_eq!(order(&db, 0), Err(ShopError::NoStock));
    left_nothing(&db);
    assert_eq!(order(&db, 1), Ok(0));
    assert_eq!(db.names(), ["kept", "ordered"]);
}

/// The body's error comes out as it went in, also if the body had tried something
/// before that was refused, and had done without it.
#[test]
fn a_body_that_fails_for_a_reason_of_its_own_is_told_so() {
    let db = kept(Options::new());
    for refused in ["PRAGMA cache_size = 5", "COMMIT", "SAVEPOINT mine"] {
        let error = db.write(|w| {
            w.execute_batch(refused).unwrap_err();
            Err::<(), _>(ShopError::NoStock)
        });
        assert_eq!(error, Err(ShopError::NoStock), "{refused}");
    }
    let error = db.read(|r| {
        insert(r, "x").unwrap_err();
        Err::<(), _>(ShopError::NoStock)
    });
    assert_eq!(error, Err(ShopError::NoStock));
    left_nothing(&db);
}

/// A setting that is no pragma, and so is refused by nobody, ends with the body.
#[test]
fn what_a_body_sets_on_its_connection_is_gone_after_it() {
    use rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;
    let db = kept(Options::new());
    db.write(|w| {
        w.set_db_config(SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    let asks = |w: &Writer<'_>| w.query_row("PRAGMA foreign_keys", [], |row| row.get(0));
    assert_eq!(db.write(asks), Ok(true), "foreign keys are enforced again");
    left_nothing(&db);
}

#[test]
fn a_panic_leaves_nothing() {
    let db = kept(Options::new());
    let call = || add_pair(&db, |_w| panic!("between"));
    catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    left_nothing(&db);
    let call = || {
        db.write_idempotent(&quick(3), |w| {
            insert(w, "half")?;
            match w.is_autocommit() {
                true => Ok::<_, Error>(()),
                false => panic!("after"),
            }
        })
    };
    catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    left_nothing(&db);
}

#[test]
fn a_guard_without_commit_leaves_nothing() {
    let db = kept(Options::new());
    let guard = db.writer().unwrap();
    add(&guard, "dropped").unwrap();
    drop(guard);
    left_nothing(&db);
    let guard = db.writer_within(Duration::ZERO).unwrap();
    add(&guard, "rolled back").unwrap();
    guard.rollback();
    left_nothing(&db);
    let unwound = || {
        let guard = db.writer().unwrap();
        add(&guard, "unwound").unwrap();
        panic!("with the guard open");
    };
    catch_unwind(AssertUnwindSafe(unwound)).unwrap_err();
    left_nothing(&db);
}

/// A commit that SQLite refuses.
mod refused_commits {
    use super::*;

    const PARTS: &str = "CREATE TABLE part (
        item INTEGER NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";

    fn with_parts() -> TestDb {
        kept(Options::new().migrations(&[PARTS]))
    }

    #[writer]
    fn add_part(db: &Writer, item: i64) -> Result<()> {
        db.execute("INSERT INTO part VALUES (?1)", [item])?;
        Ok(())
    }

    #[test]
    fn a_commit_that_breaks_a_foreign_key_leaves_nothing() {
        let db = with_parts();
        let error = add_pair(&db, |w| add_part(w, 77)).unwrap_err();
        assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
        left_nothing(&db);
        let error = db
            .write_idempotent(&quick(3), |w| {
                insert(w, "half")?;
                w.execute("INSERT INTO part VALUES (77)", []).map_err(Error::from)
            })
            .unwrap_err();
        assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
        assert_eq!(db.stats().retries, 0);
        left_nothing(&db);
        let guard = db.writer().unwrap();
        add_part(&guard, 77).unwrap();
        guard.commit().unwrap_err();
        left_nothing(&db);
    }

    #[test]
    fn a_foreign_key_that_is_settled_before_the_commit_is_fine() {
        let db = with_parts();
        db.write(|w| {
            add_part(w, 77)?;
            w.execute("INSERT INTO item (id, name) VALUES (77, 'late')", []).map_err(Error::from)
        })
        .unwrap();
        assert_eq!(db.names(), ["kept", "late"]);
        db.assert_whole();
    }

    /// What broke the foreign key was undone with the nested call.
    #[test]
    fn a_foreign_key_broken_in_an_undone_part_does_not_matter() {
        let db = with_parts();
        db.write(|w| {
            w.savepoint(|w| {
                add_part(w, 77)?;
                Err::<(), _>(Error::NoGlobal)
            })
            .unwrap_err();
            add(w, "outer")
        })
        .unwrap();
        assert_eq!(db.names(), ["kept", "outer"]);
        db.assert_whole();
    }
}

/// A transaction that ends before its body, which then goes on as if it had not.
mod lost {
    use super::*;

    const BOMB: &str = "CREATE TRIGGER bomb BEFORE INSERT ON item WHEN NEW.name = 'bomb'
        BEGIN SELECT RAISE(ROLLBACK, 'the bomb'); END";

    /// Statements that were prepared before any body began, where nobody refused them.
    const PREPARED: [&str; 7] =
        ["COMMIT", "END", "ROLLBACK", "BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT mine", "RELEASE mine"];

    /// The ways to lose a transaction, a statement a line; errors are ignored.
    const WAYS: [&[&str]; 14] = [
        &["INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'again')"],
        &["UPDATE OR ROLLBACK item SET id = 1"],
        &["INSERT INTO item (name) VALUES ('bomb')"],
        &["INSERT INTO item (name) VALUES ('a'), ('b'), ('bomb')"],
        &[
            "INSERT INTO item (name) VALUES ('bomb')",
            "BEGIN",
            "INSERT INTO item (name) VALUES ('again')",
            "COMMIT",
        ],
        &["INSERT INTO item (name) VALUES ('bomb')", "SAVEPOINT mine", "RELEASE mine"],
        &["COMMIT"],
        &["END"],
        &["ROLLBACK"],
        &["COMMIT", "BEGIN"],
        &["ROLLBACK", "BEGIN"],
        &["ROLLBACK", "BEGIN IMMEDIATE"],
        &["ROLLBACK", "BEGIN IMMEDIATE", "COMMIT"],
        &["ROLLBACK", "SAVEPOINT mine", "RELEASE mine"],
    ];

    /// This many of them at the beginning end the transaction in any case.
    const LOST_FOR_SURE: usize = 6;

    fn prepare(conn: &Connection) -> rusqlite::Result<()> {
        for sql in PREPARED {
            conn.prepare_cached(sql)?;
        }
        Ok(())
    }

    /// The two places where a program has a connection to itself. What was prepared
    /// there SQLite prepares again in a body, because settings were made since; so it
    /// is refused there after all.
    fn prepared() -> [TestDb; 2] {
        let options = || Options::new().migrations(&[BOMB]);
        [
            kept(options().setup(|conn| Ok(prepare(conn)?))),
            kept(options().on_connect(|conn| prepare(conn))),
        ]
    }

    /// Loses the transaction, and writes on. Nobody looks at errors.
    fn lose(conn: &Connection, way: &[&str]) {
        let _ = insert(conn, "before");
        for sql in way {
            let _ = conn.prepare_cached(sql).and_then(|mut sql| sql.execute([]));
            let _ = insert(conn, "after");
        }
        let _ = conn.execute_batch("INSERT INTO item (name) VALUES ('batch'), ('of'), ('rows')");
        let _ = conn.execute_batch("PRAGMA user_version = 9");
        let _ = conn.prepare_cached("UPDATE item SET qty = 5").and_then(|mut sql| sql.execute([]));
    }

    #[writer]
    fn lose_nested(db: &Writer, way: &[&str]) -> Result<()> {
        lose(db, way);
        Ok(())
    }

    #[writer]
    fn lose_and_fail(db: &Writer, way: &[&str]) -> Result<()> {
        lose(db, way);
        Err(Error::NoGlobal)
    }

    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn lose_retried(db: &Writer, way: &[&str]) -> Result<()> {
        lose(db, way);
        Ok(())
    }

    type Loses = fn(&Database, &[&str]) -> Result<()>;

    /// Where in a call the transaction is lost.
    const SHAPES: [(&str, Loses); 9] = [
        ("annotated", |db, way| lose_nested(db, way)),
        ("annotated, retried", |db, way| lose_retried(db, way)),
        ("annotated, failing", |db, way| lose_and_fail(db, way)),
        ("closure of rusqlite errors", |db, way| {
            let lost: rusqlite::Result<()> = db.write(|w| {
                lose(w, way);
                Ok(())
            });
            Ok(lost?)
        }),
        ("in a nested writer", |db, way| {
            db.write(|w| {
                let _ = insert(w, "outer");
                let _ = lose_nested(w, way);
                let _ = insert(w, "outer");
                let _ = add(w, "nested once more");
                Ok(())
            })
        }),
        ("in a nested writer that fails", |db, way| {
            db.write(|w| {
                let _ = insert(w, "outer");
                let _ = lose_and_fail(w, way);
                let _ = insert(w, "outer");
                Ok(())
            })
        }),
        ("two savepoints down", |db, way| {
            db.write(|w| {
                let _ = w.savepoint(|w| {
                    let _ = w.savepoint(|w| {
                        lose(w, way);
                        Ok::<_, Error>(())
                    });
                    let _ = insert(w, "one down");
                    Ok::<_, Error>(())
                });
                let _ = insert(w, "outer");
                Ok(())
            })
        }),
        ("in a savepoint that panics", |db, way| {
            db.write(|w| {
                let part = || {
                    w.savepoint(|w| -> Result<()> {
                        lose(w, way);
                        panic!("in the savepoint");
                    })
                };
                let _ = catch_unwind(AssertUnwindSafe(part));
                let _ = insert(w, "outer");
                Ok(())
            })
        }),
        ("guard", |db, way| {
            let guard = db.writer()?;
            lose(&guard, way);
            guard.commit()
        }),
    ];

    /// A row by its name for each call, to be found after `Ok`; `None` if it fails in
    /// any case.
    fn last_row(shape: &str) -> Option<&'static str> {
        match shape {
            "annotated, failing" => None,
            "annotated" | "annotated, retried" | "closure of rusqlite errors" | "guard" => {
                Some("rows")
            }
            _ => Some("outer"),
        }
    }

    #[test]
    fn a_transaction_lost_behind_the_bodys_back_leaves_nothing() {
        for db in prepared() {
            for (shape, call) in SHAPES {
                for (at, way) in WAYS.iter().enumerate() {
                    let what = format!("{way:?} {shape}");
                    match (call(&db, way), last_row(shape)) {
                        // The statements of these were refused, and cost nothing.
                        (Ok(()), Some(last)) if at >= LOST_FOR_SURE => {
                            let names = db.names();
                            assert!(names.iter().any(|name| name == last), "{what}: {names:?}");
                            assert_eq!(names.contains(&"batch".into()), !undone(shape), "{what}");
                            db.write(|w| {
                                w.execute("DELETE FROM item WHERE id > 1", [])?;
                                w.execute_batch("PRAGMA user_version = 1")?;
                                w.execute("UPDATE item SET qty = 0", [])
                            })
                            .unwrap();
                        }
                        (Ok(()), _) => panic!("{what}: committed"),
                        (Err(Error::RolledBack { .. }), Some(_)) => {}
                        (Err(Error::NoGlobal), None) => {}
                        (Err(error), _) => panic!("{what}: {error}"),
                    }
                    assert_eq!(db.names(), ["kept"], "{what}");
                    assert_eq!(db.stats().retries, 0, "{what}");
                }
            }
            left_nothing(&db);
            let asks = "SELECT sum(qty), user_version FROM item, pragma_user_version";
            let changed: rusqlite::Result<(i64, i64)> =
                db.read(|r| r.query_row(asks, [], |row| Ok((row.get(0)?, row.get(1)?))));
            assert_eq!(changed, Ok((0, 1)));
        }
    }

    /// What was written in the nested call is undone, if the rest is committed.
    fn undone(shape: &str) -> bool {
        matches!(shape, "in a nested writer that fails" | "in a savepoint that panics")
    }

    /// A body that does look at the error gets one that says what to do.
    #[test]
    fn a_prepared_commit_is_refused_by_name() {
        for db in prepared() {
            let error = db
                .write(|w| {
                    insert(w, "half")?;
                    w.prepare_cached("COMMIT")?.execute([])?;
                    Ok::<_, Error>(())
                })
                .unwrap_err();
            let Error::Refused(refused) = &error else { panic!("{error}") };
            assert_eq!(refused.statement, "COMMIT");
            assert!(error.to_string().contains("return `Ok` to commit"), "{error}");
            left_nothing(&db);
        }
    }

    #[test]
    fn transaction_statements_in_a_body_are_refused_and_cost_nothing() {
        let db = kept(Options::new());
        for sql in ["COMMIT", "ROLLBACK", "BEGIN", "END", "SAVEPOINT a", "RELEASE db_core"] {
            let error = db
                .write(|w| {
                    insert(w, "half")?;
                    w.execute_batch(sql).map_err(Error::from)
                })
                .unwrap_err();
            assert!(matches!(error, Error::Refused(_)), "{sql}: {error}");
            assert_eq!(db.names(), ["kept"], "{sql}");
            // Ignored, it has changed nothing, and all of the body is committed.
            db.write(|w| {
                insert(w, "whole")?;
                w.execute_batch(sql).unwrap_err();
                insert(w, "whole")
            })
            .unwrap();
            assert_eq!(db.names(), ["kept", "whole", "whole"], "{sql}");
            db.write(|w| w.execute("DELETE FROM item WHERE id > 1", [])).unwrap();
        }
        left_nothing(&db);
    }

    /// An interrupt in a statement that writes takes the whole transaction along.
    #[test]
    fn an_interrupted_statement_that_is_ignored_leaves_nothing() {
        let interrupts = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&interrupts);
        let db = kept(Options::new().on_connect(move |conn| {
            let asked = Arc::clone(&asked);
            conn.progress_handler(1, Some(move || asked.load(SeqCst)))
        }));
        let error = db
            .write(|w| {
                insert(w, "before")?;
                let mut many = w.prepare(
                    "INSERT INTO item (name) WITH RECURSIVE n (i) AS
                        (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                     SELECT 'many' FROM n",
                )?;
                interrupts.store(true, SeqCst);
                many.execute([]).unwrap_err();
                interrupts.store(false, SeqCst);
                let _ = insert(w, "after");
                Ok::<_, Error>(())
            })
            .unwrap_err();
        assert!(matches!(error, Error::RolledBack { .. }), "{error}");
        left_nothing(&db);
    }
}

#[test]
fn a_full_database_leaves_nothing() {
    let full = |conn: &mut Connection| conn.execute_batch("PRAGMA max_page_count = 20");
    let db = kept(Options::new().on_connect(full));
    let large = "x".repeat(5_000);
    // Returned, ignored, and ignored in a part of its own.
    let returned = db.write(|w| {
        for _ in 0..100 {
            insert(w, &large)?;
        }
        Ok(())
    });
    let error: Error = returned.unwrap_err();
    assert!(matches!(error, Error::Full(_)), "{error}");
    left_nothing(&db);
    let ignored = |w: &Writer<'_>| {
        let failed = (0..100).filter(|_| insert(w, &large).is_err()).count();
        assert!(failed > 0);
        let _ = insert(w, "small");
        Ok::<_, Error>(())
    };
    db.write(ignored).unwrap_err();
    left_nothing(&db);
    db.write(|w| {
        insert(w, "before")?;
        let _ = w.savepoint(ignored);
        let _ = insert(w, "after");
        Ok::<_, Error>(())
    })
    .unwrap_err();
    left_nothing(&db);
}

/// Rows of a `RETURNING` that were not read to their end.
#[test]
fn an_unfinished_statement_leaves_nothing() {
    let db = kept(Options::new());
    let leave = |w: &Writer<'_>| {
        let mut insert = w.prepare("INSERT INTO item (name) VALUES ('a'), ('b') RETURNING id")?;
        let mut rows = insert.query([])?;
        assert!(rows.next()?.is_some());
        std::mem::forget(rows);
        std::mem::forget(insert);
        Ok::<_, Error>(())
    };
    let error = db.write(leave).unwrap_err();
    assert!(matches!(error, Error::UnfinishedStatement { .. }), "{error}");
    left_nothing(&db);
    // Undone with the nested call that left it.
    let result = db.write(|w| {
        insert(w, "outer")?;
        w.savepoint(|w| {
            leave(w)?;
            Err::<(), _>(Error::NoGlobal)
        })
        .unwrap_err();
        Ok::<_, Error>(())
    });
    match result {
        Ok(()) => {
            assert_eq!(db.names(), ["kept", "outer"]);
            db.write(|w| w.execute("DELETE FROM item WHERE id > 1", [])).unwrap();
        }
        Err(_) => assert_eq!(db.names(), ["kept"]),
    }
    left_nothing(&db);
}

#[test]
fn a_nested_call_that_fails_is_undone_alone() {
    let db = kept(Options::new());
    db.write(|w| {
        insert(w, "outer")?;
        add_pair(w, |_w| Err(Error::NoGlobal)).unwrap_err();
        let panics = || add_pair(w, |_w| panic!("nested"));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        // A part of the part.
        add_pair(w, |w| {
            add_pair(w, |_w| Err(Error::NoGlobal)).unwrap_err();
            add(w, "deep")
        })
    })
    .unwrap();
    assert_eq!(db.names(), ["kept", "outer", "one", "deep", "two"]);
}

#[test]
fn a_nested_ok_goes_with_its_caller() {
    let db = kept(Options::new());
    let result = db.write(|w| {
        add_pair(w, |w| add(w, "deep"))?;
        Err::<(), _>(Error::NoGlobal)
    });
    assert!(matches!(result, Err(Error::NoGlobal)));
    left_nothing(&db);
    let guard = db.writer().unwrap();
    add_pair(&guard, |_w| Ok(())).unwrap();
    drop(guard);
    left_nothing(&db);
}

/// Readers never see the half of a writer's pair.
#[test]
fn readers_see_all_of_a_writer_or_nothing() {
    const PAIRS: usize = 100;
    let db = TestDb::new();
    let done = AtomicBool::new(false);
    let (begun, begins) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..2 {
            let (db, done, begun) = (&db, &done, begun.clone());
            scope.spawn(move || {
                let mut last = 0;
                while !done.load(SeqCst) {
                    let seen: u32 = db
                        .read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)))
                        .unwrap();
                    assert!(seen.is_multiple_of(2) && seen >= last, "{seen} after {last}");
                    last = seen;
                    let _ = begun.send(());
                }
            });
        }
        received(&begins);
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for n in 0..PAIRS {
                        let fails = n % 4 == 3;
                        let result = add_pair(&db, |_w| {
                            thread::yield_now();
                            if fails { Err(Error::NoGlobal) } else { Ok(()) }
                        });
                        assert_eq!(result.is_err(), fails);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, SeqCst);
    });
    assert_eq!(db.names().len(), 2 * 2 * (PAIRS - PAIRS / 4));
}

/// What the process does that dies in the middle of a body: so large a transaction
/// that SQLite has written part of it to the file's log already.
#[test]
fn a_process_that_dies_in_a_body() {
    let Some(path) = Process::role() else { return };
    let options = Options::new().cache_size(CacheSize::Pages(10));
    let db = options.open(Path::new(&path)).unwrap();
    let large = "x".repeat(3_000);
    db.write(|w| {
        for _ in 0..200 {
            insert(w, &large)?;
        }
        Process::say("body: written");
        let mut order = String::new();
        std::io::stdin().read_line(&mut order).unwrap();
        match order.trim() {
            "abort" => abort(),
            "exit" => std::process::exit(0),
            _ => insert(w, "survived"),
        }
    })
    .unwrap();
}

#[test]
fn a_process_killed_in_a_body_leaves_nothing() {
    for order in ["kill", "abort", "exit"] {
        let db = kept(Options::new());
        let mut other = Process::again("a_process_that_dies_in_a_body", db.path());
        assert_eq!(other.hear("body: ").as_deref(), Some("written"));
        thread::scope(|scope| {
            // Somebody waits for it, and goes on when it is gone.
            let waiter = scope.spawn(|| add(&db, "waited"));
            wait_until("it meets the lock", || db.stats().locks_met == 1);
            match order {
                "kill" => other.kill(),
                order => {
                    other.tell(order);
                    other.ended();
                }
            }
            waiter.join().unwrap().unwrap();
        });
        assert_eq!(db.names(), ["kept", "waited"], "{order}");
        db.assert_whole();
        let path = db.path();
        // As the next program that opens the file finds it.
        let next = Database::open(path).unwrap();
        add(&next, "next").unwrap();
        assert_eq!(db.names(), ["kept", "waited", "next"], "{order}");
    }
}

/// The program is killed, and nobody else has the file open.
#[test]
fn a_file_whose_only_program_was_killed_in_a_body_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let mut other = Process::again("a_process_that_dies_in_a_body", &path);
    assert_eq!(other.hear("body: ").as_deref(), Some("written"));
    other.kill();
    let db = Database::open(&path).unwrap();
    assert!(common::names(&path).is_empty());
    add(&db, "next").unwrap();
    assert_eq!(common::names(&path), ["next"]);
    assert_whole(&path);
}

/// Writes two rows, and meets another's lock in between for the first two times.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn add_pair_past_locks(db: &Writer, runs: &Runs, locks: usize, path: &Path) -> Result<()> {
    insert(db, "one")?;
    if runs.run() <= locks {
        return Err(busy(path).into());
    }
    insert(db, "two")?;
    Ok(())
}

#[test]
fn no_partial_writes_on_lock() {
    let db = kept(Options::new());
    let runs = Runs::new();
    // A lock at every attempt.
    let error = add_pair_past_locks(&db, &runs, 3, db.path()).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(runs.count(), 3);
    left_nothing(&db);
    // At the first two.
    let runs = Runs::new();
    add_pair_past_locks(&db, &runs, 2, db.path()).unwrap();
    assert_eq!(runs.count(), 3);
    assert_eq!(db.names(), ["kept", "one", "two"]);
    db.assert_whole();
}

/// With a rollback journal the lock may be met as late as the commit.
#[test]
fn no_partial_writes_on_a_lock_that_is_met_by_the_commit() {
    let options =
        Options::new().journal_mode(JournalMode::Delete).busy_timeout(Duration::from_millis(20));
    let db = kept(options);
    let reading = ForeignLock::take(db.path(), Lock::Reading);
    let error = add_pair(&db, |_w| Ok(())).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    let runs = Runs::new();
    let error = add_pair_past_locks(&db, &runs, 0, db.path()).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(runs.count(), 3);
    let guard = db.writer().unwrap();
    add(&guard, "guarded").unwrap();
    assert!(matches!(guard.commit(), Err(Error::Locked(_))));
    reading.release();
    left_nothing(&db);
    add_pair_past_locks(&db, &Runs::new(), 0, db.path()).unwrap();
    assert_eq!(db.names(), ["kept", "one", "two"]);
}

#[test]
fn integrity_after_lock_error() {
    for mode in [JournalMode::Wal, JournalMode::Delete] {
        let options = Options::new().journal_mode(mode).busy_timeout(Duration::from_millis(20));
        let db = kept(options);
        let lock = ForeignLock::take(
            db.path(),
            Lock::Writing("INSERT INTO item (name) VALUES ('foreign')"),
        );
        let errors: Vec<_> = thread::scope(|scope| {
            let write = || add_pair(&db, |_w| Ok(())).unwrap_err();
            let writers: Vec<_> = (0..4).map(|_| scope.spawn(write)).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        for error in errors {
            assert!(matches!(error, Error::Locked(_)), "{error}");
        }
        lock.commit();
        db.assert_whole();
        assert_eq!(db.names(), ["kept", "foreign"]);
        add_pair(&db, |_w| Ok(())).unwrap();
        assert_eq!(db.names(), ["kept", "foreign", "one", "two"]);
        db.assert_whole();
    }
}

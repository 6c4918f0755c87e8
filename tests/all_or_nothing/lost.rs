//! A transaction that ends before its body, which then goes on as if it had not.

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
        "annotated" | "annotated, retried" | "closure of rusqlite errors" | "guard" => Some("rows"),
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

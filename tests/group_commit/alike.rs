//! What a body meets is the same on whichever thread it runs: nested calls, readers,
//! re-entry, refusals, and the places that errors name.

use db_core::{Error, Reader, RetryPolicy, WaitedFor, reader};
use rusqlite::Connection;

use super::*;

/// Makes a call by itself, on a database of its own, and as the last of a group of three,
/// between others that have their own troubles; returns both errors as they are read.
#[track_caller]
fn errors(
    make: impl Fn(&Database) -> Result<()> + Sync,
    other: impl Fn(&Database) + Sync,
) -> [String; 2] {
    let alone = open();
    let alone = make(&alone).unwrap_err().report();
    let db = open();
    let (ended, grown) = counted(
        &db,
        [
            call(|| add(&*db, "first").err()),
            call(|| {
                other(&db);
                None
            }),
            call(|| make(&db).err()),
        ],
    );
    // One transaction for all three, unless it was lost.
    assert!(grown.grouped == 2 || grown.commits == 2, "{grown:?}");
    let member = ended.into_iter().next_back().flatten().unwrap().report();
    let path = |text: &str, db: &TestDb| text.replace(&db.path().display().to_string(), "<path>");
    [alone.clone(), path(&member, &db)].map(|text| super::common::without_times(&text))
}

fn no_other(db: &Database) {
    add(db, "second").unwrap();
}

#[track_caller]
fn same(make: impl Fn(&Database) -> Result<()> + Sync, says: &str) {
    let [alone, member] = errors(make, no_other);
    assert_eq!(alone, member);
    assert!(alone.contains(says), "{alone}");
}

#[writer]
fn once(db: &Writer) -> Result<()> {
    insert(db, "once")?;
    Ok(())
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn writes_beside(db: &Writer, whole: &Database) -> Result<()> {
    insert(db, "mine")?;
    add(whole, "beside")
}

#[test]
fn a_write_through_a_captured_database_is_refused_at_once() {
    same(|db| writes_beside(db, db), "alike::writes_beside");
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn writes_once_elsewhere(db: &Writer, other: &Database) -> Result<()> {
    insert(db, "mine")?;
    once(other)
}

#[test]
fn a_once_only_write_to_another_database_is_refused() {
    let other = open();
    same(|db| writes_once_elsewhere(db, &other), "alike::writes_once_elsewhere");
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn commits_itself(db: &Writer, sql: &str) -> Result<()> {
    db.execute_batch(sql)?;
    Ok(())
}

#[test]
fn a_refused_statement_names_its_own_body() {
    same(|db| commits_itself(db, "COMMIT"), "alike::commits_itself");
    same(|db| commits_itself(db, "CREATE TEMP TABLE t (n)"), "alike::commits_itself");
}

/// Not as a literal in a body: then it would not be compiled.
const REFUSED: &str = "SAVEPOINT mine";

/// In whatever error a function returns.
#[test]
fn a_refused_statement_is_explained_in_every_error() {
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn refused_by_sqlite(db: &Writer) -> rusqlite::Result<()> {
        db.execute_batch(REFUSED)
    }

    same(|db| Ok(refused_by_sqlite(db)?), "SAVEPOINT");
}

/// The one before was refused something, and said nothing of it.
#[test]
fn a_refusal_of_another_member_is_not_taken_for_ones_own() {
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn ignores_a_refusal(db: &Writer) -> Result<()> {
        let _ = db.execute_batch(REFUSED);
        Ok(())
    }

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn has_its_own(db: &Writer) -> Result<()> {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_AUTH);
        let _ = db;
        Err(rusqlite::Error::SqliteFailure(code, Some("of another library".into())).into())
    }

    let [alone, member] = errors(has_its_own, |db| ignores_a_refusal(db).unwrap());
    assert_eq!(alone, member);
    assert!(!alone.contains("SAVEPOINT"), "{alone}");
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn rolls_back(db: &Writer) -> Result<()> {
    let _ = db.execute_batch("INSERT OR ROLLBACK INTO item VALUES (1, 'x', 1), (1, 'x', 1)");
    Ok(())
}

#[test]
fn a_lost_transaction_names_the_body_that_lost_it() {
    same(rolls_back, "alike::rolls_back");
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn leaves_unfinished(db: &Writer) -> Result<()> {
    let statement = Box::leak(Box::new(
        db.prepare("INSERT INTO item (name) VALUES ('x'), ('y') RETURNING id")?,
    ));
    let mut rows = statement.query([])?;
    rows.next()?;
    std::mem::forget(rows);
    Ok(())
}

#[test]
fn an_unfinished_statement_names_its_own_body() {
    same(leaves_unfinished, "alike::leaves_unfinished");
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader]
fn count_by_connection(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))
}

/// Nested writers are savepoints, readers see what was written, a part can fail alone.
#[test]
fn nested_calls_work_in_a_member() {
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn outer(db: &Writer, name: &str) -> Result<[i64; 3]> {
        let before = count(db)?;
        add(db, name)?;
        add(&db, &format!("{name}'"))?;
        let failed: Result<()> = db.savepoint(|w| {
            add(w, "undone")?;
            Err(Error::NoGlobal)
        });
        assert!(failed.is_err());
        let refused = writes_nothing(db);
        assert!(matches!(refused, Err(Error::NoGlobal)));
        Ok([before, count(db)?, count_by_connection(db)?])
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn writes_nothing(db: &Writer) -> Result<()> {
        insert(db, "undone")?;
        Err(Error::NoGlobal)
    }

    let db = open();
    let calls = ["a", "b", "c"].map(|name| {
        let db = &db;
        call(move || outer(&**db, name).unwrap())
    });
    let (counts, grown) = counted(&db, calls);
    assert_eq!((grown.commits, grown.grouped), (1, 2));
    assert_eq!(counts, [[0, 2, 2], [2, 4, 4], [4, 6, 6]]);
    assert_eq!(db.names(), ["a", "a'", "b", "b'", "c", "c'"]);
}

/// Called through a handle it is a part of that transaction, as every writer.
#[test]
fn inside_of_another_writer_it_is_a_savepoint() {
    let db = open();
    let before = db.stats();
    db.write_idempotent(&RetryPolicy::attempts(1), |w| {
        add(w, "a")?;
        add(w, "b")
    })
    .unwrap();
    db.write(|w| add(w, "c")).unwrap();
    assert_eq!(db.stats().commits - before.commits, 2);
    assert_eq!(db.stats().grouped, 0);
    assert_eq!(db.names(), ["a", "b", "c"]);
}

/// A caller that is inside of something may hold what others need: its body stays on its
/// thread, and it runs nobody else's.
#[test]
fn inside_of_another_body_it_runs_by_itself() {
    let (db, other, runs) = (open(), open(), Runs::new());
    let calls = (0..4).map(|n| {
        let (db, other, runs) = (&db, &other, &runs);
        let add = move || {
            add_noting(&**db, &n.to_string(), runs).unwrap();
            thread::current().id()
        };
        call(move || match n {
            0 => db.read(|r| count(r).map(|_| add())).unwrap(),
            2 => other
                .write_idempotent(&RetryPolicy::attempts(1), |_| Ok::<_, Error>(add()))
                .unwrap(),
            _ => add(),
        })
    });
    let (threads, grown) = counted(&db, calls);
    assert_eq!(runs.threads(), threads);
    assert_eq!((grown.commits, grown.grouped), (4, 0));
    assert_eq!(db.names(), ["0", "1", "2", "3"]);
}

/// Who waits is told whose body holds it up, and on whose behalf: not who leads.
#[test]
fn a_waiter_is_told_whose_body_runs() {
    use std::sync::{Mutex, mpsc};

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn hangs(
        db: &Writer,
        (inside, go): (&mpsc::Sender<()>, &Mutex<mpsc::Receiver<()>>),
    ) -> Result<()> {
        inside.send(()).unwrap();
        super::common::received(&go.lock().unwrap());
        insert(db, "hung")?;
        Ok(())
    }

    let db = open();
    let (inside, is_inside) = mpsc::channel();
    let (lets_go, go) = mpsc::channel();
    let go = Mutex::new(go);
    thread::scope(|scope| {
        let db = &db;
        let group = scope.spawn(|| {
            counted(
                db,
                [
                    call(|| add(&**db, "leads").unwrap()),
                    call(|| hangs(&**db, (&inside, &go)).unwrap()),
                ],
            )
        });
        super::common::received(&is_inside);
        let guards = db.open_guards();
        assert_eq!(guards.len(), 1);
        assert!(guards[0].site.function().unwrap().ends_with("hangs"), "{guards:?}");
        let Err(Error::WriterTimeout(timeout)) = db.writer_within(std::time::Duration::ZERO) else {
            panic!("it got the turn");
        };
        let WaitedFor::Writer(guard) = &timeout.waited_for else {
            panic!("{:?}", timeout.waited_for);
        };
        assert!(guard.site.function().unwrap().ends_with("hangs"), "{guard:?}");
        assert_eq!(guard.thread, "1, run by thread 0");
        lets_go.send(()).unwrap();
        let (_, grown) = group.join().unwrap();
        assert_eq!((grown.commits, grown.grouped), (1, 1));
    });
    assert_eq!(db.names(), ["leads", "hung"]);
}

/// Also in the second run, after the group was lost.
#[test]
fn a_waiter_is_told_whose_body_runs_again() {
    use std::sync::{Mutex, mpsc};

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn hangs_again(
        db: &Writer,
        runs: &Runs,
        (inside, go): (&mpsc::Sender<()>, &Mutex<mpsc::Receiver<()>>),
    ) -> Result<()> {
        if runs.run() == 2 {
            inside.send(()).unwrap();
            super::common::received(&go.lock().unwrap());
        }
        insert(db, "hung")?;
        Ok(())
    }

    let (db, runs) = (open(), Runs::new());
    let (inside, is_inside) = mpsc::channel();
    let (lets_go, go) = mpsc::channel();
    let go = Mutex::new(go);
    thread::scope(|scope| {
        let (db, runs) = (&db, &runs);
        let group = scope.spawn(|| {
            counted(
                db,
                [
                    call(|| add(&**db, "leads")),
                    call(|| hangs_again(&**db, runs, (&inside, &go))),
                    call(|| rolls_back(&**db)),
                ],
            )
        });
        super::common::received(&is_inside);
        let guards = db.open_guards();
        assert!(guards[0].site.function().unwrap().ends_with("hangs_again"), "{guards:?}");
        assert_eq!(guards[0].thread, "1, run by thread 0");
        lets_go.send(()).unwrap();
        let (ended, grown) = group.join().unwrap();
        assert!(ended[0].is_ok() && ended[1].is_ok() && ended[2].is_err(), "{ended:?}");
        assert_eq!((grown.commits, grown.grouped), (2, 0));
    });
    assert_eq!(db.names(), ["leads", "hung"]);
}

/// What a member was refused, and ignored, is not told to the one who led it.
#[test]
fn a_refusal_of_a_member_does_not_stay_with_the_leader() {
    let db = open();
    let (ended, grown) = counted(
        &db,
        [
            call(|| {
                add(&*db, "leads").unwrap();
                // The caller's own, on no connection of ours.
                let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_AUTH);
                let own = rusqlite::Error::SqliteFailure(code, Some("its own".into()));
                Error::from(own).to_string()
            }),
            call(|| {
                db.write_grouped(&RetryPolicy::attempts(1), |w| {
                    let _ = w.execute_batch(REFUSED);
                    Ok::<_, Error>(())
                })
                .unwrap();
                String::new()
            }),
        ],
    );
    assert_eq!(grown.grouped, 1);
    assert!(ended[0].contains("its own"), "{}", ended[0]);
}

//! Which statements there are: each that a body runs, whenever and however, and nothing that
//! SQLite or the engine runs for it.

use rusqlite::Statement;

use super::*;

pub(super) const BUSY: i32 = ffi::SQLITE_BUSY;

/// The statement of that number of `body` meets a lock: the code is seen, the call is not
/// run again, and all else of the fault kit agrees.
#[track_caller]
pub(super) fn fails(
    kit: &Kit,
    number: u32,
    body: impl Fn(&Connection, &Seen) -> rusqlite::Result<()>,
) {
    let seen = Seen::new();
    kit.faults.inject(Fault::Busy.at_statement(number));
    let before = kit.db.names();
    let result = kit.db.write(|w| body(w, &seen));
    kit.faults.assert_all_met();
    assert_eq!(code(&result.unwrap_err()), Some(BUSY));
    assert_eq!(seen.codes(), [BUSY]);
    assert_eq!(kit.db.names(), before);
    kit.db.assert_whole();
}

/// As [`fails`], of a statement that can't: the call is `Ok`.
#[track_caller]
pub(super) fn can_not(kit: &Kit, number: u32, body: impl Fn(&Connection) -> rusqlite::Result<()>) {
    kit.faults.inject(Fault::Busy.at_statement(number));
    kit.db.write(|w| body(w)).unwrap();
    let left = format!("Busy at statement {number} of any call, once");
    assert_eq!(told(&kit.faults), [left]);
    kit.faults.clear();
}

pub(super) fn count(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))
}

/// Each time that a statement is run counts, whenever it was prepared.
#[test]
fn of_statements_that_were_prepared_before() {
    let kit = Kit::new();
    let cached = |conn: &Connection, seen: &Seen, name: &str| {
        let mut put = conn.prepare_cached("INSERT INTO item (name) VALUES (?1)")?;
        seen.note(put.execute([name])).map(drop)
    };
    kit.db.write(|w| cached(w, &Seen::new(), "before")).unwrap();
    for number in 1..4 {
        fails(&kit, number, |conn, seen| {
            ["a", "b", "c"].iter().try_for_each(|name| cached(conn, seen, name))
        });
        fails(&kit, number, |conn, seen| {
            let mut put = conn.prepare("INSERT INTO item (name) VALUES (?1)")?;
            let puts = |put: &mut Statement<'_>, name| seen.note(put.execute([name]));
            ["a", "b", "c"].iter().try_for_each(|name| puts(&mut put, *name).map(drop))
        });
    }
    assert_eq!(kit.db.names(), ["before"]);
}

#[test]
fn of_a_batch() {
    let kit = Kit::new();
    let batch = "-- Three of them, and a comment.
        INSERT INTO item (name) VALUES ('a');
        INSERT INTO item (name) VALUES ('b'); ;
        /* the third */ INSERT INTO item (name) VALUES ('c');";
    for number in 1..4 {
        fails(&kit, number, |conn, seen| seen.note(conn.execute_batch(batch)));
        // What came before in it is not undone by it alone.
        kit.faults.inject(Fault::Busy.at_statement(number));
        kit.db.write(|w| w.execute_batch(batch).or(Ok::<_, Error>(()))).unwrap();
        kit.faults.assert_all_met();
        let kept: Vec<_> = ["a", "b"].into_iter().take(number as usize - 1).collect();
        assert_eq!(kit.db.names(), kept);
        kit.db.write(|w| w.execute_batch("DELETE FROM item")).unwrap();
    }
    can_not(&kit, 4, |conn| conn.execute_batch(batch));
}

/// A statement may begin with a comment, as what SQLite tells of triggers does.
#[test]
fn of_statements_with_comments() {
    let kit = Kit::new();
    fails(&kit, 1, |conn, seen| {
        let sql = "-- how many there are\nSELECT count(*) FROM item";
        seen.note(conn.query_row(sql, [], |_| Ok(())))
    });
    fails(&kit, 2, |conn, seen| {
        conn.execute("-- TRIGGER, by its name\nINSERT INTO item (name) VALUES ('a')", [])?;
        seen.note(insert(conn, "b"))
    });
}

/// However much they do: a part of the statement that sets them off, which is undone as one.
#[test]
fn of_triggers() {
    let schema = "CREATE TABLE log (name TEXT);
        CREATE TRIGGER logs AFTER INSERT ON item BEGIN
            INSERT INTO log VALUES (new.name);
            INSERT INTO log SELECT name FROM item;
            UPDATE item SET qty = (SELECT count(*) FROM log) WHERE id = new.id;
        END;
        CREATE TRIGGER counts AFTER UPDATE ON item BEGIN
            UPDATE log SET name = name || '.';
        END;";
    let kit = Kit::with(Options::new().migrations(&[schema]));
    for number in 1..4 {
        fails(&kit, number, |conn, seen| {
            ["a", "b", "c"].iter().try_for_each(|name| seen.note(insert(conn, name)))
        });
    }
    can_not(&kit, 3, |conn| {
        insert(conn, "a")?;
        insert(conn, "b")
    });
    // A statement that was caught has undone what its triggers did.
    kit.faults.inject(Fault::Busy.at_statement(2));
    let logged = kit.db.write(|w| {
        let before: i64 = w.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
        insert(w, "c").unwrap_err();
        let after: i64 = w.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
        Ok::<_, Error>((before, after))
    });
    let (before, after) = logged.unwrap();
    assert_eq!((before, after), (before, before));
    assert_eq!(kit.db.names(), ["a", "b"]);
}

/// A new connection reads the schema when it prepares its first statement. That is no
/// statement of the body's, whatever has been stored of it.
#[test]
fn of_a_new_connection() {
    for analyzed in [false, true] {
        let kit = Kit::new();
        if analyzed {
            let plain = Connection::open(kit.db.path()).unwrap();
            plain.execute_batch("CREATE INDEX names ON item (name); ANALYZE").unwrap();
        }
        for number in 1..4 {
            let db = Options::new().faults(&kit.faults).open(kit.db.path()).unwrap();
            kit.faults.inject(Fault::Busy.at_statement(number));
            let seen = Seen::new();
            let mut at = 0;
            db.read(|r| {
                (0..3).try_for_each(|_| {
                    at += 1;
                    seen.note(count(r)).map(drop)
                })
            })
            .unwrap_err();
            assert_eq!((at, seen.codes()), (number, vec![BUSY]), "analyzed: {analyzed}");
        }
        kit.faults.assert_all_met();
    }
}

/// What other connections do to the schema makes SQLite prepare a statement anew, when it
/// has begun: still one.
#[test]
fn of_a_statement_that_is_prepared_anew() {
    let kit = Kit::new();
    kit.db.read(|r| count(r)).unwrap();
    let plain = Connection::open(kit.db.path()).unwrap();
    for n in 0..3 {
        plain.execute_batch(&format!("CREATE TABLE more{n} (x)")).unwrap();
        let seen = Seen::new();
        kit.faults.inject(Fault::Busy.at_statement(2));
        let mut at = 0;
        let three = |r: &Reader<'_>| {
            (0..3).try_for_each(|_| {
                at += 1;
                let mut all = r.prepare_cached("SELECT count(*) FROM item")?;
                seen.note(all.query_row([], |_| Ok(())))
            })
        };
        kit.db.read(three).unwrap_err();
        assert_eq!((at, seen.codes()), (2, vec![BUSY]));
    }
}

/// From its opening, and beside others that are open.
#[test]
fn of_guards() {
    let (kit, other) = (Kit::new(), Kit::new());
    kit.faults.inject(Fault::Busy.at_statement(2));
    let w = kit.db.writer().unwrap();
    insert(&w, "1").unwrap();
    // Others', whose statements are not the guard's.
    let r = other.db.reader().unwrap();
    let own = kit.db.reader().unwrap();
    count(&r).unwrap();
    count(&r).unwrap();
    count(&own).unwrap();
    assert_eq!(kit.faults.pending().len(), 1);
    assert_eq!(code(&insert(&w, "2").unwrap_err()), Some(BUSY));
    // Those of the guard that was opened last go on, and of the one that is left.
    kit.faults.inject(Fault::Busy.at_statement(3));
    count(&own).unwrap();
    drop(r);
    assert_eq!(code(&count(&own).unwrap_err()), Some(BUSY));
    drop(own);
    insert(&w, "3").unwrap();
    kit.faults.inject(Fault::Busy.at_statement(4));
    assert_eq!(code(&insert(&w, "4").unwrap_err()), Some(BUSY));
    w.commit().unwrap();
    assert_eq!(kit.db.names(), ["1", "3"]);
    assert!(kit.faults.calls().is_empty());
}

/// A call through a guard counts for itself, and the guard's go on behind it.
#[test]
fn of_a_call_through_a_guard() {
    #[writer]
    fn put(db: &Writer, name: &str) -> Result<()> {
        Ok(insert(db, name)?)
    }
    let kit = Kit::new();
    let w = kit.db.writer().unwrap();
    insert(&w, "1").unwrap();
    kit.faults.inject(Fault::Busy.at_statement(1).of("put"));
    assert_eq!(code(&put(&w, "put").unwrap_err()), Some(BUSY));
    put(&w, "put").unwrap();
    kit.faults.inject(Fault::Busy.at_statement(2));
    assert_eq!(code(&insert(&w, "2").unwrap_err()), Some(BUSY));
    w.commit().unwrap();
    assert_eq!(kit.db.names(), ["1", "put"]);
}

/// Counted anew for each attempt, and each call.
#[test]
fn from_one_again_each_time() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(3).times(2));
    let seen = Seen::new();
    let three = RetryPolicy::attempts(3);
    kit.db.write_idempotent(&three, |w| write_three(w, &seen)).unwrap();
    assert_eq!((seen.codes(), kit.last()), (vec![BUSY; 2], (3, true)));
    // A body that ends before has no third.
    kit.faults.inject(Fault::Busy.at_statement(3));
    for _ in 0..3 {
        kit.db.write(|w| insert(w, "one").and_then(|()| insert(w, "two"))).unwrap();
    }
    assert_eq!(kit.faults.pending().len(), 1);
}

/// One inside another transaction of a `savepoint` is the body's own.
#[test]
fn in_a_savepoint() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(2));
    kit.db
        .write(|w| {
            insert(w, "outside")?;
            w.savepoint(|w| {
                insert(w, "inside")?;
                insert(w, "inside, second")
            })
            .unwrap_err();
            insert(w, "outside, second")
        })
        .unwrap();
    assert_eq!(kit.db.names(), ["outside", "outside, second"]);
    kit.faults.assert_all_met();
}

/// A virtual table runs statements of its own, which are a part of those that use it, once it
/// has set itself up on the connection.
#[test]
fn of_virtual_tables() {
    let kit = Kit::with(Options::new().migrations(&["CREATE VIRTUAL TABLE words USING fts5 (w)"]));
    for number in 1..4 {
        fails(&kit, number, |conn, seen| {
            seen.note(conn.execute("INSERT INTO words VALUES ('one two')", []))?;
            seen.note(conn.execute("INSERT INTO words VALUES ('two three')", []))?;
            let two = "SELECT count(*) FROM words WHERE words MATCH 'two'";
            seen.note(conn.query_row(two, [], |_| Ok(())))
        });
    }
}

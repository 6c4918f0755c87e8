//! Which statements can fail: whatever SQLite knows of the file already, one that reads it.

use super::counting::{BUSY, can_not, count, fails};
use super::*;

/// Some pages of rows.
fn filled() -> Kit {
    let kit = Kit::new();
    kit.db
        .write(|w| (0..200).try_for_each(|n| insert(w, &format!("{n} {}", "x".repeat(100)))))
        .unwrap();
    kit
}

#[test]
fn of_pages_that_are_cached() {
    let kit = filled();
    fails(&kit, 4, |conn, seen| {
        for _ in 0..3 {
            count(conn)?;
        }
        seen.note(count(conn)).map(drop)
    });
    // And by the transactions before.
    kit.db.read(|r| count(r)).unwrap();
    let seen = Seen::new();
    kit.faults.inject(Fault::Busy.at_statement(1));
    kit.db.read(|r| seen.note(count(r))).unwrap_err();
    assert_eq!(seen.codes(), [BUSY]);
}

#[test]
fn of_pages_that_the_transaction_has_changed() {
    let kit = filled();
    // Before the page that is read was written, after that, and with more of them.
    for rows in [0, 1, 500] {
        fails(&kit, rows + 2, |conn, seen| {
            conn.execute("UPDATE item SET qty = qty + 1", [])?;
            (0..rows).try_for_each(|_| insert(conn, "new"))?;
            seen.note(count(conn)).map(drop)
        });
    }
}

/// What was written before, and is only in the transaction, is still there afterwards: the
/// statement alone is undone.
#[test]
fn a_body_may_go_on() {
    for options in [Options::new(), Options::new().journal_mode(JournalMode::Delete)] {
        let kit = Kit::with(options);
        kit.faults.inject(Fault::Busy.at_statement(3));
        kit.faults.inject(Fault::Locked.at_statement(4));
        kit.db
            .write(|w| {
                insert(w, "1")?;
                insert(w, "2")?;
                assert_eq!(code(&insert(w, "3").unwrap_err()), Some(BUSY));
                let rename = "UPDATE item SET name = name || '!'";
                assert_eq!(code(&w.execute(rename, []).unwrap_err()), Some(ffi::SQLITE_LOCKED));
                assert_eq!(count(w)?, 2);
                insert(w, "5")
            })
            .unwrap();
        kit.faults.assert_all_met();
        assert_eq!(kit.db.names(), ["1", "2", "5"]);
        kit.db.assert_whole();
        assert_eq!(kit.last(), (1, true));
    }
}

/// Nothing to read: they can't fail, and nothing else does in their place.
#[test]
fn of_statements_that_read_nothing() {
    let kit = filled();
    let nothing = ["SELECT 1", "PRAGMA foreign_keys", "VALUES (1), (2)", "SELECT 1 WHERE 0"];
    for sql in nothing {
        can_not(&kit, 1, |conn| conn.prepare(sql)?.exists([]).map(drop));
        can_not(&kit, 1, |conn| {
            conn.prepare(sql)?.exists([])?;
            // Not these, which do.
            count(conn)?;
            conn.prepare("SELECT name FROM item")?.exists([]).map(drop)
        });
    }
    // Nor what SQLite reads to prepare the next one, the schema, on a new connection.
    kit.faults.inject(Fault::Busy.at_statement(1));
    let new = kit.faults.connect(kit.db.path()).unwrap();
    let nothing_and_all = |r: &Reader<'_>| {
        r.query_row("SELECT 1", [], |_| Ok(()))?;
        new.prepare("SELECT name FROM item")?;
        count(r)
    };
    assert_eq!(kit.db.read(nothing_and_all), Ok(200));
    // The next call's first is met instead.
    kit.db.read(|r| r.query_row("SELECT 1", [], |_| Ok(()))).unwrap();
    assert!(kit.db.read(|r| count(r)).is_err());
    kit.faults.assert_all_met();
}

/// It has begun, and returned a row, before it comes to read: then it can, but only until
/// another statement begins.
#[test]
fn of_a_statement_that_reads_late() {
    let kit = filled();
    let late = "SELECT 1 UNION ALL SELECT count(*) FROM item";
    fails(&kit, 1, |conn, seen| {
        let mut statement = conn.prepare(late)?;
        let mut rows = statement.query([])?;
        assert!(rows.next()?.is_some());
        seen.note(rows.next().map(drop))
    });
    can_not(&kit, 1, |conn| {
        let mut statement = conn.prepare(late)?;
        let mut rows = statement.query([])?;
        assert!(rows.next()?.is_some());
        count(conn)?;
        assert!(rows.next()?.is_some());
        Ok(())
    });
}

/// As documented: a page that an unfinished statement looks at is not read again.
#[test]
fn of_pages_that_another_statement_has() {
    let kit = Kit::new();
    kit.db.write(|w| insert(w, "one page")).unwrap();
    can_not(&kit, 2, |conn| {
        let mut statement = conn.prepare("SELECT name FROM item")?;
        let mut rows = statement.query([])?;
        assert!(rows.next()?.is_some());
        conn.execute("UPDATE item SET qty = 1", []).map(drop)
    });
}

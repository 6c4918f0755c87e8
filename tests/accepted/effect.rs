//! Twins of `ui/effect/*`: the same calls, allowed, and run.

use db_core::effect::{Effect, Idempotent, Once};
use db_core::rusqlite::Connection;
use db_core::{
    Database, ReadFrom, Reader, Result, RetryPolicy, WriteTo, Writer, reader, retry_on_locked,
    writer,
};

mod helpers;
mod traits;

/// Once only.
#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent VALUES ('once')", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent VALUES ('again')", ())?;
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<u32> {
    Ok(db.query_row("SELECT count(*) FROM sent", (), |row| row.get(0))?)
}

/// Runs `call`, which is allowed and writes `rows` rows.
#[track_caller]
fn writes(rows: u32, call: impl FnOnce(&Database) -> Result<()>) {
    let db = Database::open_in_memory().unwrap();
    db.write(|w| w.execute_batch("CREATE TABLE sent (how)")).unwrap();
    call(&db).unwrap();
    assert_eq!(count(&db).unwrap(), rows);
}

mod calls_once_only_writer {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        set(db)
    }

    #[writer]
    pub(super) fn once(db: &Writer) -> Result<()> {
        send(db)
    }

    #[test]
    fn runs() {
        writes(1, outer);
        writes(1, once);
    }
}

mod calls_writer {
    use super::*;

    #[writer]
    pub(super) fn report(db: &Writer) -> Result<()> {
        send(db)
    }

    #[test]
    fn runs() {
        writes(1, report);
    }
}

mod calls_idempotent_writer {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn report(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        writes(1, report);
    }
}

mod third_level {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn first(db: &Writer) -> Result<()> {
        second(db)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn second(db: &Writer) -> Result<()> {
        third(db)
    }

    fn third(db: &Writer<'_, Idempotent>) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        writes(1, first);
    }
}

mod recursion {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn down(db: &Writer, levels: u32) -> Result<()> {
        if levels == 0 { set(db) } else { down(db, levels - 1) }
    }

    #[test]
    fn runs() {
        writes(1, |db| down(db, 3));
    }
}

mod mutual_recursion {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn even(db: &Writer, n: u32) -> Result<()> {
        if n == 0 { set(db) } else { odd(db, n - 1) }
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn odd(db: &Writer, n: u32) -> Result<()> {
        if n == 0 { Ok(()) } else { even(db, n - 1) }
    }

    #[test]
    fn runs() {
        writes(1, |db| even(db, 4));
    }
}

mod savepoint {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        db.savepoint(|inner| set(inner))
    }

    #[test]
    fn runs() {
        writes(1, outer);
    }
}

mod closures_by_hand {
    use super::*;

    pub(super) fn by_hand(db: &Database) -> Result<()> {
        db.write_idempotent(&RetryPolicy::attempts(3), |w| set(w))?;
        db.read(|r| count(r))?;
        count(&db.reader()?)?;
        let guard = db.writer()?;
        send(&guard)?;
        guard.commit()
    }

    #[test]
    fn runs() {
        writes(2, by_hand);
    }
}

mod retried_reader {
    use super::*;

    #[reader]
    #[retry_on_locked]
    pub(super) fn report(db: &Reader) -> Result<()> {
        count(db).map(drop)
    }

    #[test]
    fn runs() {
        writes(0, report);
    }
}

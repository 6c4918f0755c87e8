//! Twins of `ui/effect/*`: the same calls, allowed, and run. Each module has the name of
//! the case that it is as close to as can be.

use db_core::effect::{Effect, Idempotent, Once};
use db_core::rusqlite::Connection;
use db_core::{
    Database, ReadFrom, Reader, Result, RetryPolicy, WriteTo, Writer, reader, retry_on_locked,
    writer,
};

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
}

mod calls_writer {
    use super::*;

    #[writer]
    pub(super) fn report(db: &Writer) -> Result<()> {
        send(db)
    }
}

mod calls_idempotent_writer {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn report(db: &Writer) -> Result<()> {
        set(db)
    }
}

mod calls_helper_for_once {
    use super::*;

    fn helper(db: &Writer<'_, Once>) -> Result<()> {
        send(db)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
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
}

mod recursion {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn down(db: &Writer, levels: u32) -> Result<()> {
        if levels == 0 { set(db) } else { down(db, levels - 1) }
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
}

mod method {
    use super::*;

    pub(super) struct Shop;

    impl Shop {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn send(&self, db: &Writer) -> Result<()> {
            set(db)
        }

        #[writer]
        #[retry_on_locked(idempotent)]
        pub(super) fn outer(&self, db: &Writer) -> Result<()> {
            self.send(db)
        }
    }
}

mod generic_function {
    use super::*;

    fn twice(to: &impl WriteTo<Once>) -> Result<()> {
        send(to)?;
        send(to)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        twice(db)
    }
}

mod generic_bound_for_idempotent {
    use super::*;

    pub(super) fn helper(to: &impl WriteTo<Idempotent>) -> Result<()> {
        set(to)
    }
}

mod generic_bound_for_reading {
    use super::*;

    pub(super) fn helper(from: &impl ReadFrom) -> Result<()> {
        count(from).map(drop)
    }
}

mod trait_method {
    use super::*;

    pub(super) trait Mail {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn send(&self, db: &Writer) -> Result<()> {
            set(db)
        }
    }

    impl Mail for () {}

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer, mail: &impl Mail) -> Result<()> {
        mail.send(db)
    }
}

mod trait_impl_runs_once {
    use super::*;

    pub(super) trait Mail {
        #[writer]
        fn send(&self, db: &Writer) -> Result<()>;
    }

    impl Mail for () {
        #[writer]
        fn send(&self, db: &Writer) -> Result<()> {
            send(db)
        }
    }
}

mod trait_impl_may_run_again {
    use super::*;

    pub(super) trait Mail {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn send(&self, db: &Writer) -> Result<()>;
    }

    impl Mail for () {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn send(&self, db: &Writer) -> Result<()> {
            set(db)
        }
    }
}

mod trait_impl_writes {
    use super::*;

    pub(super) trait Mail {
        #[reader]
        fn send(&self, db: &Reader) -> Result<()>;
    }

    impl Mail for () {
        #[reader]
        fn send(&self, db: &Reader) -> Result<()> {
            count(db).map(drop)
        }
    }
}

mod helper_without_effect {
    use super::*;

    fn helper(db: &Writer) -> Result<()> {
        send(db)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod helper_of_any_effect {
    use super::*;

    fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()>
    where
        for<'a> Writer<'a, E>: WriteTo<Once>,
    {
        send(db)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod helper_of_any_effect_without_bound {
    use super::*;

    fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()>
    where
        for<'a> Writer<'a, E>: WriteTo<Idempotent>,
    {
        set(db)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod helper_for_idempotent {
    use super::*;

    fn helper(db: &Writer<'_, Idempotent>) -> Result<()> {
        set(db)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod helper_for_idempotent_from_once {
    use super::*;

    fn helper(db: &impl WriteTo<Idempotent>) -> Result<()> {
        set(db)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod savepoint {
    use super::*;

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        db.savepoint(|inner| set(inner))
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
}

mod retried_reader {
    use super::*;

    #[reader]
    #[retry_on_locked]
    pub(super) fn report(db: &Reader) -> Result<()> {
        count(db).map(drop)
    }
}

mod reader_calls_helper_that_writes {
    use super::*;

    fn helper(db: &Reader) -> Result<()> {
        count(db).map(drop)
    }

    #[reader]
    pub(super) fn report(db: &Reader) -> Result<()> {
        helper(db)
    }
}

mod reader_calls_generic_helper {
    use super::*;

    fn helper(from: &impl ReadFrom) -> Result<()> {
        count(from).map(drop)
    }

    #[reader]
    pub(super) fn first(db: &Reader) -> Result<()> {
        second(db)
    }

    #[reader]
    fn second(db: &Reader) -> Result<()> {
        helper(db)
    }
}

mod function_as_value {
    use super::*;

    type Step<'w> = fn(&Writer<'w, Once>) -> Result<()>;

    pub(super) fn steps<'w>() -> [Step<'w>; 2] {
        [send, set]
    }
}

mod connection_in_between {
    use super::*;

    fn helper(conn: &Connection) -> Result<()> {
        conn.execute("INSERT INTO sent VALUES ('by hand')", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }
}

mod other_effect {
    use super::*;

    pub(super) fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()> {
        db.execute("INSERT INTO sent VALUES (?1)", [E::REPEATABLE])?;
        Ok(())
    }
}

mod own_source {
    use super::*;

    /// What derefs to a database is one, and stands outside of every body.
    struct Disguise<'a>(&'a Database);

    impl std::ops::Deref for Disguise<'_> {
        type Target = Database;

        fn deref(&self) -> &Database {
            self.0
        }
    }

    pub(super) fn outer(db: &Database) -> Result<()> {
        send(&Disguise(db))
    }
}

#[test]
fn all_are_accepted_and_run() {
    writes(1, calls_once_only_writer::outer);
    writes(1, calls_once_only_writer::once);
    writes(1, calls_writer::report);
    writes(1, calls_idempotent_writer::report);
    writes(1, calls_helper_for_once::outer);
    writes(1, third_level::first);
    writes(1, |db| recursion::down(db, 3));
    writes(1, |db| mutual_recursion::even(db, 4));
    writes(1, |db| method::Shop.outer(db));
    writes(2, generic_function::outer);
    writes(1, generic_bound_for_idempotent::helper);
    writes(1, |db| db.write(|w| generic_bound_for_idempotent::helper(w)));
    writes(0, |db| db.read(|r| generic_bound_for_reading::helper(r)));
    writes(1, |db| trait_method::outer(db, &()));
    writes(1, |db| trait_impl_runs_once::Mail::send(&(), db));
    writes(1, |db| trait_impl_may_run_again::Mail::send(&(), db));
    writes(0, |db| trait_impl_writes::Mail::send(&(), db));
    writes(1, helper_without_effect::outer);
    writes(1, helper_of_any_effect::outer);
    writes(1, helper_of_any_effect_without_bound::outer);
    writes(1, helper_for_idempotent::outer);
    writes(1, helper_for_idempotent_from_once::outer);
    writes(1, savepoint::outer);
    writes(2, closures_by_hand::by_hand);
    writes(0, retried_reader::report);
    writes(0, reader_calls_helper_that_writes::report);
    writes(0, reader_calls_generic_helper::first);
    writes(2, |db| db.write(|w| function_as_value::steps().iter().try_for_each(|step| step(w))));
    writes(1, connection_in_between::outer);
    writes(1, |db| db.write(other_effect::helper));
    writes(1, own_source::outer);
}

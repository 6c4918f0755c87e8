//! Helpers between annotated functions.

use super::*;

mod calls_helper_for_once {
    use super::*;

    fn helper(db: &Writer<'_, Once>) -> Result<()> {
        send(db)
    }

    #[writer]
    pub(super) fn outer(db: &Writer) -> Result<()> {
        helper(db)
    }

    #[test]
    fn runs() {
        writes(1, outer);
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

    #[test]
    fn runs() {
        writes(2, outer);
    }
}

mod generic_bound_for_idempotent {
    use super::*;

    pub(super) fn helper(to: &impl WriteTo<Idempotent>) -> Result<()> {
        set(to)
    }

    #[test]
    fn runs() {
        writes(1, helper);
        writes(1, |db| db.write(|w| helper(w)));
    }
}

mod generic_bound_for_reading {
    use super::*;

    pub(super) fn helper(from: &impl ReadFrom) -> Result<()> {
        count(from).map(drop)
    }

    #[test]
    fn runs() {
        writes(0, |db| db.read(|r| helper(r)));
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

    #[test]
    fn runs() {
        writes(1, outer);
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

    #[test]
    fn runs() {
        writes(1, outer);
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

    #[test]
    fn runs() {
        writes(1, outer);
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

    #[test]
    fn runs() {
        writes(1, outer);
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

    #[test]
    fn runs() {
        writes(0, report);
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

    #[test]
    fn runs() {
        writes(0, first);
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

    #[test]
    fn runs() {
        writes(1, outer);
    }
}

//! Methods, traits, functions as values.

use super::*;

mod method {
    use super::*;

    pub(super) struct Shop;

    impl Shop {
        #[writer]
        #[retry_on_locked(idempotent)]
        #[expect(clippy::unused_self, reason = "a method all the same")]
        fn send(&self, db: &Writer) -> Result<()> {
            set(db)
        }

        #[writer]
        #[retry_on_locked(idempotent)]
        pub(super) fn outer(&self, db: &Writer) -> Result<()> {
            self.send(db)
        }
    }

    #[test]
    fn runs() {
        writes(1, |db| Shop.outer(db));
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

    #[test]
    fn runs() {
        writes(1, |db| outer(db, &()));
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

    #[test]
    fn runs() {
        writes(1, |db| Mail::send(&(), db));
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

    #[test]
    fn runs() {
        writes(1, |db| Mail::send(&(), db));
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

    #[test]
    fn runs() {
        writes(0, |db| Mail::send(&(), db));
    }
}

mod function_as_value {
    use super::*;

    type Step<'w> = fn(&Writer<'w, Once>) -> Result<()>;

    pub(super) fn steps<'w>() -> [Step<'w>; 2] {
        [send, set]
    }

    #[test]
    fn runs() {
        writes(2, |db| db.write(|w| steps().iter().try_for_each(|step| step(w))));
    }
}

mod other_effect {
    use super::*;

    pub(super) fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()> {
        db.execute("INSERT INTO sent VALUES (?1)", [E::REPEATABLE])?;
        Ok(())
    }

    #[test]
    fn runs() {
        writes(1, |db| db.write(helper));
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

    #[test]
    fn runs() {
        writes(1, outer);
    }
}

//! Twins of `tests/ui/signature`: the function itself.

mod handle;
mod nearly;
mod returns;
mod traits;

use crate::{left_by, told_by};

mod alias_of_attribute {
    //! Under its own name, or with a path to it.
    use super::left_by;
    use db_core::retry_on_locked;
    use db_core::{Result, Writer, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[db_core::writer]
    #[db_core::retry_on_locked(idempotent)]
    fn set_by_path(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_by_path), 0);
    }
}

mod async_fn {
    //! A plain one; whoever may not wait calls it on another thread.
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: Database) -> std::thread::JoinHandle<Result<i64>> {
        std::thread::spawn(move || stock(&db))
    }

    #[test]
    fn runs() {
        assert_eq!(super::told_by(|db| caller(Database::clone(db)).join().unwrap()), 5);
    }
}

mod const_fn {
    //! Without `const`.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod extern_fn {
    //! The annotated one is plain, and the other calls it.
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    extern "C" fn stock_for_others(db: &Database) -> i64 {
        stock(db).unwrap_or(-1)
    }

    #[test]
    fn runs() {
        assert_eq!(stock_for_others(&crate::shop()), 5);
    }
}

mod on_impl {
    //! On each method.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    struct Shop;

    impl Shop {
        #[reader]
        #[expect(clippy::unused_self)]
        fn stock(&self, _: &Reader) -> Result<i64> {
            Ok(1)
        }
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| Shop.stock(db)), 1);
    }
}

mod on_struct {
    //! On a function that makes one.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    struct Stock {
        qty: i64,
    }

    impl Stock {
        #[reader]
        #[retry_on_locked]
        fn load(db: &Reader) -> Result<Self> {
            Ok(Self { qty: db.query_row("SELECT qty FROM stock", (), |row| row.get(0))? })
        }
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(Stock::load).qty, 5);
    }
}

mod several_at_once {
    //! Five corrections.
    use db_core::{Database, Result, Writer, retry_on_locked, writer};

    #[writer(timeout = 10s)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, mut qty: i64) -> Result<i64> {
        qty += 1;
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(qty)
    }

    fn caller(db: &Database) -> Result<()> {
        assert_eq!(set(db, 1)?, 2);
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(super::left_by(|db| caller(db)), 2);
    }
}

mod trait_method {
    //! With `&self`, in the trait and where it is implemented.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    trait Stock {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()>;
    }

    struct Shop;

    impl Stock for Shop {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop.set(db, 1)), 1);
    }
}

mod unsafe_fn {
    //! The blocks are in the body.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        // SAFETY: the handle is that of the open connection `db`.
        let writes_nothing = unsafe { rusqlite::ffi::sqlite3_total_changes(db.handle()) } == 0;
        assert!(writes_nothing);
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod variadic_fn {
    //! A slice.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader, and: &[i64]) -> Result<i64> {
        let stock: i64 = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        Ok(stock + and.iter().sum::<i64>())
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| stock(db, &[1, 2])), 8);
    }
}

mod main_function {
    //! A function that it calls.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn main(path: &std::path::Path) -> Result<()> {
        let db = Database::open(path)?;
        set(&db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| main(db.path())), 0);
    }
}

mod test_function {
    //! A function that the test calls.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod on_let {
    //! A function, or the database itself.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    fn caller(db: &Database) -> Result<i64> {
        #[reader]
        fn stock(db: &Reader) -> Result<i64> {
            Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
        }
        stock(db)
    }

    fn caller_by_hand(db: &Database) -> Result<i64> {
        db.read(|db| Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?))
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
        assert_eq!(told_by(|db| caller_by_hand(db)), 5);
    }
}

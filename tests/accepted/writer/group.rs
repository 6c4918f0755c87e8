//! What `group` asks for, or without it.

use crate::{left_by, told_by};

mod group_without_idempotent {
    //! With it; without `group` a body runs once.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    fn set_once(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_once), 0);
    }
}

mod group_parameter_not_send {
    //! `Arc` for `Rc`; without `group` a body stays on its caller's thread.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};
    use std::rc::Rc;
    use std::sync::Arc;

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, qty: Arc<i64>) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [*qty])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set_here(db: &Writer, qty: Rc<i64>) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [*qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, Arc::new(3))), 3);
        assert_eq!(left_by(|db| set_here(db, Rc::new(3))), 3);
    }
}

mod group_parameter_in_part_not_send {
    //! By value, where nobody else has it.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};
    use std::cell::Cell;

    #[derive(Clone)]
    struct Order {
        qty: Cell<i64>,
    }

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, order: Order) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [order.qty.get()])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, Order { qty: Cell::new(3) })), 3);
    }
}

mod group_self_not_sync {
    //! With what threads can share.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Shop {
        sold: AtomicI64,
    }

    impl Shop {
        #[writer(group)]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            self.sold.store(qty, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn runs() {
        let shop = Shop { sold: AtomicI64::new(0) };
        assert_eq!(left_by(|db| shop.set(db, 3)), 3);
        assert_eq!(shop.sold.into_inner(), 3);
    }
}

mod group_generic_not_send {
    //! With the bound that the compiler proposes; also where the type has no name.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set<Q: Into<i64> + Clone + Send>(db: &Writer, qty: Q) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty.into()])?;
        Ok(())
    }

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set_unnamed(db: &Writer, qty: impl Into<i64> + Clone + Send) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty.into()])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3_i32)), 3);
        assert_eq!(left_by(|db| set_unnamed(db, 3_i32)), 3);
    }
}

mod group_returns_not_send {
    //! `Arc` for `Rc`.
    use super::told_by;
    use db_core::{Result, Writer, retry_on_locked, writer};
    use std::sync::Arc;

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<Arc<i64>> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(Arc::new(0))
    }

    #[test]
    fn runs() {
        assert_eq!(*told_by(set), 0);
    }
}

mod group_error_not_send {
    //! With the auto traits.
    use super::left_by;
    use db_core::{Writer, retry_on_locked, writer};
    use std::error::Error;

    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<(), Box<dyn Error + Send + Sync>> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod group_default_method {
    //! With the bound that the compiler proposes.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    trait Stock {
        #[writer(group)]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()>
        where
            Self: Sync,
        {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            Ok(())
        }
    }

    struct Shop;

    impl Stock for Shop {}

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop.set(db, 3)), 3);
    }
}

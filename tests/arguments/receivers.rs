//! `self`, in every form that a method can have it.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use super::*;

#[derive(Debug, PartialEq)]
struct Shop {
    name: String,
    sold: i64,
}

fn shop() -> Shop {
    Shop { name: "shop".into(), sold: 1 }
}

impl Shop {
    #[writer]
    fn by_value(self, db: &Writer) -> Result<String> {
        answer(db, 1)?;
        Ok(self.name)
    }

    #[writer]
    fn by_mut_value(mut self, db: &Writer, n: i64) -> Result<Self> {
        self.sold += answer(db, n)?;
        Ok(self)
    }

    #[writer]
    fn by_mut_reference(&mut self, db: &Writer, n: i64) -> Result<&mut Self> {
        self.sold += answer(db, n)?;
        Ok(self)
    }

    #[writer]
    fn by_box(self: Box<Self>, db: &Writer) -> Result<Box<Self>> {
        answer(db, 1)?;
        Ok(self)
    }

    #[writer]
    fn by_arc(self: Arc<Self>, db: &Writer) -> Result<Arc<Self>> {
        answer(db, 1)?;
        Ok(self)
    }

    #[reader]
    fn by_mut_rc(mut self: Rc<Self>, db: &Reader, other: Option<Rc<Self>>) -> Result<Rc<Self>> {
        if let Some(other) = other {
            self = other;
        }
        answer(db, 1)?;
        Ok(self)
    }

    #[writer]
    fn by_pin(self: Pin<&mut Self>, db: &Writer, n: i64) -> Result<i64> {
        self.get_mut().sold += answer(db, n)?;
        Ok(n)
    }

    #[allow(clippy::needless_arbitrary_self_type)]
    #[reader]
    fn by_typed_reference<'a>(self: &'a Self, db: &Reader, _other: &str) -> Result<&'a str> {
        answer(db, 1)?;
        Ok(&self.name)
    }

    #[writer]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    fn by_reference_to_arc(
        self: &Arc<Self>,
        db: &Writer,
        on: (&Runs, &Database),
    ) -> Result<Arc<Self>> {
        answer(db, 1)?;
        until(2, on.0, on.1)?;
        Ok(Arc::clone(self))
    }

    #[writer]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    fn by_reference(&self, db: &Writer, (runs, on): (&Runs, &Database)) -> Result<&str> {
        answer(db, 1)?;
        until(2, runs, on)?;
        Ok(&self.name)
    }

    #[writer]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    fn without(db: &Writer, (runs, on): (&Runs, &Database), name: &str) -> Result<Self> {
        answer(db, 1)?;
        let sold = i64::try_from(until(2, runs, on)?).unwrap();
        Ok(Self { name: name.to_owned(), sold })
    }
}

#[test]
fn a_method_takes_its_object_as_it_likes() {
    let db = TestDb::new();
    assert_eq!(shop().by_value(&*db).unwrap(), "shop");
    assert_eq!(shop().by_mut_value(&*db, 2).unwrap().sold, 3);
    let mut own = shop();
    own.by_mut_reference(&*db, 2).unwrap().by_mut_reference(&*db, 3).unwrap();
    assert_eq!(own.sold, 6);
    assert_eq!(Pin::new(&mut own).by_pin(&*db, 4).unwrap(), 4);
    assert_eq!(own.sold, 10);
    assert_eq!(own.by_typed_reference(&*db, "other").unwrap(), "shop");
    assert_eq!(*Box::new(shop()).by_box(&*db).unwrap(), shop());
    let (first, second) = (Rc::new(shop()), Rc::new(own));
    let taken = Rc::clone(&first).by_mut_rc(&*db, Some(Rc::clone(&second))).unwrap();
    assert!(Rc::ptr_eq(&taken, &second));
    assert_eq!((Rc::strong_count(&first), Rc::strong_count(&second)), (1, 2));
    assert!(Rc::ptr_eq(&Rc::clone(&first).by_mut_rc(&*db, None).unwrap(), &first));
}

#[test]
fn a_shared_object_is_not_copied_by_attempts() {
    let (db, runs) = (TestDb::new(), [(); 3].map(|()| Runs::new()));
    let shared = Arc::new(shop());
    assert!(Arc::ptr_eq(&Arc::clone(&shared).by_arc(&*db).unwrap(), &shared));
    assert!(Arc::ptr_eq(&shared.by_reference_to_arc(&*db, (&runs[0], &db)).unwrap(), &shared));
    assert_eq!(shared.by_reference(&*db, (&runs[1], &db)).unwrap(), "shop");
    let made = Shop::without(&*db, (&runs[2], &db), "made").unwrap();
    assert_eq!(made, Shop { name: "made".into(), sold: 2 });
    assert_eq!(Arc::strong_count(&shared), 1);
    assert_eq!(runs.map(|runs| runs.count()), [2; 3]);
}

/// With its database in the object, all of the rest is the body's.
#[test]
fn an_object_with_its_database() {
    struct Own {
        db: Database,
        sold: Vec<i64>,
        name: String,
    }

    impl Own {
        #[writer(db = self.db)]
        fn sell(&mut self, db: &Writer, n: i64) -> Result<&mut Vec<i64>> {
            self.sold.push(answer(db, n)?);
            self.name.push('!');
            Ok(&mut self.sold)
        }

        #[reader(db = self.db)]
        fn end(self, db: &Reader) -> Result<(String, Vec<i64>)> {
            answer(db, 1)?;
            Ok((self.name, self.sold))
        }

        #[writer(db = self.db.clone())]
        #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
        fn again(self: &Arc<Self>, db: &Writer, runs: &Runs) -> Result<usize> {
            answer(db, 1)?;
            until(2, runs, &self.db)
        }
    }

    let (db, runs) = (TestDb::new(), Runs::new());
    let own = || Own { db: db.clone(), sold: vec![], name: "own".into() };
    let mut one = own();
    one.sell(1).unwrap().push(5);
    one.sell(2).unwrap();
    assert_eq!(one.end().unwrap(), ("own!!".into(), vec![1, 5, 2]));
    assert_eq!(Arc::new(own()).again(&runs).unwrap(), 2);
}

//! Methods, of types and of traits, with the handle passed on; and `dyn` traits, whose
//! database is in the object.

use std::sync::Arc;

use super::*;

/// Where the rows of a journal go.
trait Journal {
    fn prefix(&self) -> &str;

    #[writer]
    fn note(&self, db: &Writer, text: &str) -> Result<()>;

    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn keep(&self, db: &Writer, text: &str) -> Result<()>;

    #[reader]
    fn length(&self, db: &Reader) -> Result<u32> {
        count(db)
    }

    /// Three levels: this one, `keep_two`, `keep`.
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn keep_all(&self, db: &Writer, texts: &[&str], then: InAgain<'_>) -> Result<u32> {
        for pair in texts.chunks(2) {
            self.keep_two(db, pair, then)?;
        }
        self.length(db)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn keep_two(&self, db: &Writer, texts: &[&str], then: InAgain<'_>) -> Result<()> {
        for text in texts {
            self.keep(db, text)?;
        }
        then(db)
    }
}

struct Plain;

impl Journal for Plain {
    fn prefix(&self) -> &'static str {
        ""
    }

    #[writer]
    fn note(&self, db: &Writer, text: &str) -> Result<()> {
        insert(db, text)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn keep(&self, db: &Writer, text: &str) -> Result<()> {
        insert(db, text)
    }
}

/// Around another one.
struct Marked<J> {
    mark: String,
    inner: J,
}

impl<J: Journal> Journal for Marked<J> {
    fn prefix(&self) -> &str {
        &self.mark
    }

    #[writer]
    fn note(&self, db: &Writer, text: &str) -> Result<()> {
        self.inner.note(db, &format!("{}{text}", self.prefix()))?;
        self.keep(db, "noted")
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn keep(&self, db: &Writer, text: &str) -> Result<()> {
        self.inner.keep(db, &format!("{}{text}", self.prefix()))
    }

    #[reader]
    fn length(&self, db: &Reader) -> Result<u32> {
        Ok(self.inner.length(db)? * 10)
    }
}

fn marked() -> Marked<Marked<Plain>> {
    Marked { mark: "a".into(), inner: Marked { mark: "b".into(), inner: Plain } }
}

/// Over any journal, and any database or writer.
fn note_twice<J: Journal>(journal: &J, to: &impl WriteTo<Once>) -> Result<()> {
    journal.note(to, "1")?;
    journal.note(to, "2")
}

#[test]
fn methods_of_traits_pass_the_handle_on() {
    let db = TestDb::new();
    note_twice(&Plain, &*db).unwrap();
    assert_eq!(db.stats().commits, 2);
    db.write(|w| note_twice(&marked(), w)).unwrap();
    assert_eq!(db.stats().commits, 3);
    let rows = ["1", "2", "ba1", "bnoted", "banoted", "ba2", "bnoted", "banoted"];
    assert_eq!(db.names(), rows);
    assert_eq!(db.read(|r| marked().length(r)).unwrap(), 800);
}

#[test]
fn the_default_methods_of_a_trait_are_repeated_as_one() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let rows = marked().keep_all(&*db, &["1", "2", "3"], &|_w| match runs.run() {
        2 | 3 => Err(busy(db.path()).into()),
        _ => Ok(()),
    });
    // The first attempt failed in its second pair, the second in its first.
    assert_eq!(runs.count(), 5);
    assert_eq!(rows.unwrap(), 300);
    assert_eq!(db.names(), ["ba1", "ba2", "ba3"]);
    assert_eq!((db.stats().commits, db.stats().retries), (1, 2));
}

#[test]
fn a_method_that_fails_undoes_its_own_savepoint() {
    let db = TestDb::new();
    let rows = db.write_idempotent(&quick(3), |w| {
        marked().keep(w, "before")?;
        failed(&marked().keep_all(w, &["lost", "lost too"], &|_w| fail()));
        marked().keep_all(w, &["after"], &|_w| Ok(()))
    });
    assert_eq!(rows.unwrap(), 200);
    assert_eq!(db.names(), ["babefore", "baafter"]);
}

/// Methods of a generic type, called by each other.
struct Shop<'a, T> {
    name: &'a str,
    stock: Vec<T>,
}

impl<'a, T: AsRef<str>> Shop<'a, T> {
    #[writer]
    fn open(&self, db: &Writer) -> Result<&'a str> {
        insert(db, self.name)?;
        for thing in &self.stock {
            self.put(db, thing)?;
        }
        Ok(self.name)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn put(&self, db: &Writer, thing: &T) -> Result<()> {
        Self::put_name(db, thing.as_ref())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn put_name(db: &Writer, name: &str) -> Result<()> {
        insert(db, name)
    }
}

#[test]
fn methods_of_a_generic_type_call_each_other() {
    let db = TestDb::new();
    let name = String::from("shop");
    let opened = {
        let shop = Shop { name: &name, stock: vec![String::from("pear"), "fig".into()] };
        shop.open(&*db).unwrap()
    };
    assert_eq!(opened, "shop");
    assert_eq!(db.names(), ["shop", "pear", "fig"]);
    assert_eq!(db.stats().commits, 1);
}

// `dyn`: the handle is in no signature.

trait Store {
    fn add(&self, name: &str) -> Result<()>;
    fn ensure(&self, name: &str) -> Result<()>;
    fn count(&self) -> Result<u32>;
    /// Adds by itself, and by `others`, one inside the other.
    fn add_with(&self, name: &str, others: &[&dyn Store]) -> Result<()>;
}

struct Branch {
    db: Database,
}

impl Store for Branch {
    #[writer(db = self.db)]
    fn add(&self, db: &Writer, name: &str) -> Result<()> {
        once(db, name, &|w| again(w, "inside", &|_w| Ok(())))
    }

    #[writer(db = self.db)]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn ensure(&self, db: &Writer, name: &str) -> Result<()> {
        again(db, name, &|_w| Ok(()))
    }

    #[reader(db = self.db)]
    fn count(&self, db: &Reader) -> Result<u32> {
        count(db)
    }

    #[writer(db = self.db)]
    fn add_with(&self, db: &Writer, name: &str, others: &[&dyn Store]) -> Result<()> {
        insert(db, name)?;
        match others.split_first() {
            Some((next, others)) => next.add_with(name, others),
            None => Ok(()),
        }
    }
}

#[test]
fn a_trait_object_has_its_database_in_it() {
    let db = TestDb::new();
    let store: Arc<dyn Store> = Arc::new(Branch { db: db.clone() });
    store.add("a").unwrap();
    store.ensure("b").unwrap();
    assert_eq!(store.count().unwrap(), 6);
    assert_eq!(db.names(), ["a", "inside", "inside end", "a end", "b", "b end"]);
    assert_eq!(db.stats().commits, 2);
}

/// Databases of their own, one inside the other, commit each for itself.
#[test]
fn trait_objects_of_three_databases_are_called_one_inside_the_other() {
    let dbs = [TestDb::new(), TestDb::new(), TestDb::new()];
    let branches = dbs.each_ref().map(|db| Branch { db: (*db).clone() });
    let [first, second, third] = &branches;
    first.add_with("a", &[second, third]).unwrap();
    for db in &dbs {
        assert_eq!(db.names(), ["a"]);
    }
    // The second and the third are the same: the third call is refused, and all fail.
    let error = first.add_with("b", &[second, second]).unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
    for db in &dbs {
        assert_eq!(db.names(), ["a"]);
    }
}

//! Functions without an attribute, generic ones, methods, traits.

use super::derefs::Shop;
use super::*;

fn helper(db: &Writer<'_, Once>, name: &str) -> Result<()> {
    add(db, name)?;
    helper_of_any(db, "by a helper of any")
}

/// Whatever the caller's body may do, this may be done in it.
fn helper_of_any<E: Effect>(db: &Writer<'_, E>, name: &str) -> Result<()>
where
    for<'a> Writer<'a, E>: WriteTo<Idempotent>,
{
    ensure(db, name)?;
    assert!(has(db, name)?);
    db.savepoint(|w| ensure(w, name))
}

fn helper_of_repeatable(db: &Writer<'_, Idempotent>, name: &str) -> Result<()> {
    ensure(db, name)
}

fn helper_of_sources(from: &impl ReadFrom, to: &impl WriteTo<Once>) -> Result<usize> {
    add(to, "by a helper of sources")?;
    Ok(names(from)?.len())
}

#[test]
fn helpers_take_writers_and_sources() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| helper(w, "by a helper"))?;
    db.write_idempotent(&quick(2), |w| {
        helper_of_any(w, "again")?;
        helper_of_repeatable(w, "repeatable")
    })?;
    assert_eq!(db.names(), ["by a helper", "by a helper of any", "again", "repeatable"]);
    assert_eq!(helper_of_sources(&*db, &*db)?, 5);
    db.write(|w| {
        assert_eq!(helper_of_sources(w, w)?, 6, "the same transaction");
        assert_eq!(helper_of_sources(&*db, w)?, 5, "the database outside of it");
        Ok(())
    })
}

/// For rusqlite's own type, and its error.
#[writer]
fn rename(conn: &Connection, from: &str, to: impl AsRef<str>) -> rusqlite::Result<usize> {
    conn.execute("UPDATE item SET name = ?2 WHERE name = ?1", (from, to.as_ref()))
}

#[reader]
fn find<T, F>(conn: &Connection, name: &str, found: F) -> rusqlite::Result<Option<T>>
where
    F: FnOnce(i64) -> T,
{
    let id = conn
        .query_row("SELECT id FROM item WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    Ok(id.map(found))
}

#[reader]
fn first<'a>(db: &Reader, among: &[&'a str]) -> Result<Option<&'a str>> {
    for name in among {
        if has(db, name)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

#[test]
fn functions_keep_their_generics_lifetimes_and_patterns() -> Result<()> {
    #[writer]
    fn add_all(db: &Writer, (first, mut rest): (&str, Vec<String>)) -> Result<usize> {
        rest.insert(0, first.to_owned());
        for name in &rest {
            add(db, name)?;
        }
        Ok(rest.len())
    }

    let db = TestDb::new();
    assert_eq!(add_all(&*db, ("apple", vec!["pear".to_owned()]))?, 2);
    assert_eq!(rename(&*db, "pear", String::from("fig"))?, 1);
    assert_eq!(find(&*db, "fig", |id| id + 1)?, Some(3));
    assert_eq!(find(&*db, "pear", |id| id.to_string())?, None);
    let found = {
        let among = ["plum", "fig"];
        first(&*db, &among)?
    };
    assert_eq!(found, Some("fig"));
    db.write(|w| {
        rename(w, "fig", "quince")?;
        assert_eq!(find(w, "quince", |id| id)?, Some(2));
        Ok(())
    })
}

trait Catalogue {
    #[writer]
    fn put(&self, db: &Writer, name: &str) -> Result<()>;

    #[reader]
    fn count(&self, db: &Reader) -> Result<usize>;

    #[writer]
    #[retry_on_locked(idempotent)]
    fn put_once(&self, db: &Writer, name: &str) -> Result<()> {
        ensure(db, name)
    }
}

struct Prefixed(&'static str);

impl Catalogue for Prefixed {
    #[writer]
    fn put(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, &format!("{}{name}", self.0))
    }

    #[reader]
    fn count(&self, db: &Reader) -> Result<usize> {
        let all = names(db)?;
        Ok(all.iter().filter(|name| name.starts_with(self.0)).count())
    }
}

/// A trait object has no generic methods, so its database is in it.
trait Store {
    fn put(&self, name: &str) -> Result<()>;
    fn all(&self) -> Result<Vec<String>>;
}

impl Store for Shop {
    #[writer(db = self.db)]
    fn put(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, name)
    }

    #[reader(db = self.db)]
    fn all(&self, db: &Reader) -> Result<Vec<String>> {
        names(db)
    }
}

#[test]
fn methods_of_traits_join_like_all_others() -> Result<()> {
    let db = TestDb::new();
    let catalogue = Prefixed("x-");
    catalogue.put(&*db, "1")?;
    db.write(|w| {
        catalogue.put(w, "2")?;
        catalogue.put_once(w, "x-3")?;
        catalogue.put_once(w, "x-3")?;
        assert_eq!(catalogue.count(w)?, 3);
        assert_eq!(catalogue.count(&*db)?, 1);
        Ok::<_, Error>(())
    })?;
    assert_eq!(db.names(), ["x-1", "x-2", "x-3"]);

    let store: Box<dyn Store> = Box::new(Shop { db: database() });
    store.put("apple")?;
    assert_eq!(store.all()?, ["apple"]);
    Ok(())
}

struct Counter {
    calls: Cell<u32>,
}

impl Counter {
    #[writer]
    fn count(&self, db: &Writer, name: &str) -> Result<u32> {
        self.calls.set(self.calls.get() + 1);
        add(db, name)?;
        Ok(self.calls.get())
    }

    #[writer]
    fn exclusive(&mut self, db: &Writer, name: &str) -> Result<u32> {
        *self.calls.get_mut() += 10;
        self.count(db, name)
    }

    #[writer]
    fn at_last(self, db: &Writer) -> Result<u32> {
        add(db, "last")?;
        Ok(self.calls.into_inner())
    }
}

#[test]
fn methods_take_their_object_in_every_way() -> Result<()> {
    let db = TestDb::new();
    let mut counter = Counter { calls: Cell::new(0) };
    assert_eq!(counter.count(&*db, "one")?, 1);
    assert_eq!(counter.exclusive(&*db, "two")?, 12);
    assert_eq!(counter.at_last(&*db)?, 12);
    assert_eq!(db.names(), ["one", "two", "last"]);
    Ok(())
}

#[test]
fn an_error_of_any_type_goes_through_all_levels() {
    #[derive(Debug, thiserror::Error)]
    enum ShopError {
        #[error("sold out")]
        SoldOut,
        #[error(transparent)]
        Database(#[from] Error),
        #[error(transparent)]
        Sqlite(#[from] rusqlite::Error),
    }

    #[writer]
    fn outer(db: &Writer) -> anyhow::Result<()> {
        add(db, "outer")?;
        Ok(inner(db)?)
    }

    #[writer]
    fn inner(db: &Writer) -> Result<(), ShopError> {
        add(db, "inner")?;
        db.execute("UPDATE item SET qty = 1", [])?;
        Err(ShopError::SoldOut)
    }

    #[writer]
    fn boxed(db: &Writer) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        outer(db)?;
        Ok(())
    }

    let db = TestDb::new();
    let error = outer(&*db).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(ShopError::SoldOut)));
    assert_eq!(boxed(&*db).unwrap_err().to_string(), "sold out");
    assert_eq!(db.names(), [""; 0]);
    let error = db.write(|w| w.savepoint(inner_broken)).unwrap_err();
    assert!(matches!(error, ShopError::Sqlite(_)));

    fn inner_broken(w: &Writer) -> Result<(), ShopError> {
        w.execute("no SQL", [])?;
        Ok(())
    }
    let closed = db.close().and_then(|()| add(&*db, "late")).unwrap_err();
    assert!(matches!(ShopError::from(closed), ShopError::Database(_)));
    assert!(outer(&*db).unwrap_err().downcast_ref::<Error>().is_some());
}

/// What a body says of itself, its caller is told, whatever a statement before it came
/// to.
#[test]
fn a_bodys_own_error_is_not_taken_for_a_statements() {
    #[derive(Debug, PartialEq, thiserror::Error)]
    enum Refusal {
        #[error("sold out")]
        SoldOut,
        #[error("{0}")]
        Database(String),
    }

    impl From<Error> for Refusal {
        fn from(error: Error) -> Self {
            Self::Database(error.to_string())
        }
    }

    let db = TestDb::new();
    let refused = |conn: &Connection, sql: &str| {
        assert!(conn.execute_batch(sql).is_err());
        Err::<(), _>(Refusal::SoldOut)
    };
    for sql in ["COMMIT", "DELETE FROM nowhere", "INSERT INTO item (name) VALUES (NULL)"] {
        assert_eq!(db.write(|w| refused(w, sql)), Err(Refusal::SoldOut), "{sql}");
        let nested = db.write(|w| w.savepoint(|w| refused(w, sql)));
        assert_eq!(nested, Err(Refusal::SoldOut), "{sql}");
    }
    for sql in ["DELETE FROM item", "DELETE FROM nowhere", "COMMIT"] {
        assert_eq!(db.read(|r| refused(r, sql)), Err(Refusal::SoldOut), "{sql}");
    }
}

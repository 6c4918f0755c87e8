//! What derefs to a database.

use super::*;

pub(crate) struct Shop {
    pub(crate) db: Database,
}

impl Deref for Shop {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.db
    }
}

static LAZY: LazyLock<Database> = LazyLock::new(database);

#[test]
fn whatever_derefs_to_a_database_is_one() -> Result<()> {
    let shared = Arc::new(database());
    add(&shared, "arc")?;
    ensure(&shared, "arc")?;
    assert_eq!(names(&shared)?, ["arc"]);

    add(&LAZY, "lazy")?;
    ensure(&LAZY, "lazy")?;
    assert!(has(&LAZY, "lazy")?);

    let shop = Shop { db: database() };
    add(&shop, "newtype")?;
    ensure(&shop, "newtype")?;
    assert_eq!(names(&shop)?, ["newtype"]);

    let boxed = Box::new(database());
    add(&boxed, "box")?;
    assert_eq!(names(&boxed)?, ["box"]);

    let borrowed = &shop.db;
    add(&borrowed, "reference")?;
    assert_eq!(names(&borrowed)?, ["newtype", "reference"]);

    let clone = shop.db.clone();
    add(&clone, "clone")?;
    assert_eq!(names(&shop)?, ["newtype", "reference", "clone"]);
    Ok(())
}

#[test]
fn a_shared_database_goes_to_other_threads() -> Result<()> {
    let shared = Arc::new(database());
    let threads: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let db = Arc::clone(&shared);
            std::thread::spawn(move || add(&db, name))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap()?;
    }
    let mut all = names(&shared)?;
    all.sort();
    assert_eq!(all, ["a", "b", "c"]);
    Ok(())
}

// `db = ..`: callers pass nothing.

impl Shop {
    #[writer(db = self.db)]
    fn add_here(&self, db: &Writer, name: &str) -> Result<()> {
        add(db, name)?;
        Ok(())
    }

    #[writer(db = &self.db)]
    #[retry_on_locked(idempotent)]
    fn ensure_here(&self, db: &Writer, name: String) -> Result<usize> {
        ensure(db, &name)?;
        Ok(names(db)?.len())
    }

    #[reader(db = *self)]
    fn names_here(&self, db: &Reader) -> Result<Vec<String>> {
        names(db)
    }
}

#[writer(db = LAZY)]
fn add_to_static(db: &Writer, name: &str) -> Result<()> {
    add(db, name)
}

#[reader(db = *LAZY)]
fn in_static(db: &Reader, name: &str) -> Result<bool> {
    has(db, name)
}

#[writer(db = global()?)]
fn add_to_global(db: &Writer, name: &str) -> Result<()> {
    add(db, name)
}

#[reader(db = global()?)]
fn in_global(db: &Reader) -> Result<Vec<String>> {
    names(db)
}

#[test]
fn the_database_may_be_named_in_the_attribute() -> Result<()> {
    let shop = Shop { db: database() };
    shop.add_here("apple")?;
    assert_eq!(shop.ensure_here("apple".to_owned())?, 1);
    assert_eq!(shop.ensure_here("pear".to_owned())?, 2);
    assert_eq!(shop.names_here()?, ["apple", "pear"]);

    add_to_static("static")?;
    assert!(in_static("static")?);
    assert!(!in_static("other")?);

    let missing = add_to_global("too early").unwrap_err();
    assert!(matches!(missing, Error::NoGlobal));
    install_global(database())?;
    add_to_global("global")?;
    assert_eq!(in_global()?, ["global"]);
    Ok(())
}

#[test]
fn a_call_that_finds_its_own_database_is_a_call_from_outside() -> Result<()> {
    let shop = Shop { db: database() };
    let error = shop.write(|_w| shop.add_here("apple")).unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
    shop.write(|w| {
        add(w, "apple")?;
        assert_eq!(shop.names_here()?, [""; 0], "a snapshot of its own");
        Ok::<_, Error>(())
    })
}

//! Annotated functions that macros of the user's write, run.

use std::time::Duration;

use super::*;

/// Every kind of fragment that may stand in an annotated function or its attributes.
macro_rules! function {
    (
        $(#[$meta:meta])*
        within $timeout:literal, $attempts:expr, after $delay:literal to $most:expr;
        $vis:vis $name:ident<$lt:lifetime>($handle:ident: $handle_ty:ty $(, $pat:pat => $ty:ty)*)
            -> $ret:ty { $($sql:literal [$($param:expr),*])? } then $then:expr
    ) => {
        $(#[$meta])*
        #[writer(timeout = $timeout)]
        #[retry_on_locked(max_attempts = $attempts, idempotent, base_delay = $delay, max_delay = $most)]
        $vis fn $name<$lt>($handle: $handle_ty $(, $pat: $ty)*) -> $ret {
            $($handle.execute($sql, ($($param,)*))?;)?
            $then
        }
    };
}

function! {
    /// Documented.
    #[must_use = "it may have failed"]
    within 1s, 1 + 2, after 1ms to Duration::from_millis(2);
    pub(super) insert<'a>(
        db: &Writer,
        (first, mut rest) => (&'a str, Vec<i64>),
        (runs, on) => (&Runs, &Database)
    ) -> Result<(&'a str, usize)> {
        "INSERT INTO item (name) VALUES (?1)" [first]
    } then {
        assert_eq!(rest, [1]);
        rest.push(2);
        Ok((first, until(3, runs, on)?))
    }
}

function! {
    within 250ms, ATTEMPTS, after 500us to 1ms;
    attempts<'a>(conn: &Connection, runs => &'a Runs) -> rusqlite::Result<usize> {} then {
        runs.run();
        Err(lock_error(conn))
    }
}

const ATTEMPTS: u32 = 4;

/// An error that says it is a lock.
fn lock_error(conn: &Connection) -> rusqlite::Error {
    assert!(!conn.is_autocommit());
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

#[test]
fn fragments_of_every_kind() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let done = insert(&*db, ("name", vec![1]), (&runs, &db)).unwrap();
    assert_eq!((done, db.names()), (("name", 3), vec!["name".to_owned()]));
    let runs = Runs::new();
    attempts(&*db, &runs).unwrap_err();
    assert_eq!(runs.count(), 4);
}

/// With the body from the macro's user, and everything else from the macro.
macro_rules! with_body {
    ($name:ident, |$db:ident, $n:ident, $list:ident| $body:block) => {
        #[writer]
        #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
        fn $name(
            $db: &Writer,
            $n: i64,
            mut $list: Vec<i64>,
            (runs, on): (&Runs, &Database),
        ) -> Result<Vec<i64>> {
            until(2, runs, on)?;
            $list.push($n);
            // Names of the macro's own: not those of its user.
            let (n, list) = (0, 0);
            assert_eq!((n, list), (0, 0));
            $body
        }
    };
}

with_body!(pushed, |db, n, list| {
    list.push(answer(db, n)?);
    if n > 100 {
        return Ok(vec![]);
    }
    Ok(list)
});

/// Two parameters of one name: the macro's and its user's.
macro_rules! of_one_name {
    ($name:ident, $n:ident, $body:expr) => {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn $name(db: &Writer, n: Vec<i64>, $n: Vec<i64>) -> Result<(i64, i64)> {
            let len = i64::try_from(n.len()).unwrap();
            Ok((answer(db, len)?, $body))
        }
    };
}

of_one_name!(one_name, n, n.iter().sum());

#[test]
fn names_of_the_macro_and_of_its_user_stay_apart() {
    let (db, runs) = (TestDb::new(), Runs::new());
    assert_eq!(pushed(&*db, 5, vec![1], (&runs, &db)).unwrap(), [1, 5, 5]);
    assert!(pushed(&*db, 500, vec![1], (&runs, &db)).unwrap().is_empty());
    assert_eq!(one_name(&*db, vec![1], vec![2, 3]).unwrap(), (1, 5));
}

/// A whole repository: structure, methods with `db = ..`, and a trait.
macro_rules! repository {
    ($($name:ident: $trait:ident over $table:literal ($column:literal: $ty:ty), $crate_path:path;)*) => {$(
        struct $name {
            db: Database,
        }

        trait $trait {
            #[reader(crate = $crate_path)]
            fn all(db: &Reader) -> Result<Vec<$ty>>;

            #[writer(crate = $crate_path)]
            #[retry_on_locked(idempotent, crate = $crate_path)]
            fn put(db: &Writer, value: $ty) -> Result<usize> {
                const SQL: &str = concat!("INSERT INTO ", $table, "(", $column, ") VALUES (?1)");
                db.execute(SQL, [value])?;
                Ok(Self::all(db)?.len())
            }
        }

        impl $trait for $name {
            #[reader]
            fn all(db: &Reader) -> Result<Vec<$ty>> {
                let mut all = db.prepare(concat!("SELECT ", $column, " FROM ", $table))?;
                let rows = all.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            }
        }

        impl $name {
            repository!(method add(self, value: $ty) -> usize, self.db, { $name::put });
        }
    )*};
    (method $name:ident($self:ident, $value:ident: $ty:ty) -> $ret:ty, $db:expr, { $put:path }) => {
        #[writer(db = $db)]
        fn $name(&$self, db: &Writer, $value: $ty) -> Result<$ret> {
            $put(db, $value)
        }
    };
}

repository! {
    Names: NamesTable over "item" ("name": String), ::db_core;
    Numbers: NumbersTable over "number" ("n": Option<f64>), db_core;
}

#[test]
fn a_repository_for_each_table() {
    let db = TestDb::new();
    db.write(|w| w.execute_batch("CREATE TABLE number (n)")).unwrap();
    assert_eq!(Names { db: db.clone() }.add("a".into()).unwrap(), 1);
    let numbers = Numbers { db: db.clone() };
    assert_eq!((numbers.add(Some(1.5)).unwrap(), numbers.add(None).unwrap()), (1, 2));
    assert_eq!(Names::all(&*db).unwrap(), ["a"]);
    assert_eq!(db.read(|r| Numbers::all(r)).unwrap(), [Some(1.5), None]);
}

/// Macros in the places of patterns, types, return types and bodies.
#[test]
fn macros_inside_of_the_signature() {
    macro_rules! pair {
        ($a:ident, $b:ident) => {
            ($a, $b)
        };
    }
    macro_rules! twice {
        ($ty:ty) => {
            ($ty, $ty)
        };
    }
    macro_rules! fallible {
        ($ty:ty) => {
            Result<$ty>
        };
    }
    macro_rules! attempt {
        ($db:ident, $n:expr) => {
            answer($db, $n)?
        };
    }

    #[writer]
    #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
    fn sum(
        db: &Writer,
        pair!(a, b): twice!(i64),
        list: [twice!(i64); 1],
        (runs, on): (&Runs, &Database),
    ) -> fallible!(i64) {
        until(2, runs, on)?;
        Ok(attempt!(db, a + b) + list[0].0)
    }

    #[reader]
    fn once(db: &Reader, pair!(a, b): twice!(i64)) -> fallible!(i64) {
        Ok(attempt!(db, a * b))
    }

    let (db, runs) = (TestDb::new(), Runs::new());
    assert_eq!(sum(&*db, (1, 2), [(3, 4)], (&runs, &db)).unwrap(), 6);
    assert_eq!(once(&*db, (5, 6)).unwrap(), 30);
    assert_eq!(runs.count(), 2);
}

//! Names: raw ones, and those that an expansion uses itself.

use super::*;

#[writer]
#[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
fn r#type(r#fn: &Writer, mut r#match: Vec<i64>, r#struct: (&Runs, &Database)) -> Result<i64> {
    r#match.push(answer(r#fn, 2)?);
    until(2, r#struct.0, r#struct.1)?;
    Ok(r#match.iter().sum())
}

#[reader]
fn r#loop(r#async: &Connection, r#ref: i64, r#dyn: i64) -> Result<i64> {
    Ok(answer(r#async, r#ref)? + r#dyn)
}

struct Shop {
    db: Database,
}

impl Shop {
    #[writer(db = self.db)]
    fn r#impl(&self, r#in: &Writer) -> Result<()> {
        answer(r#in, 1)?;
        self.r#use()
    }

    #[writer(db = self.db)]
    fn r#use(&self, _: &Writer) -> Result<()> {
        Ok(())
    }
}

#[test]
fn raw_identifiers_are_names() {
    let (db, runs) = (TestDb::new(), Runs::new());
    assert_eq!(r#type(&*db, vec![1], (&runs, &db)).unwrap(), 3);
    assert_eq!(runs.count(), 2);
    assert_eq!(r#loop(&*db, 1, 2).unwrap(), 3);
    // In reports they are names without the prefix.
    let error = Shop { db: db.clone() }.r#impl().unwrap_err();
    let Error::NestedWrite(nested) = &error else { panic!("{error:?}") };
    assert_eq!(nested.outer.function(), Some("arguments::names::impl"));
    assert_eq!(nested.inner.function(), Some("arguments::names::use"));
}

/// All that an expansion may call something, as parameters of the user's.
macro_rules! all_names {
    ($callback:ident) => {
        $callback! {
            db conn __db __conn __handle __error __arg0 __arg1 __arg2 __arg3 __arg15 __body __call
            site see seen body handle policy mode from to timeout reader writer w r tx error result
            value again effect read write retry this
        }
    };
}

macro_rules! functions_with {
    ($($name:ident)*) => {
        #[reader]
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        fn by_reader(handle_: &Reader, $($name: i64),*) -> Result<i64> {
            Ok(answer(handle_, 0)? $(+ $name)*)
        }

        #[writer]
        #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        fn by_retried_writer(_: &Writer, $(mut $name: i64,)* (runs, on): (&Runs, &Database)) -> Result<i64> {
            $($name += 1;)*
            until(2, runs, on)?;
            Ok(0 $(+ $name)*)
        }

        #[writer]
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        fn by_writer_over_a_connection(_: &Connection, $(mut $name: i64),*) -> Result<i64> {
            $($name += 1;)*
            Ok(0 $(+ $name)*)
        }

        #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        fn bare(_: &Connection, (runs, on): (&Runs, &Database), $((mut $name, _): (i64, i64)),*) -> Result<i64> {
            $($name += 1;)*
            until(2, runs, on)?;
            Ok(0 $(+ $name)*)
        }

        $(
            /// The handle itself under each of the names, as each kind.
            mod $name {
                use super::*;

                #[reader]
                fn read($name: &Reader, other: i64) -> Result<i64> {
                    Ok(answer($name, other)?)
                }

                #[writer(timeout = 1s)]
                #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
                fn write($name: &Connection, other: Vec<i64>) -> Result<i64> {
                    Ok(answer($name, other[0])?)
                }

                #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
                fn bare($name: &mut Connection, other: Vec<i64>) -> Result<i64> {
                    let tx = $name.transaction()?;
                    Ok(answer(&tx, other[0])?)
                }

                pub(super) fn sum(on: &Database, conn: &mut Connection) -> Result<i64> {
                    Ok(read(on, 1)? + write(on, vec![2])? + bare(conn, vec![3])?)
                }
            }
        )*

        #[test]
        fn names_that_an_expansion_uses_are_the_users() {
            // Each parameter another power of two, so that none is taken for another.
            let (database, runs) = (TestDb::new(), [(); 2].map(|()| Runs::new()));
            let mut next = 1;
            $(let $name = { next *= 2; next };)*
            let (sum, count) = (0 $(+ $name)*, [$($name),*].len());
            let count = i64::try_from(count).unwrap();
            assert_eq!(by_reader(&*database, $($name),*).unwrap(), sum);
            let retried = by_retried_writer(&*database, $($name,)* (&runs[0], &database));
            assert_eq!(retried.unwrap(), sum + count);
            assert_eq!(by_writer_over_a_connection(&*database, $($name),*).unwrap(), sum + count);
            let mut own = Connection::open_in_memory().unwrap();
            let retried = bare(&own, (&runs[1], &database), $(($name, 0)),*);
            assert_eq!(retried.unwrap(), sum + count);
            assert_eq!(runs.map(|runs| runs.count()), [2; 2]);
            $(assert_eq!($name::sum(&database, &mut own).unwrap(), 6);)*
        }
    };
}

all_names!(functions_with);

/// The same without a macro around it, which would keep the names apart by itself.
mod as_written {
    #![allow(clippy::used_underscore_binding)]

    use super::*;

    #[reader]
    pub(super) fn read(_: &Reader, __db: i64, db: i64, __error: i64) -> Result<i64> {
        Ok(__db + db * 10 + __error * 100)
    }

    #[reader]
    #[retry_on_locked]
    pub(super) fn read_again(
        db: &Reader,
        __db: i64,
        (__arg3, __arg4): (i64, i64),
        [__arg1, _]: [i64; 2],
        __arg2: i64,
    ) -> Result<i64> {
        Ok(answer(db, __db)? + __arg3 * 10 + __arg4 * 100 + __arg1 * 1000 + __arg2 * 10_000)
    }

    #[writer]
    pub(super) fn write(__handle: &Connection, __db: i64, handle: i64) -> Result<i64> {
        Ok(answer(__handle, __db)? + handle * 10)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    pub(super) fn write_again(_: &Connection, __handle: i64, __db: i64, _x: i64) -> Result<i64> {
        Ok(__handle + __db * 10 + _x * 100)
    }

    pub(super) struct Shop(pub(super) Database);

    impl Shop {
        #[writer(db = self.0)]
        #[retry_on_locked(idempotent)]
        pub(super) fn write(&self, __db: &Writer, db: i64, __arg1: i64) -> Result<i64> {
            Ok(answer(__db, db)? + __arg1 * 10)
        }
    }
}

#[test]
fn names_that_an_expansion_uses_are_the_users_as_written() {
    let db = TestDb::new();
    assert_eq!(as_written::read(&*db, 1, 2, 3).unwrap(), 321);
    assert_eq!(as_written::read_again(&*db, 1, (2, 3), [4, 0], 5).unwrap(), 54_321);
    assert_eq!(as_written::write(&*db, 1, 2).unwrap(), 21);
    assert_eq!(as_written::write_again(&*db, 1, 2, 3).unwrap(), 321);
    assert_eq!(as_written::Shop(db.clone()).write(1, 2).unwrap(), 21);
}

/// Labels of a body's own, under the name of the one around it.
#[test]
fn labels_are_the_users() {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn first_over(db: &Writer, numbers: Vec<i64>, least: i64) -> Result<Option<i64>> {
        '__body: for n in &numbers {
            for less in 0..*n {
                if answer(db, *n - less)? <= least {
                    continue '__body;
                }
                if less == 0 {
                    break '__body;
                }
            }
        }
        Ok(numbers.iter().copied().find(|n| *n > least))
    }

    let db = TestDb::new();
    assert_eq!(first_over(&*db, vec![1, 2, 3], 1).unwrap(), Some(2));
    assert_eq!(first_over(&*db, vec![1], 1).unwrap(), None);
}

/// Options are looked up where the function stands, and may name its parameters.
#[test]
fn options_see_the_parameters_and_what_is_around() {
    use std::time::Duration;

    const ATTEMPTS: u32 = 2;

    #[writer(timeout = db.pause, db = shop)]
    #[retry_on_locked(max_attempts = ATTEMPTS, idempotent, base_delay = db.pause, deadline = longest)]
    fn limited(
        conn: &Writer,
        db: &Limits,
        longest: Duration,
        shop: &Database,
        runs: &Runs,
    ) -> Result<usize> {
        answer(conn, i64::from(db.pause.subsec_millis()) + i64::from(longest.subsec_millis()))?;
        until(2, runs, shop)
    }

    struct Limits {
        pause: Duration,
    }

    let (db, runs) = (TestDb::new(), Runs::new());
    let limits = Limits { pause: Duration::from_millis(1) };
    assert_eq!(limited(&limits, Duration::from_mins(1), &db, &runs).unwrap(), 2);
}

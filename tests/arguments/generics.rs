//! Generics, `impl Trait`, lifetimes and `Self` through both closures and attempts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use super::*;

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn insert_all(
    db: &Writer,
    names: impl IntoIterator<Item = impl Display> + Clone,
    then: impl Fn() -> Result<usize> + Clone,
) -> Result<usize> {
    let mut rows = 0;
    for name in names {
        rows += db.execute("INSERT INTO item (name) VALUES (?1)", [name.to_string()])?;
    }
    then()?;
    Ok(rows)
}

/// An iterator that is used up by an attempt is whole again for the next.
#[test]
fn an_iterator_is_begun_anew_by_each_attempt() {
    let (db, runs) = (TestDb::new(), Runs::new());
    assert_eq!(insert_all(&*db, ["a", "b"], || until(3, &runs, &db)).unwrap(), 2);
    let numbers = (1..).map(|n| n * n).take(3);
    assert_eq!(insert_all(&*db, numbers, || Ok(1)).unwrap(), 3);
    assert_eq!(runs.count(), 3);
    assert_eq!(db.names(), ["a", "b", "1", "4", "9"]);
}

/// A closure that runs once may be given to a body that runs once.
#[test]
fn closures_of_every_kind() {
    #[writer]
    fn call<T>(
        db: &Writer,
        once: impl FnOnce(String) -> T,
        mut counts: impl FnMut(),
        any: &mut dyn FnMut(i64),
    ) -> Result<T> {
        answer(db, 1)?;
        counts();
        counts();
        any(answer(db, 3)?);
        Ok(once(String::from("moved")))
    }

    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
    fn call_again<T, F>(db: &Reader, make: F, pick: fn(T) -> T, then: &dyn Fn()) -> Result<T>
    where
        F: Fn(i64) -> Result<T> + Clone,
    {
        then();
        Ok(pick(make(answer(db, 4)?)?))
    }

    let (db, runs) = (TestDb::new(), Runs::new());
    let (kept, mut count, mut sum) = (vec![1], 0, 0);
    let taken = call(&*db, move |text| (text, kept), || count += 1, &mut |n| sum += n).unwrap();
    assert_eq!((taken, count, sum), (("moved".to_owned(), vec![1]), 2, 3));
    let make = |n| until(3, &runs, &db).map(|run| (n, run));
    assert_eq!(call_again(&*db, make, |pair| pair, &|| ()).unwrap(), (4, 3));
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn longest<'a, 'b: 'a, T, const N: usize>(
    db: &Writer,
    among: &'a [T; N],
    other: &'b str,
    (runs, on): (&Runs, &Database),
) -> Result<(&'a str, usize)>
where
    T: AsRef<str>,
{
    answer(db, 1)?;
    let run = until(2, runs, on)?;
    let among = among.iter().map(AsRef::as_ref).chain([other]);
    Ok((among.max_by_key(|text| text.len()).unwrap(), run))
}

#[reader]
fn elided(db: &Reader<'_>, _n: i64) -> Result<Cow<'static, str>> {
    Ok(if answer(db, 1)? == 1 { "one".into() } else { String::new().into() })
}

#[reader]
#[retry_on_locked]
fn values<'m, K, V>(db: &Reader, map: &'m BTreeMap<K, V>, keys: &[K]) -> Result<Vec<&'m V>>
where
    K: Ord + Debug,
{
    answer(db, 1)?;
    Ok(keys.iter().filter_map(|key| map.get(key)).collect())
}

#[reader]
fn opaque<'a>(db: &Reader, words: &'a str) -> Result<impl Iterator<Item = &'a str>> {
    answer(db, 1)?;
    Ok(words.split(' '))
}

#[test]
fn what_is_returned_borrows_from_the_parameters() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let other = String::from("longest");
    let (text, run) = {
        let among = [String::from("a"), "long".to_owned()];
        let (text, run) = longest(&*db, &among, &other, (&runs, &db)).unwrap();
        (text.to_owned(), run)
    };
    assert_eq!((&*text, run), ("longest", 2));
    assert_eq!(elided(&*db, 1).unwrap(), "one");
    let map = BTreeMap::from([(1, "one"), (2, "two")]);
    let found = {
        let keys = [2, 3];
        values(&*db, &map, &keys).unwrap()
    };
    assert_eq!(found, [&"two"]);
    assert_eq!(opaque(&*db, "a b").unwrap().collect::<Vec<_>>(), ["a", "b"]);
}

/// Parameters of the function itself can be named by its caller, and its handle's can't.
#[test]
fn type_arguments_are_those_that_were_written() {
    #[writer]
    fn defaults<T: Default, const N: usize>(db: &Writer) -> Result<[T; N]> {
        answer(db, 1)?;
        Ok(std::array::from_fn(|_| T::default()))
    }

    #[reader]
    #[retry_on_locked]
    fn parsed<T>(db: &Reader, text: &str) -> Result<Option<T>>
    where
        T: std::str::FromStr,
    {
        answer(db, 1)?;
        Ok(text.parse().ok())
    }

    let db = TestDb::new();
    assert_eq!(defaults::<u8, 3>(&*db).unwrap(), [0; 3]);
    assert_eq!(db.write(|w| parsed::<f64>(w, "1.5")).unwrap(), Some(1.5));
}

/// `Self`, its constants and its types.
#[test]
fn self_is_the_same_inside() {
    trait Numbered: Sized + Clone {
        type Key: Into<i64> + Copy;
        const FIRST: Self::Key;

        fn from_number(n: i64) -> Self;

        #[reader]
        #[retry_on_locked]
        fn load(db: &Reader, key: Self::Key, or: Option<Self>) -> Result<Vec<Self>> {
            let mut all: Vec<Self> = or.into_iter().collect();
            all.push(Self::from_number(answer(db, key.into())?));
            all.push(Self::from_number(answer(db, Self::FIRST.into())?));
            Ok(all)
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Order<const LINES: usize>(i64);

    impl<const LINES: usize> Order<LINES> {
        const LINES: usize = LINES;

        #[writer]
        fn merge(
            &self,
            db: &Writer,
            Self(other): Self,
            list: &mut [Self],
        ) -> Result<(Self, usize)> {
            answer(db, 1)?;
            list[0] = Self(0);
            Ok((Self(self.0 + other), Self::LINES))
        }
    }

    impl<const LINES: usize> Numbered for Order<LINES> {
        type Key = i32;
        const FIRST: i32 = 7;

        fn from_number(n: i64) -> Self {
            Self(n)
        }
    }

    let db = TestDb::new();
    let all = Order::<2>::load(&*db, 3, Some(Order(1))).unwrap();
    assert_eq!(all, [Order(1), Order(3), Order(7)]);
    let mut list = [Order::<2>(9)];
    assert_eq!(Order(1).merge(&*db, Order(2), &mut list).unwrap(), (Order(3), 2));
    assert_eq!(list, [Order(0)]);
}

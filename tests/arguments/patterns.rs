//! Patterns, as each kind of function binds them.

use super::*;

#[derive(Clone, Debug, PartialEq)]
struct Point {
    x: i64,
    y: Depth,
}

#[derive(Clone, Debug, PartialEq)]
struct Depth(i64, String);

#[derive(Clone)]
enum Only {
    One(i64),
}

const POINT: fn() -> Point = || Point { x: 1, y: Depth(2, "deep".to_owned()) };

/// The same function, as each kind of annotated function.
macro_rules! in_all_kinds {
    (
        $(#[$test:meta])*
        fn $name:ident($($pat:pat => $ty:ty = $value:expr),* $(,)?) $body:block
    ) => {
        #[test]
        fn $name() {
            #[reader]
            #[allow(clippy::needless_pass_by_value)]
            fn read(db: &Reader, $($pat: $ty),*) -> Result<()> {
                answer(db, 1)?;
                $body
                Ok(())
            }

            #[reader]
            #[retry_on_locked(max_attempts = 2, base_delay = 1ms)]
            fn read_again(db: &Reader, (runs, on): (&Runs, &Database), $($pat: $ty),*) -> Result<()> {
                answer(db, 1)?;
                $body
                until(2, runs, on).map(drop)
            }

            #[writer]
            #[allow(clippy::needless_pass_by_value)]
            fn write(db: &Writer, $($pat: $ty),*) -> Result<()> {
                answer(db, 1)?;
                $body
                Ok(())
            }

            #[writer]
            #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
            fn write_again(conn: &Connection, (runs, on): (&Runs, &Database), $($pat: $ty),*) -> Result<()> {
                answer(conn, 1)?;
                $body
                until(2, runs, on).map(drop)
            }

            #[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
            fn bare(conn: &Connection, (runs, on): (&Runs, &Database), $($pat: $ty),*) -> Result<()> {
                answer(conn, 1)?;
                $body
                until(2, runs, on).map(drop)
            }

            let (db, runs) = (TestDb::new(), [(); 3].map(|()| Runs::new()));
            read(&*db, $($value),*).unwrap();
            write(&*db, $($value),*).unwrap();
            read_again(&*db, (&runs[0], &db), $($value),*).unwrap();
            write_again(&*db, (&runs[1], &db), $($value),*).unwrap();
            let conn = Connection::open_in_memory().unwrap();
            bare(&conn, (&runs[2], &db), $($value),*).unwrap();
            assert_eq!(runs.map(|runs| runs.count()), [2; 3]);
        }
    };
}

in_all_kinds! {
    fn tuples_and_arrays(
        (a, (b, _), ..) => (i64, (String, Vec<i64>), i64, i64) = (1, ("b".into(), vec![]), 3, 4),
        (first, .., last) => (i64, i64, i64) = (1, 2, 3),
        [c, d] => [i64; 2] = [5, 6],
        [head, tail @ ..] => [String; 3] = ["h".into(), "t".into(), "u".into()],
        () => () = (),
    ) {
        assert_eq!((a, &*b, first, last, c, d), (1, "b", 1, 3, 5, 6));
        assert_eq!((&*head, tail.join("+")), ("h", "t+u".to_owned()));
    }
}

in_all_kinds! {
    fn structures(
        Point { x, y: Depth(y, text) } => Point = POINT(),
        Depth(_, other) => Depth = Depth(1, "other".into()),
        Point { x: renamed, .. } => Point = POINT(),
        Only::One(one) => Only = Only::One(7),
        (Ok(n) | Err(n)) => std::result::Result<i64, i64> = Err(8),
    ) {
        assert_eq!((x, y, &*text, &*other, renamed, one, n), (1, 2, "deep", "other", 1, 7, 8));
    }
}

in_all_kinds! {
    fn bindings_by_reference(
        ref whole => Point = POINT(),
        Depth(ref n, ref text) => Depth = Depth(1, "text".into()),
        ref mut changed => Vec<i64> = vec![1],
        (ref mut a, mut b) => (String, i64) = ("a".into(), 1),
    ) {
        assert_eq!((whole, *n, &**text), (&POINT(), 1, "text"));
        assert_eq!((&*changed, &**a, b), (&vec![1], "a", 1), "as the caller passed it");
        changed.push(2);
        a.push('a');
        b += 1;
        assert_eq!((changed.len(), &**a, b), (2, "aa", 2));
    }
}

in_all_kinds! {
    fn names_for_the_whole(
        whole @ (first, _) => (i64, i64) = (1, 2),
        Point { x: x @ from, y: ref y @ Depth(ref n, _) } => Point = POINT(),
        [all @ ..] => [i64; 2] = [3, 4],
        mut vec @ _ => Vec<i64> = vec![1],
    ) {
        assert_eq!((whole, first, x, from, y.0, *n, all), ((1, 2), 1, 1, 1, 2, 2, [3, 4]));
        assert_eq!(vec, [1]);
        vec.clear();
        assert_eq!(vec.len(), 0);
    }
}

in_all_kinds! {
    fn references(
        &n => &i64 = &1,
        &(a, b) => &(i64, i64) = &(2, 3),
        Point { x, y: Depth(_, text) } => &Point = &POINT(),
        (c, [d, rest @ ..]) => &(String, [i64; 3]) = &("c".to_owned(), [5, 6, 7]),
        mut text_again => &str = "again",
    ) {
        assert_eq!((n, a, b, *x, &**text), (1, 2, 3, 1, "deep"));
        assert_eq!((&**c, *d, rest), ("c", 5, &[6, 7]));
        assert_eq!(text_again, "again");
        text_again = &text_again[1..];
        assert_eq!(text_again, "gain");
    }
}

in_all_kinds! {
    fn what_is_not_used(
        _ => Point = POINT(),
        _point => Point = POINT(),
        (_, _) => (Point, i64) = (POINT(), 1),
        Point { .. } => Point = POINT(),
        [..] => [Point; 1] = [POINT()],
        _text => &str = "text",
    ) {}
}

in_all_kinds! {
    fn changed_names(
        mut n => i64 = 1,
        mut list => Vec<i64> = vec![1],
        (mut a, Depth(mut b, mut c)) => (i64, Depth) = (1, Depth(2, "c".into())),
    ) {
        assert_eq!((n, list.len(), a, b, c.len()), (1, 1, 1, 2, 1), "as the caller passed it");
        n += 1;
        list.push(n);
        a += n;
        b += a;
        c += "d";
        assert_eq!((n, list.len(), a, b, &*c), (2, 2, 3, 5, "cd"));
    }
}

/// The handle's own pattern.
#[test]
fn the_handle_may_be_bound_as_one_likes() {
    #[reader]
    fn ignored(_: &Reader, n: i64) -> Result<i64> {
        Ok(n)
    }

    #[writer]
    fn unused(_db: &Writer, n: i64) -> Result<i64> {
        Ok(n)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn ignored_connection(_: &Connection, n: i64) -> Result<i64> {
        Ok(n)
    }

    let db = TestDb::new();
    assert_eq!(ignored(&*db, 1).unwrap() + unused(&*db, 2).unwrap(), 3);
    assert_eq!(ignored_connection(&*db, 3).unwrap(), 3);
}

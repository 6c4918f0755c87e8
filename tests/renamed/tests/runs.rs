//! What the library annotates does what it would under the usual name.
#![deny(warnings, clippy::pedantic)]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use db_core_test_renamed::reexported::{Database, Options, rusqlite};

fn database() -> Database {
    Options::new().migrations(&["CREATE TABLE item (name TEXT)"]).open_in_memory().unwrap()
}

/// The same for both ways to find the runtime.
macro_rules! every_form {
    ($test:ident, $path:ident) => {
        #[test]
        fn $test() {
            use db_core_test_renamed::$path::{self, Shop, Stock};

            let (db, runs) = (database(), [(); 4].map(|()| AtomicUsize::new(0)));
            $path::add(&db, "1").unwrap();
            assert_eq!($path::add_over_a_connection(&db, "2".into()).unwrap(), 1);
            let names = vec!["3".to_owned(), "4".to_owned()];
            assert_eq!($path::add_again(&db, names, &runs[0]).unwrap(), 3);
            $path::add_inside(&db, "5").unwrap();
            $path::add_two(&db, ("6".into(), "7".into())).unwrap();
            assert_eq!($path::names(&db).unwrap(), ["1", "2", "3", "4", "5", "6", "7"]);
            assert_eq!($path::count(&db).unwrap(), 7);
            assert_eq!($path::count_again(&db, &runs[1]).unwrap(), 7);

            let mut conn = rusqlite::Connection::open_in_memory().unwrap();
            assert_eq!($path::bare(&conn, &runs[2]).unwrap(), 3);
            assert_eq!($path::bare_mut(&mut conn, &runs[3]).unwrap(), 3);
            assert_eq!(runs.map(|runs| runs.load(SeqCst)), [3; 4]);

            let shop = Shop { db: db.clone() };
            shop.put(&db, "8").unwrap();
            assert_eq!(shop.count(&db).unwrap(), 8);
            let all = shop.add("9").unwrap();
            assert_eq!(all[8..], ["9"; 5]);
            assert_eq!(shop.all().unwrap(), all);

            let outer = $path::nested(&db, &db).unwrap();
            let function = concat!("`db_core_test_renamed::", stringify!($path), "::nested`");
            assert!(outer.starts_with(function), "{outer}");
            assert_eq!($path::count(&db).unwrap(), 14);
        }
    };
}

every_form!(every_form_by_the_name_in_the_manifest, by_name);
every_form!(every_form_through_a_module_that_exports_it, through_here);

db_core_test_renamed::repository!(Items, "item", "name": String);

/// A library's macro, in a crate that knows nothing of the runtime.
#[test]
fn annotated_functions_of_another_crates_macro() {
    let items = Items { db: database() };
    assert_eq!(items.put("a".into()).unwrap(), 1);
    assert_eq!(items.put("b".into()).unwrap(), 2);
    assert_eq!(Items::all(&items.db).unwrap(), ["a", "b"]);
}

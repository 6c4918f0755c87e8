//! One transaction for all who wait, in order of arrival, told after the commit.

use std::sync::{Mutex, mpsc};

use db_core::{Error, RetryPolicy, WriteTo};
use rusqlite::Connection;

use super::*;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

#[test]
fn those_who_wait_are_run_by_the_first_in_one_transaction() {
    let (db, runs) = (open(), Runs::new());
    let calls = NAMES.map(|name| {
        let (db, runs) = (&db, &runs);
        call(move || {
            add_noting(&**db, name, runs).unwrap();
            thread::current().id()
        })
    });
    let (threads, grown) = counted(&db, calls);
    assert_eq!((grown.commits, grown.grouped), (1, 4));
    assert_eq!(db.names(), NAMES);
    // All on the first one's thread.
    assert_eq!(runs.threads(), [threads[0]; 5]);
}

#[test]
fn one_alone_is_a_group_of_none() {
    let (db, runs) = (open(), Runs::new());
    let before = db.stats();
    add_noting(&*db, "a", &runs).unwrap();
    assert_eq!(db.stats().commits - before.commits, 1);
    assert_eq!(db.stats().grouped, 0);
    assert_eq!(runs.threads(), [thread::current().id()]);
}

/// Whoever is not `group` runs on its own thread, in a transaction of its own, and is
/// neither passed by a group nor passes one.
#[test]
fn a_writer_without_group_keeps_its_place_and_its_thread() {
    let (db, runs, own) = (open(), Runs::new(), Runs::new());
    let calls = NAMES.map(|name| {
        let (db, runs, own) = (&db, &runs, &own);
        call(move || {
            match name {
                "c" => add_once(&**db, name, own),
                _ => add_noting(&**db, name, runs),
            }
            .unwrap();
            thread::current().id()
        })
    });
    let (threads, grown) = counted(&db, calls);
    assert_eq!(db.names(), NAMES);
    assert_eq!((grown.commits, grown.grouped), (3, 2));
    assert_eq!(own.threads(), [threads[2]]);
    assert_eq!(runs.threads(), [threads[0], threads[0], threads[3], threads[3]]);
}

/// Two databases on one file queue in one lane, but each has its own connection.
#[test]
fn only_calls_of_the_same_database_share() {
    let db = open();
    let other = options().open(db.path()).unwrap();
    let calls = [
        call(|| add(&*db, "a").unwrap()),
        call(|| add(&*db, "b").unwrap()),
        call(|| add(&other, "c").unwrap()),
        call(|| add(&other, "d").unwrap()),
        call(|| add(&*db, "e").unwrap()),
    ];
    let (_, grown) = counted(&db, calls);
    assert_eq!((grown.commits, grown.grouped), (2, 1));
    assert_eq!((other.stats().commits, other.stats().grouped), (1, 1));
    assert_eq!(db.names(), NAMES);
}

/// Not even an error or a panic: it may rest on what another one wrote.
#[test]
fn nobody_is_told_before_the_commit() {
    let db = open();
    let (tell, told) = mpsc::channel::<&'static str>();
    let told = Mutex::new(told);
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn end_as(db: &Writer, how: &str) -> Result<()> {
        insert(db, how)?;
        match how {
            "err" => Err(Error::NoGlobal),
            "panic" => std::panic::resume_unwind(Box::new("as it should")),
            _ => Ok(()),
        }
    }
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn last(db: &Writer, told: &Mutex<mpsc::Receiver<&'static str>>) -> Result<()> {
        insert(db, "last")?;
        // The others' bodies have all run by now.
        let told = told.lock().unwrap().try_recv();
        assert_eq!(told, Err(mpsc::TryRecvError::Empty));
        let names = super::common::names(std::path::Path::new(db.path().unwrap()));
        assert!(names.is_empty(), "seen before the commit: {names:?}");
        Ok(())
    }
    let end = |how: &'static str| {
        let (db, tell) = (&db, tell.clone());
        call(move || {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                end_as(&**db, how).is_ok()
            }));
            tell.send(how).unwrap();
            ended.map_or("panicked", |ok| if ok { "ok" } else { "failed" })
        })
    };
    let calls = [
        end("first"),
        end("err"),
        end("panic"),
        end("ok"),
        call(|| {
            last(&*db, &told).unwrap();
            "ok"
        }),
    ];
    let (ended, grown) = counted(&db, calls);
    assert_eq!(ended, ["ok", "failed", "panicked", "ok", "ok"]);
    assert_eq!((grown.commits, grown.grouped), (1, 4));
    assert_eq!(db.names(), ["first", "ok", "last"]);
}

#[test]
fn values_come_back_to_their_own_callers() {
    let db = open();
    let calls = NAMES.map(|name| {
        let db = &db;
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                insert(w, name)?;
                Ok::<_, Error>((w.last_insert_rowid(), name.to_owned()))
            })
            .unwrap()
        })
    });
    let (values, grown) = counted(&db, calls);
    assert_eq!(grown.grouped, 4);
    for (n, (id, name)) in (0..).zip(values) {
        assert_eq!((id, &*name), (n + 1, NAMES[n as usize]));
    }
}

/// In all the forms that an annotated function may have.
#[test]
fn every_form_of_function_joins() {
    struct Shop {
        db: Database,
        prefix: String,
    }

    trait Add {
        #[writer(group)]
        #[retry_on_locked(idempotent)]
        fn add(&self, db: &Writer, name: String) -> Result<i64>;
    }

    impl Add for Shop {
        #[writer(group)]
        #[retry_on_locked(idempotent)]
        fn add(&self, db: &Writer, name: String) -> Result<i64> {
            insert(db, &format!("{}{name}", self.prefix))?;
            Ok(db.last_insert_rowid())
        }
    }

    impl Shop {
        #[writer(db = self.db, group)]
        #[retry_on_locked(idempotent)]
        fn add_its_own(&self, conn: &Connection, (a, b): (&str, &str)) -> rusqlite::Result<usize> {
            insert(conn, &format!("{}{a}{b}", self.prefix))
        }
    }

    #[retry_on_locked(idempotent)]
    #[writer(group, timeout = 30s)]
    fn add_all<I>(db: &Writer, names: I, _unused: &str) -> Result<usize>
    where
        I: IntoIterator<Item: AsRef<str>> + Clone + Send,
    {
        let mut count = 0;
        for name in names {
            count += insert(db, name.as_ref())?;
        }
        Ok(count)
    }

    fn through<D: WriteTo<db_core::effect::Idempotent>>(db: &D, name: &str) -> Result<()> {
        add(db, name)
    }

    let db = open();
    let shop = Shop { db: (*db).clone(), prefix: "shop ".to_owned() };
    let (db, shop) = (&db, &shop);
    let calls = [
        call(move || assert_eq!(shop.add(&shop.db, "a".to_owned()).unwrap(), 1)),
        call(move || assert_eq!(shop.add_its_own(("b", "c")).unwrap(), 1)),
        call(move || assert_eq!(add_all(&**db, ["d", "e"], "").unwrap(), 2)),
        call(move || through(&**db, "f").unwrap()),
    ];
    let (_, grown) = counted(db, calls);
    assert_eq!((grown.commits, grown.grouped), (1, 3));
    assert_eq!(db.names(), ["shop a", "shop bc", "d", "e", "f"]);
}

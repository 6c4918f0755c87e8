//! Faults that pass: after each the database works on.

use super::*;

/// Each kind of fault at each of its first moments, one at a time.
#[test]
fn each_fault_once() {
    let faults = [
        (Kind::Write, Name::Wal, ffi::SQLITE_IOERR_WRITE),
        (Kind::Write, Name::Wal, ffi::SQLITE_FULL),
        (Kind::Sync, Name::Wal, ffi::SQLITE_IOERR_FSYNC),
        (Kind::Write, Name::Database, ffi::SQLITE_IOERR_WRITE),
        (Kind::Write, Name::Database, ffi::SQLITE_FULL),
        (Kind::Sync, Name::Database, ffi::SQLITE_IOERR_FSYNC),
    ];
    for mode in [Synchronous::Normal, Synchronous::Shared, Synchronous::Full] {
        for (kind, name, code) in faults {
            let mut met = 0;
            for nth in 1..=6 {
                met += usize::from(one_fault(mode, kind, name, code, nth));
            }
            assert!(met >= 2, "{mode:?}: {kind:?} of {name:?} was met {met} times");
        }
    }
}

/// Ten writes, of which the `nth` doing of `kind` fails; whether there was one.
fn one_fault(mode: Synchronous, kind: Kind, name: Name, code: i32, nth: usize) -> bool {
    let mut shop = Shop::open(mode);
    let (send, met) = std::sync::mpsc::channel();
    shop.disk.fail(move |call| {
        let now = call.kind == kind && call.name == name && call.nth == nth;
        now.then(|| {
            send.send(()).unwrap();
            Fault { code, half: nth.is_multiple_of(2) }
        })
    });
    let mut kept = Vec::new();
    let mut failed = 0;
    for n in 10..20 {
        let name = n.to_string();
        match add(&shop.db, &name) {
            Ok(()) => kept.push(name),
            Err(error) => {
                assert!(!matches!(error, Error::NotDurable(_)), "{error:?}");
                failed += 1;
            }
        }
        assert_eq!(names(&shop.path), kept);
    }
    // One fault costs one call; in a checkpoint it costs none.
    assert!(failed <= 1);
    shop.disk.heal();
    shop.reopen();
    assert_eq!(names(&shop.path), kept);
    add(&shop.db, "after").unwrap();
    met.try_recv().is_ok()
}

/// Several threads, and faults at random.
#[test]
fn at_random() {
    let first = std::env::var("DB_CORE_FAULT_SEED").map_or(1, |text| text.parse().unwrap());
    for seed in first..first + 6 {
        for mode in [Synchronous::Normal, Synchronous::Shared, Synchronous::Full] {
            println!("DB_CORE_FAULT_SEED={seed}, {mode:?}");
            random_faults(mode, seed);
        }
    }
}

fn random_faults(mode: Synchronous, seed: u64) {
    let mut shop = Shop::open(mode);
    let mut random = Random(seed);
    shop.disk.fail(move |call| {
        let code = match call.kind {
            Kind::Sync => ffi::SQLITE_IOERR_FSYNC,
            Kind::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            // After that one nothing is written any more.
            Kind::SharedSync => return None,
            Kind::Write if random.below(2) == 0 => ffi::SQLITE_FULL,
            Kind::Write => ffi::SQLITE_IOERR_WRITE,
        };
        let half = random.below(2) == 0;
        (random.below(25) == 0).then_some(Fault { code, half })
    });
    let db = &shop.db;
    let mut results = add_together(db);
    let others: Vec<(String, Result<()>)> = thread::scope(|all| {
        let threads: Vec<_> = (0..6)
            .map(|thread| {
                all.spawn(move || {
                    let one = |n| {
                        let name = format!("{thread}-{n}");
                        let result = add_as(thread, db, &name);
                        (name, result)
                    };
                    (10..30).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    results.extend(others);
    shop.disk.heal();
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    assert!((4..108).contains(&failed), "{failed} of 124 have failed");
    let kept = results.into_iter().filter_map(|(name, result)| result.is_ok().then_some(name));
    let mut kept: Vec<String> = kept.collect();
    kept.sort();
    assert_eq!(names(&shop.path), kept);
    add(&shop.db, "after").unwrap();
    kept.push("after".to_owned());
    shop.reopen();
    assert_eq!(names(&shop.path), kept);
}

/// `Full`, the sync of a commit fails, and the process is killed before the next commit.
/// The call was an `Err`, and nobody saw what it wrote; but SQLite leaves it in the WAL
/// until the next commit, and whoever recovers that finds it, whole. The documentation of
/// `Full` says so.
#[test]
fn killed_after_a_failed_commit_it_may_be_found_whole() {
    let mut shop = Shop::open(Synchronous::Full);
    add(&shop.db, "kept").unwrap();
    shop.disk.fail(|call| {
        let now = call.nth == 1 && call.kind == Kind::Sync && call.name == Name::Wal;
        now.then_some(Fault { code: ffi::SQLITE_IOERR_FSYNC, half: false })
    });
    add(&shop.db, "failed").unwrap_err();
    assert_eq!(names(&shop.path), ["kept"]);
    let folder = tempfile::tempdir().unwrap();
    let found = folder.path().join("shop.db");
    std::fs::copy(&shop.path, &found).unwrap();
    std::fs::copy(shop.path.with_extension("db-wal"), found.with_extension("db-wal")).unwrap();
    assert_eq!(names(&found), ["failed", "kept"]);
    let told = Connection::open(&found).unwrap();
    let told = told.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(told.unwrap(), "ok");
    add(&shop.db, "after").unwrap();
    shop.reopen();
    assert_eq!(names(&shop.path), ["after", "kept"]);
}

//! A backup while others write.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

const ACCOUNTS: i64 = 50;

/// The test that [`Process::again`] runs as another writer.
const CLERK: &str = "online::clerk";

fn ledger(path: &Path) {
    make_file(path);
    fill(path);
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)").unwrap();
    for id in 0..ACCOUNTS {
        conn.execute("INSERT INTO account VALUES (?1, 1000)", [id]).unwrap();
    }
}

/// Moves money in two statements, so that half a transaction is seen in the sum.
fn transfer(db: &Database, n: i64) -> Result<()> {
    db.write(|w| {
        let (from, to) = (n % ACCOUNTS, (n * 7 + 1) % ACCOUNTS);
        w.execute("UPDATE account SET balance = balance - 1 WHERE id = ?1", [from])?;
        // Elsewhere in the file.
        w.execute("INSERT INTO filler VALUES (zeroblob(3000))", [])?;
        w.execute("UPDATE account SET balance = balance + 1 WHERE id = ?1", [to])?;
        Ok(())
    })
}

#[test]
fn clerk() {
    let Some(path) = Process::role() else { return };
    let db = Database::open(path).unwrap();
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !end.load(SeqCst) {
                transfer(&db, n).unwrap();
                if n == 0 {
                    Process::say("clerk: writes");
                }
                n += 1;
            }
        });
        std::io::stdin().read_line(&mut String::new()).unwrap();
        end.store(true, SeqCst);
    });
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn it_is_of_one_moment_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("shop.db"), folder.path().join("copy.db"));
    ledger(&path);
    let db = Database::open(&path).unwrap();
    let mut other = Process::again(CLERK, &path);
    assert_eq!(other.hear("clerk: ").as_deref(), Some("writes"));
    let (end, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let seen = |path: &Path| -> (i64, i64) {
        let conn = Connection::open(path).unwrap();
        let sum = conn.query_row("SELECT sum(balance) FROM account", [], |row| row.get(0));
        let rows = conn.query_row("SELECT count(*) FROM filler", [], |row| row.get(0));
        (sum.unwrap(), rows.unwrap())
    };
    let mut reports: Vec<Progress> = Vec::new();
    thread::scope(|scope| {
        for start in 0..4 {
            let (db, end, done) = (&db, &end, &done);
            scope.spawn(move || {
                let mut n = start;
                while !end.load(SeqCst) {
                    transfer(db, n).unwrap();
                    done.fetch_add(1, SeqCst);
                    n += 4;
                }
            });
        }
        // However it ends, the writers do too.
        let stop = Stop(&end);
        let result = db.backup_to(&copy, |progress| {
            reports.push(progress);
            assert!(reports.len() < 100, "it begins anew again and again: {reports:?}");
            // Each of these transactions begins and ends within the backup.
            let before = done.load(SeqCst);
            wait_until("others write meanwhile", || done.load(SeqCst) >= before + 20);
        });
        drop(stop);
        result.unwrap();
    });
    other.tell("end");
    assert!(other.ended().success());

    let (sum, rows) = seen(&copy);
    assert_eq!(sum, 1000 * ACCOUNTS);
    let (sum, rows_now) = seen(&path);
    assert_eq!(sum, 1000 * ACCOUNTS);
    assert!(rows_now >= rows + 20, "{rows_now} after {rows}");
    assert_whole(&copy);
    no_partial_files(folder.path());

    // It was not begun anew, however much was written.
    let total = reports[0].pages_total;
    assert!(total > 700, "{total}");
    assert!(reports.len() > 2, "{reports:?}");
    assert!(reports.iter().all(|report| report.pages_total == total), "{reports:?}");
    assert!(reports.is_sorted_by(|one, next| one.pages_done < next.pages_done), "{reports:?}");
    assert_eq!(reports.last().unwrap().pages_done, total);
}

#[test]
fn it_is_one_file_that_another_program_reads() {
    let shop = Shop::new();
    let beside: Vec<_> =
        files(shop.folder.path()).into_iter().filter(|name| name.starts_with("copy.db")).collect();
    assert_eq!(beside, ["copy.db"]);
    assert_eq!(names(&shop.backup()), ["apple"]);
}

#[test]
fn the_new_one_takes_the_place_of_the_old_one_at_the_end() {
    let shop = Shop::new();
    let before = fs::read(shop.backup()).unwrap();
    let db = Database::open(shop.database()).unwrap();
    let mut reports = 0;
    let look = |_progress| {
        reports += 1;
        assert!(fs::read(shop.backup()).unwrap() == before);
        assert_eq!(partial_files(shop.folder.path()).len(), 1);
    };
    db.backup_to(shop.backup(), look).unwrap();
    assert!(reports > 0);
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
    no_partial_files(shop.folder.path());
}

#[test]
fn a_panic_in_the_callback_leaves_nothing() {
    let shop = Shop::new();
    let db = Database::open(shop.database()).unwrap();
    let before = fs::read(shop.backup()).unwrap();
    let panics = || db.backup_to(shop.backup(), |_progress| panic!("no progress"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
    assert!(fs::read(shop.backup()).unwrap() == before);
    no_partial_files(shop.folder.path());
    assert_eq!(db.stats().in_use, 0);
    db.backup_to(shop.backup(), quiet).unwrap();
}

#[test]
fn a_limit_for_readers_does_not_end_it() {
    let shop = Shop::new();
    fill(&shop.database());
    let limit = Duration::from_millis(20);
    let db = Options::new().read_timeout(limit).open(shop.database()).unwrap();
    db.backup_to(shop.backup(), |_progress| {
        let begun = Instant::now();
        while begun.elapsed() < 5 * limit {
            thread::yield_now();
        }
    })
    .unwrap();
    // The same connection serves the next one.
    db.backup_to(shop.backup(), quiet).unwrap();
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
}

#[test]
fn with_a_rollback_journal_and_read_only_too() {
    let shop = Shop::new();
    let rollback = Options::new().journal_mode(db_core::JournalMode::Delete);
    let db = rollback.open(shop.database()).unwrap();
    db.backup_to(shop.backup(), quiet).unwrap();
    db.close().unwrap();
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
    fs::remove_file(shop.backup()).unwrap();
    let db = Options::new().read_only(true).open(shop.database()).unwrap();
    db.backup_to(shop.backup(), quiet).unwrap();
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
}

//! A program without db-core that is killed while it holds the lock, with a part of what it
//! writes in the files already: nothing of that stays, nothing of ours is lost, and the
//! database is whole.

use std::thread;
use std::time::Duration;

use db_core::{Error, JournalMode, Options};

use super::common::{Foreign, wait_until};
use super::{add, kept};

const ROWS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO item (name) SELECT 'kept ' || i FROM n";

/// More than its cache holds, so that SQLite writes over the rows before the commit.
const SPOIL: [&str; 3] =
    ["PRAGMA cache_size = 10", "BEGIN IMMEDIATE", "UPDATE item SET name = hex(randomblob(500))"];

#[test]
fn integrity_after_the_holder_of_a_lock_was_killed() {
    for mode in [JournalMode::Wal, JournalMode::Delete] {
        let options = Options::new().journal_mode(mode).busy_timeout(Duration::from_secs(30));
        let db = kept(options.clone());
        db.write(|w| w.execute_batch(ROWS)).unwrap();
        let mut expected = db.names();
        let sizes = || {
            let size = |name| db.beside(name).metadata().map_or(0, |meta| meta.len());
            size("shop.db") + size("shop.db-wal")
        };
        let before = sizes();

        let mut holder = Foreign::open(db.path());
        for sql in SPOIL {
            holder.run(sql).unwrap();
        }
        assert!(sizes() > before + 100_000, "a part of it is written");
        let impatient = options.busy_timeout(Duration::from_millis(20)).open(db.path());
        match impatient.and_then(|db| add(&db, "refused")) {
            Err(Error::Locked(_)) => {}
            other => panic!("the lock was not met: {other:?}"),
        }

        thread::scope(|scope| {
            let waiter = scope.spawn(|| add(&db, "waited"));
            wait_until("it meets the lock", || db.stats().locks_met == 1);
            drop(holder);
            waiter.join().unwrap().unwrap();
        });
        expected.push("waited".to_owned());
        assert_eq!(db.names(), expected, "{mode:?}");
        db.assert_whole();
        db.close().unwrap();
        db.assert_whole();
    }
}

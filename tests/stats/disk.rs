//! The log, its checkpoints, and the syncs.

use std::path::PathBuf;

use super::*;

fn wal(db: &Database) -> PathBuf {
    let mut wal = db.path().as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

#[track_caller]
fn is_as_large_as_the_file(db: &Database) -> u64 {
    let told = db.stats().wal_bytes;
    assert_eq!(told, std::fs::metadata(wal(db)).map_or(0, |meta| meta.len()));
    told
}

/// Writes about that many pages.
fn grow(db: &Database, pages: u32) {
    let some = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                INSERT INTO item (name) SELECT hex(randomblob(2000)) FROM n";
    db.write(|w| w.execute(some, [pages])).unwrap();
}

#[test]
fn the_size_of_the_log() {
    let db = TestDb::new();
    is_as_large_as_the_file(&db);
    add(&*db, "apple").unwrap();
    let small = is_as_large_as_the_file(&db);
    assert!(small > 4096, "{small}");
    grow(&db, 200);
    let large = is_as_large_as_the_file(&db);
    assert!(large > small + 200 * 4096, "{large}");
    // Also for another database on it, by another name.
    let link = db.beside("link.db");
    std::fs::hard_link(db.path(), &link).unwrap();
    let other = Database::open(&link).unwrap();
    assert_eq!(other.stats().wal_bytes, large);
    drop(other);
    db.close().unwrap();
    assert!(!wal(&db).exists());
    assert_eq!(is_as_large_as_the_file(&db), 0);
}

#[cfg(unix)]
#[test]
fn the_size_of_the_log_behind_a_link() {
    let db = TestDb::new();
    let link = db.beside("link.db");
    std::os::unix::fs::symlink(db.path(), &link).unwrap();
    let other = Database::open(&link).unwrap();
    add(&other, "apple").unwrap();
    let size = is_as_large_as_the_file(&db);
    assert!(size > 0);
    assert_eq!(other.stats().wal_bytes, size);
}

#[test]
fn with_a_rollback_journal_there_is_no_log() {
    let db = TestDb::with(Options::new().journal_mode(JournalMode::Delete));
    grow(&db, 1200);
    let stats = db.stats();
    assert_eq!((stats.wal_bytes, stats.checkpoints, stats.commits), (0, 0, 1));
    assert!(!wal(&db).exists());
}

#[test]
fn checkpoints() {
    let db = TestDb::new();
    assert_eq!(db.stats().checkpoints, 0);
    grow(&db, 500);
    assert_eq!(db.stats().checkpoints, 0);
    grow(&db, 600);
    assert_eq!(db.stats().checkpoints, 1);
    let size = is_as_large_as_the_file(&db);
    // The log begins anew, in the same file.
    add(&*db, "apple").unwrap();
    grow(&db, 500);
    assert_eq!(db.stats().checkpoints, 1);
    assert_eq!(is_as_large_as_the_file(&db), size);
    grow(&db, 1100);
    assert_eq!(db.stats().checkpoints, 2);
    // Those of somebody else are not counted.
    let conn = Connection::open(db.path()).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(is_as_large_as_the_file(&db), 0);
    assert_eq!(db.stats().checkpoints, 2);
}

/// Tried after each commit, as far as the reader lets it.
#[test]
fn checkpoints_that_a_reader_keeps_from_their_end() {
    let db = TestDb::new();
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    grow(&db, 1100);
    let size = is_as_large_as_the_file(&db);
    for n in 0..3 {
        assert_eq!(db.stats().checkpoints, n + 1);
        add(&*db, "apple").unwrap();
    }
    assert!(is_as_large_as_the_file(&db) > size, "it can't begin anew");
    drop(reader);
    add(&*db, "the last of the old log").unwrap();
    let (size, checkpoints) = (is_as_large_as_the_file(&db), db.stats().checkpoints);
    assert_eq!(checkpoints, 5);
    add(&*db, "the first of the new one").unwrap();
    assert_eq!((is_as_large_as_the_file(&db), db.stats().checkpoints), (size, 5));
}

/// Of the first commit it is told what that came to, not of what opened the database.
#[test]
fn checkpoints_of_migrations() {
    let fill = "CREATE TABLE t (x);
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
                INSERT INTO t SELECT hex(randomblob(2000)) FROM n;";
    let db = TestDb::with(Options::new().migrations(&[fill]));
    let opened = db.stats();
    assert!(opened.wal_bytes > 1500 * 4096, "{opened:?}");
    add(&*db, "apple").unwrap();
    let stats = db.stats();
    assert_eq!(stats.commits, 1);
    assert_eq!(stats.checkpoints, opened.checkpoints, "a commit of two pages makes none");
}

#[test]
fn a_group_makes_one_checkpoint() {
    let db = TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE));
    let policy = RetryPolicy::attempts(1);
    let some = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
                INSERT INTO item (name) SELECT hex(randomblob(2000)) FROM n";
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        for n in 1..=4 {
            scope.spawn(|| db.write_grouped(&policy, |w| w.execute(some, [])).unwrap());
            wait_until("it waits", || db.stats().waiting == n);
        }
        holder.end();
    });
    let stats = db.stats();
    assert_eq!((stats.commits, stats.grouped, stats.checkpoints), (2, 3, 1));
}

/// Only where they are shared: otherwise SQLite takes them itself.
#[test]
fn syncs() {
    for (mode, syncs) in [(Synchronous::Shared, true), (Synchronous::Full, false)] {
        let db = TestDb::with(Options::new().synchronous(mode));
        let before = db.stats().syncs;
        for n in 1..=5 {
            add(&*db, "apple").unwrap();
            let expected = if syncs { before + n } else { 0 };
            assert_eq!(db.stats().syncs, expected, "one for each that is alone");
        }
        items(&*db).unwrap();
        assert_eq!(db.stats().syncs, if syncs { before + 5 } else { 0 });
    }
}

#[test]
fn syncs_are_fewer_than_commits_where_they_are_shared() {
    const THREADS: usize = 8;
    let db = TestDb::with(Options::new().synchronous(Synchronous::Shared));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for n in 0..25 {
                    add(&*db, &n.to_string()).unwrap();
                }
            });
        }
    });
    let stats = db.stats();
    assert_eq!(stats.commits, 200);
    assert!((1..=stats.commits).contains(&stats.syncs), "{stats:?}");
}

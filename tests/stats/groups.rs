//! Shared transactions: how many, and by how many calls.

use super::*;

fn open() -> TestDb {
    TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE))
}

/// So many calls that share a transaction.
fn shared_by(db: &Database, calls: usize) {
    thread::scope(|scope| {
        let holder = Holder::start(scope, db);
        let threads: Vec<_> = (0..calls)
            .map(|n| {
                let thread = scope.spawn(move || add_grouped(db, &n.to_string()));
                wait_until("it waits", || db.stats().waiting == n + 1);
                thread
            })
            .collect();
        holder.end();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
}

#[test]
fn sizes() {
    let db = open();
    shared_by(&db, 4);
    let stats = db.stats();
    // The holder's commit, and theirs.
    assert_eq!((stats.commits, stats.grouped), (2, 3));
    let sizes = stats.group_sizes;
    assert_eq!((sizes.count, sizes.p50, sizes.p99, sizes.largest), (1, 4, 4, 4));

    for calls in [2, 7, 2, 3] {
        shared_by(&db, calls);
    }
    let stats = db.stats();
    assert_eq!((stats.commits, stats.grouped), (10, 3 + 1 + 6 + 1 + 2));
    // 2 2 3 4 7
    let sizes = stats.group_sizes;
    assert_eq!((sizes.count, sizes.p50, sizes.p99, sizes.largest), (5, 3, 7, 7));
    assert_eq!(stats.retries, 0);
    assert_eq!(db.names().len(), 5 + 18);
}

/// One alone shares with nobody.
#[test]
fn one_alone_is_no_group() {
    let db = open();
    shared_by(&db, 1);
    add_grouped(&*db, "alone").unwrap();
    let stats = db.stats();
    assert_eq!((stats.commits, stats.grouped, stats.group_sizes), (3, 0, Default::default()));
}

#[test]
fn a_group_that_is_closed_early_is_counted_in_its_parts() {
    let db = TestDb::with(
        Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE).max_group_size(3),
    );
    shared_by(&db, 7);
    let stats = db.stats();
    // 3 3 1
    assert_eq!((stats.commits, stats.grouped), (4, 4));
    let sizes = stats.group_sizes;
    assert_eq!((sizes.count, sizes.p50, sizes.largest), (2, 3, 3));
}

/// A group that was lost has come to nothing as such.
#[test]
fn a_group_that_was_lost_is_not_counted() {
    let db = open();
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'x'), (1, 'x')";
    let policy = RetryPolicy::attempts(1);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let first = scope.spawn(|| add_grouped(&*db, "a"));
        wait_until("it waits", || db.stats().waiting == 1);
        let second = scope.spawn(|| db.write_grouped(&policy, |w| w.execute(sql, [])));
        wait_until("both wait", || db.stats().waiting == 2);
        holder.end();
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap_err();
    });
    let stats = db.stats();
    assert_eq!((stats.commits, stats.grouped, stats.retries), (2, 0, 0));
    assert_eq!(stats.group_sizes, Default::default());
    assert_eq!(stats.waits.count, 2, "both have waited for the holder");
    assert_eq!(db.names(), ["held", "a"]);
}

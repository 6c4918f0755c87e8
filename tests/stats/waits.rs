//! How long it was waited for a turn. Each wait is staged: it is at least as long as from the
//! moment at which it was seen to wait to the one in which it was let go on, and at most as
//! long as the whole call.

use super::*;

/// The bounds of one wait.
type Bounds = (Duration, Duration);

/// Waits of about these lengths, one after the other.
fn waits_of(db: &TestDb, lengths: &[u64]) -> Vec<Bounds> {
    let wait = |length: &u64| {
        thread::scope(|scope| {
            let holder = Holder::start(scope, db);
            let waiter = scope.spawn(|| {
                let asked = Instant::now();
                db.writer().unwrap().commit().unwrap();
                asked.elapsed()
            });
            wait_until("it waits", || db.stats().waiting == 1);
            let seen = Instant::now();
            thread::sleep(ms(*length));
            let least = seen.elapsed();
            holder.end();
            (least, waiter.join().unwrap())
        })
    };
    lengths.iter().map(wait).collect()
}

/// That the value is one of these waits: the one of that rank, from the shortest.
#[track_caller]
fn is_of_rank(told: Duration, mut bounds: Vec<Bounds>, rank: usize) {
    bounds.sort_unstable_by_key(|(least, _)| *least);
    let least = bounds[rank].0;
    bounds.sort_unstable_by_key(|(_, most)| *most);
    let most = bounds[rank].1;
    // A percentile is a sixteenth too long at most, and counted in microseconds.
    let (least, most) = (least.saturating_sub(Duration::from_micros(1)), most + most / 16);
    assert!((least..=most + Duration::from_micros(1)).contains(&told), "{told:?} of {bounds:?}");
}

#[test]
fn one_wait_is_told_as_it_was() {
    let db = TestDb::new();
    let bounds = waits_of(&db, &[40]);
    let waits = db.stats().waits;
    assert_eq!(waits.count, 1);
    for told in [waits.p50, waits.p99, waits.worst] {
        is_of_rank(told, bounds.clone(), 0);
    }
    assert!(waits.worst <= bounds[0].1, "{waits:?} of {bounds:?}");
}

#[test]
fn percentiles_of_many() {
    let db = TestDb::new();
    let bounds = waits_of(&db, &[5, 60, 10, 5, 30, 5, 10, 5, 120]);
    let waits = db.stats().waits;
    assert_eq!(waits.count, 9);
    is_of_rank(waits.p50, bounds.clone(), 4);
    is_of_rank(waits.p99, bounds.clone(), 8);
    is_of_rank(waits.worst, bounds.clone(), 8);
    assert!(waits.p50 <= waits.p99 && waits.p99 <= waits.worst + waits.worst / 16);

    // The longest of a hundred is beyond the percentile, and told all the same.
    let more: Vec<_> = [vec![1; 95], vec![80]].concat();
    let bounds = [bounds, waits_of(&db, &more)].concat();
    let waits = db.stats().waits;
    assert_eq!(waits.count, 105);
    is_of_rank(waits.p50, bounds.clone(), 52);
    is_of_rank(waits.p99, bounds.clone(), 103);
    is_of_rank(waits.worst, bounds, 104);
}

#[test]
fn who_need_not_wait_counts_no_wait() {
    let db = TestDb::new();
    for n in 0..50 {
        add(&*db, &n.to_string()).unwrap();
        add_grouped(&*db, &n.to_string()).unwrap();
        db.writer().unwrap().commit().unwrap();
        db.write_idempotent(&quick(2), |w| insert(w, "apple")).unwrap();
        items(&*db).unwrap();
    }
    assert_eq!(db.stats().waits, Default::default());
    let _reader = db.reader().unwrap();
    add(&*db, "beside a reader").unwrap();
    assert_eq!(db.stats().waits.count, 0);
}

/// Also those that got no turn in the end.
#[test]
fn who_gives_up_has_waited() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let asked = Instant::now();
        db.writer_within(ms(40)).map(drop).unwrap_err();
        let (waits, most) = (db.stats().waits, asked.elapsed());
        assert_eq!(waits.count, 1);
        assert!((ms(40)..=most).contains(&waits.worst), "{waits:?} of {most:?}");
        holder.end();
    });
    assert_eq!((db.stats().waits.count, db.stats().timeouts), (1, 1));
}

#[test]
fn outsiders_are_waited_for_too() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    let bounds = thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let asked = Instant::now();
            add(&*db, "apple").unwrap();
            asked.elapsed()
        });
        wait_until("it meets the lock", || db.stats().locks_met == 1);
        let seen = Instant::now();
        thread::sleep(ms(40));
        let least = seen.elapsed();
        lock.release();
        (least, waiter.join().unwrap())
    });
    let waits = db.stats().waits;
    assert_eq!(waits.count, 1);
    is_of_rank(waits.worst, vec![bounds], 0);
}

/// One wait, however many there were to be waited for.
#[test]
fn threads_and_outsiders_are_one_wait() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
        let first = scope.spawn(|| add(&*db, "first"));
        wait_until("it meets the lock", || db.stats().locks_met == 1);
        let asked = Instant::now();
        let second = scope.spawn(|| db.writer_within(ms(60)).map(drop));
        second.join().unwrap().unwrap_err();
        let most = asked.elapsed();
        let waits = db.stats().waits;
        assert_eq!(waits.count, 1);
        assert!((ms(60)..=most).contains(&waits.worst), "{waits:?} of {most:?}");
        lock.release();
        first.join().unwrap().unwrap();
    });
    assert_eq!(db.stats().waits.count, 2);
}

/// Whoever runs in the transaction of another has waited until its body began.
#[test]
fn who_follows_in_a_group_has_waited() {
    let db = TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE));
    let most = thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let call = |n: usize| {
            let db = &db;
            let thread = scope.spawn(move || {
                let asked = Instant::now();
                add_grouped(&**db, "apple").unwrap();
                asked.elapsed()
            });
            wait_until("it waits", || db.stats().waiting == n);
            thread
        };
        let threads = [call(1), call(2), call(3)];
        let seen = Instant::now();
        thread::sleep(ms(40));
        let least = seen.elapsed();
        holder.end();
        threads.map(|thread| (least, thread.join().unwrap()))
    });
    let stats = db.stats();
    assert_eq!((stats.waits.count, stats.grouped), (3, 2));
    is_of_rank(stats.waits.p50, most.to_vec(), 1);
    is_of_rank(stats.waits.worst, most.to_vec(), 2);
}

/// Each attempt waits for itself; what is between them is not for the turn.
#[test]
fn each_attempt_is_a_wait() {
    let db = TestDb::new();
    let runs = Runs::new();
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let waiter = scope.spawn(|| {
            let policy = RetryPolicy::attempts(3).base_delay(ms(150)).max_delay(ms(150));
            let asked = Instant::now();
            let free = Mutex::new(None);
            db.write_idempotent(&policy, |w| {
                free.lock().unwrap().get_or_insert(asked.elapsed());
                insert(w, "apple")?;
                match runs.run() {
                    1 => Err(busy(db.path())),
                    _ => Ok(()),
                }
            })
            .unwrap();
            free.into_inner().unwrap().unwrap()
        });
        wait_until("it waits", || db.stats().waiting == 1);
        holder.end();
        let first = waiter.join().unwrap();
        let stats = db.stats();
        // The second attempt met nobody.
        assert_eq!((stats.waits.count, stats.retries), (1, 1));
        assert!(stats.waits.worst <= first, "{stats:?} of {first:?}");
    });
    assert_eq!(runs.count(), 2);
}

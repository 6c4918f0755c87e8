//! Who writes, and who waits behind it.

use super::*;

#[test]
fn nobody_writes_and_nobody_waits() {
    let db = TestDb::new();
    let stats = db.stats();
    assert_eq!((stats.writer, stats.waiting), (None, 0));
    let _reader = db.reader().unwrap();
    let stats = db.stats();
    assert_eq!((stats.writer, stats.waiting), (None, 0), "a reader is no writer");
}

#[test]
fn those_behind_are_told_in_the_order_in_which_they_came() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let names = ["a", "b", "c", "d"];
        let waiters = names.map(|name| {
            let thread = thread::Builder::new().name(format!("waiter-{name}"));
            let thread = thread.spawn_scoped(scope, || add(&*db, name)).unwrap();
            let so_far = names.iter().position(|other| *other == name).unwrap() + 1;
            wait_until("it waits", || db.stats().waiting == so_far);
            thread
        });
        let stats = db.stats();
        let writer = stats.writer.unwrap();
        assert_eq!((writer.kind, writer.thread.as_str()), (Kind::Writer, "holder"));
        assert_eq!(writer.site.function(), Some("stats::hold"));
        let behind: Vec<_> = writer.behind.iter().map(|waits| waits.thread.as_str()).collect();
        assert_eq!(behind, ["waiter-a", "waiter-b", "waiter-c", "waiter-d"]);
        for waits in &writer.behind {
            assert_eq!(waits.site.function(), Some("stats::add"));
        }
        assert!(writer.behind.is_sorted_by_key(|waits| std::cmp::Reverse(waits.waits_for)));
        assert!(writer.behind[0].waits_for < writer.open_for);
        assert_eq!((stats.waiting, stats.in_use), (4, 1));
        holder.end();
        for waiter in waiters {
            waiter.join().unwrap().unwrap();
        }
    });
    let stats = db.stats();
    assert_eq!((stats.writer, stats.waiting, stats.commits), (None, 0, 5));
    assert_eq!(db.names(), ["held", "a", "b", "c", "d"]);
}

/// Who gives up is no longer there.
#[test]
fn who_gives_up_does_not_wait_any_more() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let waits = scope.spawn(|| db.writer_within(ms(30)).map(drop).unwrap_err());
        waits.join().unwrap();
        let stats = db.stats();
        assert_eq!((stats.waiting, stats.timeouts), (0, 1));
        assert_eq!(stats.writer.unwrap().behind, []);
        holder.end();
    });
}

/// There is one queue for the file, whichever database somebody comes from.
#[test]
fn two_databases_on_one_file_have_one_queue() {
    let db = TestDb::new();
    let other = Database::open(db.path()).unwrap();
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let waits = scope.spawn(|| add(&other, "other"));
        wait_until("it waits", || db.stats().waiting == 1);
        for stats in [db.stats(), other.stats()] {
            assert_eq!(stats.waiting, 1);
            assert_eq!(stats.writer.unwrap().thread, "holder");
        }
        // The connection is the one's.
        assert_eq!((db.stats().in_use, other.stats().in_use), (1, 0));
        holder.end();
        waits.join().unwrap().unwrap();
    });
    assert_eq!((db.stats().commits, other.stats().commits), (1, 1));
}

/// Who has the turn here, and waits for somebody outside, waits.
#[test]
fn who_waits_for_an_outsider_is_no_writer_yet() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    thread::scope(|scope| {
        let first = scope.spawn(|| add(&*db, "first"));
        wait_until("it waits", || db.stats().waiting == 1);
        let second = scope.spawn(|| add(&*db, "second"));
        wait_until("both wait", || db.stats().waiting == 2);
        let stats = db.stats();
        assert_eq!((stats.writer, stats.in_use), (None, 0));
        lock.release();
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
    });
    assert_eq!(db.stats().waiting, 0);
}

/// A member of a group stands for the writer while its body runs.
#[test]
fn the_writer_is_the_member_whose_body_runs() {
    let db = TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE));
    let seen = Mutex::new(Vec::new());
    let looks = |w: &Writer<'_, _>, name: &str| {
        let stats = db.stats();
        let writer = stats.writer.unwrap();
        seen.lock().unwrap().push((writer.thread, writer.behind.len(), stats.in_use));
        insert(w, name)
    };
    let policy = RetryPolicy::attempts(1);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        let calls = ["a", "b", "c"].map(|name| {
            let (db, looks, policy) = (&db, &looks, &policy);
            let call = move || db.write_grouped(policy, |w| looks(w, name));
            let before = db.stats().waiting;
            let thread = thread::Builder::new().name(name.into());
            let thread = thread.spawn_scoped(scope, call).unwrap();
            wait_until("it waits", || db.stats().waiting == before + 1);
            thread
        });
        holder.end();
        calls.into_iter().for_each(|call| call.join().unwrap().unwrap());
    });
    let seen = seen.into_inner().unwrap();
    let told: Vec<_> =
        seen.iter().map(|(who, behind, used)| (who.as_str(), *behind, *used)).collect();
    assert_eq!(told, [("a", 2, 1), ("b, run by thread a", 1, 1), ("c, run by thread a", 0, 1)]);
    assert_eq!(db.stats().commits, 2);
}

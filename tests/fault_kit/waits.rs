//! Waits for somebody else, with a fake clock: they are real, and end when they should,
//! however far it is ahead.

use std::sync::mpsc;
use std::time::Instant;

use super::clock::{HOUR, ms, read, sell, sell_today};
use super::common::{ForeignLock, Lock};
use super::*;

/// Another thread holds the writer, until what is returned says so.
struct Holder<'scope> {
    end: mpsc::Sender<()>,
    thread: thread::ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Holder<'scope> {
    fn start<'env>(scope: &'scope thread::Scope<'scope, 'env>, db: &'env Database) -> Self {
        let ((began, begun), (end, ended)) = (mpsc::channel(), mpsc::channel());
        let hold = move || {
            let w = db.writer().unwrap();
            began.send(()).unwrap();
            received(&ended);
            drop(w);
        };
        let thread = scope.spawn(hold);
        received(&begun);
        Self { end, thread }
    }

    fn end(self) {
        self.end.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// A call that waits for the turn, and how long that took by the clock on the wall.
#[track_caller]
fn times_out(call: impl FnOnce() -> Result<()>, at_least: Duration) -> Box<db_core::WriterTimeout> {
    let start = Instant::now();
    let error = call().unwrap_err();
    let took = start.elapsed();
    assert!(took >= at_least && took < PATIENCE, "{took:?}: {error}");
    let Error::WriterTimeout(timeout) = error else { panic!("{error}") };
    timeout
}

fn short_wait() -> Options {
    Options::new().writer_timeout(ms(40)).reader_timeout(ms(40)).max_readers(1)
}

/// Every way to wait for the turn.
const WAYS: [fn(&Database) -> Result<()>; 5] = [
    |db| db.write(|w| Ok(insert(w, "late")?)),
    |db| sell(db, "late"),
    |db| db.write_grouped(&RetryPolicy::attempts(3), |w| Ok(insert(w, "late")?)),
    |db| db.writer().map(drop),
    |db| db.write_idempotent(&quick(3), |w| Ok(insert(w, "late")?)),
];

#[test]
fn a_real_wait_stays_real() {
    let kit = Kit::with(short_wait());
    kit.clock.advance(HOUR * 3);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &kit.db);
        for way in WAYS {
            let timeout = times_out(|| way(&kit.db), ms(40));
            assert!(timeout.waited >= ms(40) && timeout.waited < PATIENCE, "{timeout:?}");
            kit.clock.advance(HOUR);
        }
        holder.end();
    });
    assert_eq!(kit.db.stats().timeouts, 5);
    assert!(kit.db.names().is_empty());
    // And one for a reader.
    let _open = kit.db.reader().unwrap();
    let wait = || {
        let start = Instant::now();
        assert!(matches!(read(&kit.db), Err(Error::ReaderTimeout(_))));
        assert!(start.elapsed() >= ms(40));
    };
    thread::scope(|scope| scope.spawn(wait).join().unwrap());
}

/// However fast others put the clock forward meanwhile.
#[test]
fn a_real_wait_stays_real_while_the_clock_runs_away() {
    let (kit, done) = (Kit::with(short_wait()), AtomicBool::new(false));
    thread::scope(|scope| {
        let holder = Holder::start(scope, &kit.db);
        let _over = Over(&done);
        scope.spawn(|| {
            while !done.load(SeqCst) {
                kit.clock.advance(Duration::from_secs(1));
            }
        });
        wait_until("it runs", || kit.clock.skipped() > HOUR);
        for _ in 0..5 {
            for way in WAYS {
                times_out(|| way(&kit.db), ms(40));
            }
        }
        holder.end();
    });
}

/// In a body that is run again there is no loop of its own; the wait is real all the same.
#[test]
fn a_real_wait_inside_a_body_that_is_run_again() {
    let (outer, inner) = (Kit::new(), Kit::with(short_wait()));
    inner.clock.advance(HOUR * 3);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &inner.db);
        for way in [WAYS[1], WAYS[2], WAYS[4]] {
            let call = || outer.db.write_idempotent(&quick(3), |_| way(&inner.db));
            times_out(call, ms(40));
        }
        holder.end();
    });
    outer.db.write_idempotent(&quick(3), |_| sell(&inner.db, "after")).unwrap();
    assert_eq!(inner.db.names(), ["after"]);
}

/// The deadline of all attempts ends a wait, and what was skipped before is taken off it.
#[test]
fn a_deadline_ends_a_real_wait() {
    let kit = Kit::new();
    kit.clock.advance(HOUR * 3);
    let sells = |policy: RetryPolicy| {
        kit.db.write_idempotent(&policy, |w| Ok::<_, Error>(insert(w, "late")?))
    };
    thread::scope(|scope| {
        let holder = Holder::start(scope, &kit.db);
        let timeout = times_out(|| sells(RetryPolicy::attempts(3).deadline(ms(40))), ms(40));
        assert!(timeout.waited < PATIENCE, "{timeout:?}");
        holder.end();
    });
    // A real lock, that the first attempt is told of without having to wait.
    let lock = ForeignLock::take(kit.db.path(), Lock::Exclusive);
    kit.faults.inject(Fault::Busy.at_turn());
    let hour = RetryPolicy::attempts(3).base_delay(HOUR).max_delay(HOUR);
    let timeout = times_out(|| sells(hour.deadline(HOUR + ms(1500))), ms(1500));
    lock.release();
    assert_eq!(kit.clock.skipped(), HOUR * 4);
    assert_eq!(timeout.spent.pauses, HOUR);
    assert!(!timeout.spent.outsiders.is_zero(), "{timeout:?}");
    assert!(timeout.waited >= HOUR + ms(1500), "{timeout:?}");
    assert!(timeout.waited < HOUR + PATIENCE, "{timeout:?}");
    assert_eq!(kit.last(), (2, false));
}

/// What was waited for, and what was only skipped.
#[test]
fn the_text_tells_pauses_and_waits() {
    let kit = Kit::new();
    kit.clock.advance(HOUR * 3);
    let start = Instant::now();
    let error = thread::scope(|scope| {
        let holder = Holder::start(scope, &kit.db);
        // Behind the holder at first, and then it meets a lock twice.
        kit.faults.inject(Fault::Busy.at_turn().times(2));
        let policy = RetryPolicy::attempts(2).base_delay(ms(1000));
        let db = &kit.db;
        let sells = move || db.write_idempotent(&policy, |w| Ok::<_, Error>(insert(w, "never")?));
        let late = scope.spawn(sells);
        wait_until("it waits", || db.stats().waiting == 1);
        let waits = Instant::now();
        wait_until("it has waited", || waits.elapsed() >= ms(100));
        holder.end();
        late.join().unwrap().unwrap_err()
    });
    let text = error.to_string();
    for part in [" behind other threads", "1 s in pauses between attempts"] {
        assert!(text.contains(part), "{text}");
    }
    let Error::Locked(locked) = error else { panic!("{error}") };
    assert_eq!((locked.attempts, locked.spent.pauses), (2, ms(1000)));
    assert!(locked.spent.threads >= ms(100) && locked.spent.threads < PATIENCE);
    assert!(locked.waited >= ms(1100) && locked.waited < start.elapsed() + ms(1000));
}

/// The disk is waited for as it is, too.
#[test]
fn a_sync_outside_of_the_lock_has_its_time() {
    let kit = Kit::with(Options::new().synchronous(Synchronous::Shared));
    kit.clock.advance(HOUR * 3);
    kit.faults.inject(Fault::Busy.at_turn().times(6));
    sell_today(&kit.db, &|| ()).unwrap();
    assert_eq!(kit.clock.skipped(), HOUR * (3 + 22));
    assert_eq!(kit.db.names(), ["sold"]);
}

/// And so is a turn that comes.
#[test]
fn a_wait_that_is_not_in_vain() {
    let kit = Kit::new();
    kit.clock.advance(HOUR * 3);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &kit.db);
        let late = scope.spawn(|| sell(&kit.db, "sold"));
        wait_until("it waits", || kit.db.stats().waiting == 1);
        kit.clock.advance(HOUR * 3);
        holder.end();
        late.join().unwrap().unwrap();
    });
    assert_eq!(kit.db.names(), ["sold"]);
}

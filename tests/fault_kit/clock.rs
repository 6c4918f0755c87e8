//! The fake clock: pauses take no time, and count all the same.

use std::time::Instant;

use super::common::without_times;
use super::*;

pub(super) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) const HOUR: Duration = Duration::from_hours(1);

/// Pauses of 0.5, 1, 2, 4 and 5 s.
#[writer]
#[retry_on_locked(max_attempts = 6, idempotent)]
pub(super) fn sell(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[reader]
#[retry_on_locked(max_attempts = 6)]
pub(super) fn read(db: &Reader) -> Result<()> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |_| Ok(()))?)
}

#[retry_on_locked(max_attempts = 6, idempotent)]
fn bare(_conn: &Connection) -> Result<()> {
    Ok(())
}

/// Pauses of hours, for a day.
#[writer]
#[retry_on_locked(
    max_attempts = 100,
    idempotent,
    base_delay = HOUR,
    max_delay = Duration::from_hours(5),
    deadline = Duration::from_hours(24)
)]
pub(super) fn sell_today(db: &Writer, before: &dyn Fn()) -> Result<()> {
    before();
    Ok(insert(db, "sold")?)
}

#[track_caller]
fn attempts(error: Error, paused: Duration) -> u32 {
    let Error::Locked(locked) = error else { panic!("{error}") };
    assert_eq!(locked.spent.pauses, paused);
    // And what the machine took.
    assert!(locked.waited >= paused && locked.waited < paused + PATIENCE, "{locked:?}");
    locked.attempts
}

#[test]
fn ten_seconds_of_pauses_take_none() {
    const WAYS: [fn(&Kit) -> Result<()>; 3] =
        [|kit| sell(&kit.db, "a"), |kit| read(&kit.db), |_| bare(&Connection::open_in_memory()?)];
    for way in WAYS {
        let (kit, start) = (Kit::new(), Instant::now());
        let _thread = (kit.faults.on_this_thread(), kit.clock.on_this_thread());
        kit.faults.inject(Fault::Busy.at_turn().times(5));
        way(&kit).unwrap();
        assert_eq!(kit.last(), (6, true));
        assert_eq!(kit.clock.skipped(), ms(500 + 1000 + 2000 + 4000 + 5000));
        kit.faults.inject(Fault::Busy.at_turn().times(6));
        let error = way(&kit).unwrap_err();
        let text = without_times(&error.to_string());
        assert!(text.contains("gave up after 6 attempts and <time>"), "{text}");
        assert_eq!(attempts(error, ms(12_500)), 6);
        assert!(start.elapsed() < ms(12_500), "it waited");
    }
}

#[test]
fn hours_of_pauses_end_by_the_deadline() {
    let (kit, start) = (Kit::new(), Instant::now());
    kit.faults.inject(Fault::Busy.at_turn().times(100));
    let error = sell_today(&kit.db, &|| ()).unwrap_err();
    // With the next one of 5 hours it would have been 27.
    assert_eq!(attempts(error, HOUR * (1 + 2 + 4 + 5 + 5 + 5)), 7);
    assert_eq!(kit.clock.skipped(), HOUR * 22);
    assert!(start.elapsed() < PATIENCE);
    kit.faults.clear();
    // A new call has a new day.
    kit.faults.inject(Fault::Busy.at_commit().times(7));
    let error = sell_today(&kit.db, &|| ()).unwrap_err();
    assert_eq!(attempts(error, HOUR * 22), 7);
    sell_today(&kit.db, &|| ()).unwrap();
    kit.faults.assert_all_met();
    assert_eq!(kit.db.names(), ["sold"]);
}

/// The time of the body counts.
#[test]
fn a_deadline_can_pass_while_a_body_runs() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(1).times(3));
    let error = sell_today(&kit.db, &|| kit.clock.advance(HOUR * 9)).unwrap_err();
    let Error::Locked(locked) = error else { panic!("{error}") };
    // 9, and an hour's pause; 19, and 2 hours' pause would leave 3; 30 are too many.
    assert_eq!((locked.attempts, locked.spent.pauses), (3, HOUR * 3));
    assert!(locked.waited >= HOUR * 30 && locked.waited < HOUR * 30 + PATIENCE, "{locked:?}");
    assert_eq!(kit.clock.skipped(), HOUR * 30);
}

/// Each pause is taken off at random.
#[test]
fn pauses_with_jitter_are_skipped_as_they_are() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_turn().times(2));
    let policy = RetryPolicy::attempts(3).base_delay(HOUR).max_delay(HOUR).jitter(true);
    kit.db.write_idempotent(&policy, |w| insert(w, "a")).unwrap();
    let skipped = kit.clock.skipped();
    assert!(skipped >= HOUR && skipped <= HOUR * 2, "{skipped:?}");
}

/// However long a pause is, and however often.
#[test]
fn no_pause_is_too_long() {
    let kit = Kit::new();
    let for_ever = RetryPolicy::attempts(4).base_delay(Duration::MAX).max_delay(Duration::MAX);
    kit.faults.inject(Fault::Busy.at_turn().times(3));
    kit.db.write_idempotent(&for_ever, |w| insert(w, "a")).unwrap();
    assert_eq!(kit.last(), (4, true));
    // The end of all times: no clock of a computer goes further.
    assert_eq!(kit.clock.skipped(), Duration::from_nanos(u64::MAX));
    sell(&kit.db, "b").unwrap();
}

/// Clones are the same clock, and so is that of two databases.
#[test]
fn a_clock_is_its_owners_and_no_others() {
    let (kit, faults) = (Kit::new(), Faults::new());
    let same = TestDb::with(Options::new().faults(&faults).clock(&kit.clock.clone()));
    let other = Kit::new();
    faults.inject(Fault::Busy.at_turn());
    sell(&same, "a").unwrap();
    assert_eq!(kit.clock.skipped(), ms(500));
    assert_eq!(other.clock.skipped(), Duration::ZERO);
    // Without one, pauses are real.
    let real = TestDb::with(Options::new().faults(&faults));
    faults.inject(Fault::Busy.at_turn().times(3));
    let start = Instant::now();
    let policy = RetryPolicy::attempts(4).base_delay(ms(10)).max_delay(ms(10));
    real.write_idempotent(&policy, |w| insert(w, "a")).unwrap();
    assert!(start.elapsed() >= ms(30));
    assert_eq!(kit.clock.skipped(), ms(500));
}

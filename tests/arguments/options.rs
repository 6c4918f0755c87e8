//! Parameters that an attribute's options use, of functions whose bodies get copies.

use std::time::Duration;

use super::{
    Database, Error, Reader, Result, Runs, TestDb, Writer, answer, reader, retry_on_locked, until,
    writer,
};

#[derive(Clone)]
struct Shop {
    db: Database,
    pause: Duration,
}

#[reader(db = shop.db)]
#[retry_on_locked]
fn read(db: &Reader, shop: Shop, n: i64) -> Result<i64> {
    assert_eq!(shop.pause, Duration::from_millis(1));
    Ok(answer(db, n)?)
}

#[writer(db = shop.db, timeout = shop.pause * 5000)]
#[retry_on_locked(max_attempts = attempts, idempotent, base_delay = shop.pause, deadline = _all)]
fn write(db: &Writer, shop: Shop, attempts: u32, _all: Duration, runs: &Runs) -> Result<i64> {
    let run = until(2, runs, &shop.db)?;
    Ok(answer(db, i64::try_from(run).unwrap())?)
}

#[writer(timeout = pause)]
#[retry_on_locked(idempotent)]
fn not_in_the_body(db: &Writer, pause: Duration, mut n: i64) -> Result<i64> {
    n += 1;
    Ok(answer(db, n)?)
}

#[test]
fn an_option_may_use_what_the_attempts_get_copies_of() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let shop = Shop { db: db.clone(), pause: Duration::from_millis(1) };
    assert_eq!(read(shop.clone(), 7).unwrap(), 7);
    assert_eq!(not_in_the_body(&*db, Duration::from_secs(5), 1).unwrap(), 2);
    // The lock that the first attempt meets is another connection's.
    assert_eq!(write(shop.clone(), 3, Duration::from_mins(1), &runs).unwrap(), 2);
    assert_eq!(runs.count(), 2);
    // No wait at all, as the option says.
    let _held = db.writer().unwrap();
    let refused = std::thread::scope(|threads| {
        threads.spawn(|| not_in_the_body(&*db, Duration::ZERO, 1)).join().unwrap()
    });
    assert!(matches!(refused, Err(Error::WriterTimeout(_))), "{refused:?}");
}

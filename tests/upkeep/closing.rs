//! Closing beside upkeep: nothing is left behind, and nobody is waited for in vain.

use std::sync::Arc;

use super::*;

/// Is asked before a connection of a reader is closed, once it is there.
type Close = Arc<Mutex<Option<Box<dyn FnMut() + Send>>>>;

struct Closing(Close);

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(asked) = &mut *self.0.lock().unwrap() {
            asked();
        }
    }
}

/// SQLite frees a handler before it closes the connection.
fn asks(close: &Close) -> Options {
    let close = Arc::clone(close);
    Options::new().on_connect(move |conn| {
        if !conn.is_readonly("main")? {
            return Ok(());
        }
        let closing = Closing(Arc::clone(&close));
        conn.progress_handler(
            1_000_000,
            Some(move || {
                let _kept = &closing;
                false
            }),
        )
    })
}

/// Renewed readers are closed before the writer, or the log's files stay.
fn leaves_no_log(renew: impl FnOnce(&Database) + Send) {
    let close = Close::default();
    let db = TestDb::with(asks(&close));
    fill(&db, 10);
    let (begun, begins) = mpsc::channel();
    let (closed, closes) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let db = &*db;
        let arm = {
            let mut told = Some((begun, closes));
            let asked = move || {
                if let Some((begun, closes)) = told.take() {
                    begun.send(()).unwrap();
                    // Closing is over before only if it has not waited for this.
                    let _ = closes.recv_timeout(ms(200));
                }
            };
            move || *close.lock().unwrap() = Some(Box::new(asked))
        };
        number(db, "SELECT count(*) FROM item");
        arm();
        scope.spawn(move || renew(db));
        received(&begins);
        db.close().unwrap();
        let _ = closed.send(());
    });
    assert!(!db.beside("shop.db-wal").exists());
    assert!(!db.beside("shop.db-shm").exists());
}

#[test]
fn beside_idle_readers_that_are_renewed() {
    leaves_no_log(|db| drop(db.analyze()));
}

#[test]
fn beside_a_reader_that_ends_and_is_not_used_again() {
    leaves_no_log(|db| {
        let reader = db.reader().unwrap();
        db.analyze().unwrap();
        drop(reader);
    });
}

#[test]
fn without_a_log_nobody_is_waited_for_by_its_own_upkeep() {
    let db = TestDb::with(Options::new().journal_mode(JournalMode::Delete));
    db.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    fill(&db, 50);
    // One that is not committed leaves SQLite's own patience behind.
    drop(db.writer().unwrap());
    let _lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let start = Instant::now();
    db.close_within(ms(50)).unwrap();
    assert!(start.elapsed() < ms(4000), "{:?}", start.elapsed());
}

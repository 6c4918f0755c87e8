//! The foreign connection: plain rusqlite, in a thread of its own, that knows nothing
//! of db-core and holds the write lock for 300 ms every second, as a colleague's script
//! would.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use crate::clock::Closing;

const EVERY: Duration = Duration::from_secs(1);
const HOLDS: Duration = Duration::from_millis(300);

/// What it did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    pub times: usize,
    pub longest: Duration,
}

/// Holds the lock again and again until the shop closes. `holding` says when.
pub fn disturb(path: &Path, closing: &Closing, holding: &AtomicBool) -> rusqlite::Result<Held> {
    let conn = Connection::open(path)?;
    let mut held = Held::default();
    // The first time comes soon, so that even a short show has one.
    let mut pause = HOLDS;
    while closing.open_for(pause) {
        match conn.execute_batch("BEGIN IMMEDIATE") {
            Ok(()) => {}
            // It is served last, if at all: rusqlite waits 5 s unless told otherwise.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => continue,
            Err(error) => return Err(error),
        }
        let since = Instant::now();
        holding.store(true, Ordering::Relaxed);
        std::thread::sleep(HOLDS);
        conn.execute_batch("ROLLBACK")?;
        holding.store(false, Ordering::Relaxed);
        held.times += 1;
        held.longest = held.longest.max(since.elapsed());
        pause = EVERY.saturating_sub(since.elapsed());
    }
    Ok(held)
}

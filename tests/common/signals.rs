//! Waiting for another thread: for its signal, or for something it changes.

use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what must happen before it fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What another thread sends; fails the test if it never comes.
#[track_caller]
pub fn received<T>(signal: &Receiver<T>) -> T {
    match signal.recv_timeout(PATIENCE) {
        Ok(value) => value,
        Err(error) => panic!("the signal never came: {error}"),
    }
}

/// Waits until `condition` holds: for what can be seen, but sends no signal, such as
/// `db.stats().waiting == 1`.
#[track_caller]
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never came true: {what}");
        thread::sleep(Duration::from_micros(200));
    }
}

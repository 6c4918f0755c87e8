//! Who holds the lock: named by errors, by `open_guards` and `stats` while it is held, by
//! `lock_holders` and a note for other processes; and the words in which a person is told.
//!
//! [`Desk`] is how a test has somebody hold the lock, here or in another process, and tells
//! them what to do next.

#[path = "../common/mod.rs"]
mod common;
mod desk;
mod grouped;
mod inside;
mod namespaces;
mod neighbours;
mod other_texts;
mod outsiders;
mod own;
mod statements;
mod texts;
mod words;

use std::time::Duration;

use db_core::{Database, Error, OpenGuard, WaitedFor, WriterTimeout};

/// Whether this system tells who holds a lock.
const TELLS: bool = cfg!(target_os = "linux");

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What somebody is told who asks for the turn, and waits for it that long.
#[track_caller]
fn told(db: &Database, patience: Duration) -> WriterTimeout {
    match db.writer_within(patience) {
        Err(Error::WriterTimeout(timeout)) => *timeout,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it got the turn"),
    }
}

/// The writer of this process that was waited for.
#[track_caller]
fn writer_of(timeout: WriterTimeout) -> OpenGuard {
    match timeout.waited_for {
        WaitedFor::Writer(guard) => guard,
        other => panic!("waited for {other:?}"),
    }
}

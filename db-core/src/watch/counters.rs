//! The counts of one database.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a database is doing and has done: a snapshot, already past when it is read.
/// Its numbers are taken one after the other, so they need not add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections to the file: in use and idle, the writer's included.
    pub connections: usize,
    /// Connections that a guard or a call is using now.
    pub in_use: usize,
    /// Connections that wait for their next use.
    pub idle: usize,
    /// Writers of this process that wait for their turn on this file.
    pub waiting: usize,
    /// Write transactions committed.
    pub commits: u64,
    /// Calls of grouped writers that ran in the transaction of another one, on its thread:
    /// see `#[writer(group)]`.
    pub grouped: u64,
    /// Times that the writer whose turn it was in this process found the file held by
    /// another process or connection; those who queue behind it are not counted.
    pub locks_met: u64,
    /// Times that a body was run again.
    pub retries: u64,
    /// Waits that ended without a turn.
    pub timeouts: u64,
    /// Syncs of the WAL that [`Synchronous::Shared`](crate::Synchronous::Shared) took;
    /// fewer than there were commits where writers shared them.
    pub syncs: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: Counter,
    pub(crate) grouped: Counter,
    pub(crate) locks_met: Counter,
    pub(crate) retries: Counter,
    pub(crate) timeouts: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_all(&self, count: usize) {
        if count > 0 {
            self.0.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

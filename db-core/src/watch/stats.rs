//! The counts of one database.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::Histogram;
use crate::open_guard::OpenGuard;
use crate::units::{seconds, size};

/// What a database is doing and has done: a snapshot, already past when it is read.
/// Its numbers are taken one after the other, so they need not add up. They are of this
/// [`Database`](crate::Database) since it was opened, where nothing else is said; what other
/// processes do is not counted.
///
/// ```
/// let db = db_core::Database::open_in_memory()?;
/// db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY)"))?;
/// let stats = db.stats();
/// assert_eq!((stats.commits, stats.waits.count), (1, 0));
/// # Ok::<_, db_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Who writes to this file in this process now, and who waits behind it; `None` while
    /// nobody writes, and while the next one waits for another process.
    pub writer: Option<OpenGuard>,
    /// Write transactions committed.
    pub commits: u64,
    /// Calls of grouped writers that ran in the transaction of another one, on its thread:
    /// see `#[writer(group)]`.
    pub grouped: u64,
    /// How many calls shared a transaction, for those that were shared.
    pub group_sizes: GroupSizes,
    /// How long writers waited for their turn, for those that had to: behind other threads,
    /// behind other processes, and for SQLite's lock together; also those that got none in
    /// the end.
    pub waits: Waits,
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
    /// The size of the `-wal` file in bytes, 0 if there is none. It is used again from its
    /// beginning, and need not shrink.
    pub wal_bytes: u64,
    /// Checkpoints after commits: times that the WAL had grown to a thousand pages (or what
    /// `PRAGMA wal_autocheckpoint` says) and was carried into the database, as far as readers
    /// let it. Not counted are those of statements of the program's own.
    pub checkpoints: u64,
}

/// For a person, several lines:
///
/// ```text
/// connections: 3 (1 in use, 2 idle)
/// writing: writer open for 12.3 s, since 03:12:07 UTC, by `shop::import` (src/import.rs:42, thread worker-3)
/// waiting for their turn: 2
/// commits: 1204, 40 of them shared by 160 calls (half by up to 4, the largest by 12)
/// waits for the turn: 512 (half up to 1 ms, 99 of 100 up to 20 ms, the longest 1.2 s)
/// timeouts: 0, retries: 3, locks of others met: 5
/// log: 4.1 MB, checkpoints: 12, syncs: 0
/// ```
///
/// ```
/// let db = db_core::Database::open_in_memory()?;
/// db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY)"))?;
/// let told = db.stats().to_string();
/// assert!(told.contains("commits: 1\n"), "{told}");
/// # Ok::<_, db_core::Error>(())
/// ```
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, in_use, idle, .. } = self;
        writeln!(f, "connections: {connections} ({in_use} in use, {idle} idle)")?;
        match &self.writer {
            Some(writer) => writeln!(f, "writing: {writer:#}")?,
            None => writeln!(f, "writing: nobody")?,
        }
        writeln!(f, "waiting for their turn: {}", self.waiting)?;
        write!(f, "commits: {}", self.commits)?;
        let GroupSizes { count, p50, largest, .. } = self.group_sizes;
        if count > 0 {
            let calls = self.grouped + count;
            write!(f, ", {count} of them shared by {calls} calls")?;
            write!(f, " (half by up to {p50}, the largest by {largest})")?;
        }
        write!(f, "\nwaits for the turn: {}", self.waits.count)?;
        if self.waits.count > 0 {
            let Waits { p50, p99, worst, .. } = self.waits;
            let [p50, p99, worst] = [p50, p99, worst].map(seconds);
            write!(f, " (half up to {p50}, 99 of 100 up to {p99}, the longest {worst})")?;
        }
        let Self { timeouts, retries, locks_met, checkpoints, syncs, .. } = self;
        write!(f, "\ntimeouts: {timeouts}, retries: {retries}, locks of others met: {locks_met}")?;
        let log = size(self.wal_bytes);
        write!(f, "\nlog: {log}, checkpoints: {checkpoints}, syncs: {syncs}")
    }
}

/// How long it was waited, a percentile exact to a sixteenth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waits {
    /// How many waits there were.
    pub count: u64,
    /// Half of them were no longer.
    pub p50: Duration,
    /// Of a hundred 99 were no longer.
    pub p99: Duration,
    /// The longest.
    pub worst: Duration,
}

/// How many calls shared a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupSizes {
    /// How many transactions were shared.
    pub count: u64,
    /// Half of them were no larger.
    pub p50: u64,
    /// Of a hundred 99 were no larger.
    pub p99: u64,
    /// The largest.
    pub largest: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: Counter,
    pub(crate) grouped: Counter,
    pub(crate) locks_met: Counter,
    pub(crate) retries: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) checkpoints: Counter,
    waits: Histogram,
    groups: Histogram,
}

impl Counters {
    /// One wait for the turn, if it was any.
    pub(crate) fn waited(&self, time: Duration) {
        if !time.is_zero() {
            self.waits.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }

    pub(crate) fn waits(&self) -> Waits {
        let told = self.waits.summary();
        let time = Duration::from_micros;
        Waits {
            count: told.count,
            p50: time(told.p50),
            p99: time(told.p99),
            worst: time(told.worst),
        }
    }

    /// One transaction in which so many calls followed the first one.
    pub(crate) fn shared_by(&self, followers: usize) {
        if followers > 0 {
            self.grouped.add_all(followers);
            self.groups.add(followers as u64 + 1);
        }
    }

    pub(crate) fn group_sizes(&self) -> GroupSizes {
        let told = self.groups.summary();
        GroupSizes { count: told.count, p50: told.p50, p99: told.p99, largest: told.worst }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn add_all(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_told_and_what_has_not_been_is_left_out() {
        let ms = Duration::from_millis;
        let told = Stats {
            connections: 3,
            in_use: 1,
            idle: 2,
            waiting: 2,
            commits: 1204,
            grouped: 120,
            group_sizes: GroupSizes { count: 40, p50: 4, p99: 9, largest: 12 },
            waits: Waits { count: 512, p50: ms(1), p99: ms(20), worst: ms(1200) },
            locks_met: 5,
            retries: 3,
            wal_bytes: 4_152_992,
            checkpoints: 12,
            ..Stats::default()
        };
        assert_eq!(
            told.to_string(),
            "connections: 3 (1 in use, 2 idle)\n\
             writing: nobody\n\
             waiting for their turn: 2\n\
             commits: 1204, 40 of them shared by 160 calls (half by up to 4, the largest by 12)\n\
             waits for the turn: 512 (half up to 1 ms, 99 of 100 up to 20 ms, the longest 1.2 s)\n\
             timeouts: 0, retries: 3, locks of others met: 5\n\
             log: 4.1 MB, checkpoints: 12, syncs: 0"
        );
        let new = Stats::default().to_string();
        assert!(!new.contains("shared") && !new.contains("half"), "{new}");
    }
}

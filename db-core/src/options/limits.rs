//! How long may be waited and worked, and how many may at once.

use std::time::Duration;

use super::Options;

impl Options {
    /// How long one attempt waits for a lock of somebody who does not queue here: a
    /// shell, another library. Default: 5 s. A writer waits no longer than its
    /// [`writer_timeout`](Self::writer_timeout) in all; if that is the shorter one, the
    /// wait ends in [`Error::WriterTimeout`](crate::Error::WriterTimeout), which no retry repeats.
    /// <https://sqlite.org/pragma.html#pragma_busy_timeout>
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How long a writer waits for its turn: behind other threads, behind other
    /// processes and for SQLite's lock together. (Of this at most
    /// [`busy_timeout`](Self::busy_timeout) goes to one lock of somebody outside; then it is
    /// [`Error::Locked`](crate::Error::Locked).) Default: 10 s. `#[writer(timeout = ..)]` and
    /// [`writer_within`](crate::Database::writer_within) set it for one call.
    pub fn writer_timeout(mut self, timeout: Duration) -> Self {
        self.writer_timeout = timeout;
        self
    }

    /// How long a reader waits for one of the [`max_readers`](Self::max_readers).
    /// Default: 10 s.
    pub fn reader_timeout(mut self, timeout: Duration) -> Self {
        self.reader_timeout = timeout;
        self
    }

    /// How many readers may be open at once. Default: no limit.
    pub fn max_readers(mut self, readers: usize) -> Self {
        self.max_readers = Some(readers);
        self
    }

    /// How many calls of `#[writer(group)]` share a transaction at most. Default: 64; with
    /// 1 none do.
    pub fn max_group_size(mut self, calls: usize) -> Self {
        self.max_group_size = calls;
        self
    }

    /// For how long calls of `#[writer(group)]` may still join a transaction after it has
    /// begun. Default: 2 ms. Whoever waits behind it waits for so much longer, and for the
    /// body that was the last to join. Zero lets none join.
    pub fn max_group_age(mut self, age: Duration) -> Self {
        self.max_group_age = age;
        self
    }

    /// For how long a guard or a call may be open before it is reported, once, as
    /// [`Warning::Leak`](crate::Warning::Leak) with its place. Default: 60 s;
    /// `Duration::MAX` for never. A reader is reported as
    /// [`Warning::WalPinned`](crate::Warning::WalPinned) if it keeps the WAL from being
    /// reset by then. It is looked for every tenth of a second, by a thread that sleeps while
    /// nothing is open.
    pub fn leak_after(mut self, time: Duration) -> Self {
        self.leak_after = time;
        self
    }

    /// How long the body of a reader may run, a guard may be open: then the statement that
    /// it is in is interrupted, and each long one after it; the call ends in
    /// [`Error::BodyTimeout`](crate::Error::BodyTimeout). Default: no limit.
    ///
    /// Only SQL is interrupted; other work of the body goes on to its end. It is looked for
    /// every tenth of a second, or four times within the limit if that is more often. A reader
    /// that is called in a writer's transaction has the writer's limit.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = Some(limit);
        self
    }

    /// How long the body of a writer may run, counted from its own beginning and not from
    /// that of the wait: as [`read_timeout`](Self::read_timeout), and the transaction is
    /// rolled back, even if the body ignores the error or runs no more SQL. Default: no limit.
    /// Migrations and `setup` have none.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = Some(limit);
        self
    }

    /// After what time of holding the lock a writer is told of as a slow one, with the
    /// feature `tracing`. Default: 1 s.
    pub fn slow_hold(mut self, time: Duration) -> Self {
        self.slow_hold = time;
        self
    }
}

//! The end of a database: readers first, then the writer.
//!
//! The last connection to a file checkpoints it under an exclusive lock
//! (<https://sqlite.org/wal.html#avoiding_excessively_large_wal_files>); a reader that
//! is still open would make that somebody else's work.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::durable::Patience;
use super::{Engine, LaneNote, Queue, Ready};
use crate::error::{Error, Result};
use crate::file_id::FileId;
use crate::lane::{Seen, TimedOut};
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::site::Site;
use crate::watch::{Body, Frame, Inside};

impl Engine {
    /// Refuses new guards, waits for the open ones, and closes the connections.
    pub(crate) fn close(&self, timeout: Duration, site: Site) -> Result<()> {
        self.usable()?;
        if self.closed.swap(true, Ordering::AcqRel) {
            return Err(self.closed());
        }
        let closed = self.close_connections(Deadline::after(Instant::now(), timeout), site);
        // Somebody may have left the lane while it was held here.
        let Queue { lane, gate } = &*self.queue;
        gate.leave_unused(|| lane.is_used());
        closed
    }

    fn close_connections(&self, deadline: Deadline, site: Site) -> Result<()> {
        // What this thread has open itself does not end while it waits here.
        let here = |body, place| Inside::find(|open| open.body == body && open.place == place);
        let unless = |open: Option<Frame>| match open {
            Some(_) => Deadline::after(Instant::now(), Duration::ZERO),
            None => deadline,
        };
        self.readers.close(unless(here(Body::Reader, self.own_key())));
        // Held by nobody's call, so it is not among the guards.
        let note = LaneNote { engine: 0, ..self.note(site) };
        let turn = self.queue.lane.acquire(note, unless(here(Body::Writer, self.lane_key())));
        let mut guards = self.open_guards();
        if let Err(TimedOut { seen: Seen { holder: Some(held), .. } }) = &turn
            && held.note.engine == self.id
            && !held.is_writing()
        {
            guards.push(held.note.seat.seen(held.since));
        }
        if !guards.is_empty() {
            self.abandoned.store(true, Ordering::Release);
            // They may all have ended meanwhile.
            self.close_writer_after_readers();
            return Err(Error::StillOpen { path: self.path.clone(), guards });
        }
        let writer = self.writer.lock().take();
        if let (Some(writer), Ok(_)) = (&writer, &turn) {
            // Advice for the planner, which the next open does as well: not waited for.
            let conn = writer.session.conn();
            if conn.busy_timeout(Duration::ZERO).is_ok() {
                let _ = conn.execute_batch("PRAGMA main.optimize");
            }
        }
        // A call that has committed may still wait for the disk, or have stopped waiting:
        // with the lane held there are no newer ones.
        let disk = match self.sync.failed() {
            Some(_told) => Ok(()),
            None => self.wait_for_disk(site, self.sync.newest(), &Patience::until(deadline)),
        };
        self.close_writer(writer);
        self.sync.close();
        self.queue.gate.close_files();
        disk
    }
}

impl Engine {
    /// Closes the writer's connection once no reader's is open, if `close` has stopped
    /// waiting for that. Called by whoever may be the last.
    pub(super) fn close_writer_after_readers(&self) {
        if self.abandoned.load(Ordering::Acquire) && self.readers.are_closed() {
            // Under the lock, so that nobody finds it gone while it is still open.
            let mut writer = self.writer.lock();
            self.close_writer(writer.take());
        }
    }

    /// Closes the writer's connection. If only readers have used the log, it has not opened
    /// it so far, and SQLite would leave the log's files behind: readers' connections can't
    /// remove them.
    fn close_writer(&self, writer: Option<Box<Ready>>) {
        let Some(writer) = writer else { return };
        // The log is found by the file's name, which may be another file's by now.
        let is_there = || FileId::of(&self.file).is_ok_and(|found| found == self.identity);
        let conn = writer.session.conn();
        if self.options.journal_mode == JournalMode::Wal
            && conn.is_autocommit()
            && is_there()
            && conn.busy_timeout(Duration::ZERO).is_ok()
        {
            let _ = conn.pragma_query_value(None, "user_version", |_| Ok(()));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.forked() {
            // The connections are the other's, and are left alone. Their lock may have been
            // held when the process forked.
            std::mem::forget(Arc::clone(&self.readers));
            // Kept, so that the file stays known as inherited.
            std::mem::forget(Arc::clone(&self.queue));
            std::mem::forget(self.writer.get_mut().take());
            if let Some(scratch) = self._scratch.take() {
                std::mem::forget(scratch);
            }
            return;
        }
        if let Some((watcher, oversight)) = self.watcher.take() {
            watcher.forget(&oversight);
        }
        // No guard is open: each borrows the database.
        self.readers.close(Deadline::after(Instant::now(), Duration::ZERO));
        let writer = self.writer.get_mut().take();
        self.close_writer(writer);
        // A database that was closed, and not dropped, may have the same gate.
        self.queue.gate.close_files();
    }
}

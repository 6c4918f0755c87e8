//! What an engine tells of itself: who is at work, who waits, and its numbers.

use std::path::Path;
use std::sync::{Arc, Weak};

use super::{ENGINES, Engine, LaneNote, Stage, wal};
use crate::error::{Error, Spent};
use crate::file_id::FileId;
use crate::gate;
use crate::holder::{Holder, LockHolder, LockHolders};
use crate::lane::{Held, Seen};
use crate::locks;
use crate::open_guard::{OpenGuard, Waiting};
use crate::options::JournalMode;
use crate::other_process::TheirWriter;
use crate::retry::Exhausted;
use crate::site::Site;
use crate::trace;
use crate::watch::{Stats, moment, oldest_first};

/// A writer and who waits behind it.
pub(super) fn writer_of(held: &Held<LaneNote>, queue: &[Held<LaneNote>]) -> OpenGuard {
    let mut guard = held.note.seat.seen(held.since);
    guard.behind = waiting(queue);
    guard
}

pub(super) fn waiting(queue: &[Held<LaneNote>]) -> Vec<Waiting> {
    queue.iter().map(|held| held.note.seat.opener.seen_waiting(held.since)).collect()
}

impl Engine {
    /// The guards and calls that are open, longest first.
    pub(crate) fn open_guards(&self) -> Vec<OpenGuard> {
        let mut guards = self.readers.in_use();
        let Seen { holder, queue } = self.queue.lane.seen();
        let own = holder.filter(|held| held.is_writing_for(self.id));
        guards.extend(own.map(|held| writer_of(&held, &queue)));
        oldest_first(guards)
    }

    /// Who has locks of SQLite's on the file.
    pub(crate) fn lock_holders(&self) -> LockHolders {
        let mut holders = locks::of_database(&self.file);
        for LockHolder { process, is_this, .. } in &mut holders.writers {
            process.writer =
                if *is_this { self.own_writer() } else { self.queue.gate.note_of(process.id) };
        }
        holders
    }

    /// Whoever is to be named for a lock that was not to be had.
    pub(super) fn lock_holder(&self) -> Holder {
        // With a rollback journal writers wait for readers, too.
        let readers_count = self.options.journal_mode != JournalMode::Wal;
        self.lock_holders().of_a_lock(readers_count)
    }

    /// Who writes in this process.
    fn own_writer(&self) -> Option<TheirWriter> {
        let holder = self.queue.lane.seen().holder.filter(Held::is_writing)?;
        let (place, since) = (holder.note.seat.opener.place(), moment(holder.since));
        Some(TheirWriter::new(place, since))
    }

    /// The error of a call that has met a lock at every attempt.
    pub(crate) fn locked(&self, site: Site, exhausted: Exhausted, spent: Spent) -> Error {
        let holder = self.lock_holder();
        let error = Error::locked(Some(&self.path), Some(site), exhausted.numbers(), spent, holder);
        trace::locked(site, exhausted.attempts, &error);
        error
    }

    pub(crate) fn stats(&self) -> Stats {
        let readers = self.readers.count();
        let Seen { holder, queue } = self.queue.lane.seen();
        let own = holder.as_ref().is_some_and(|held| held.is_writing_for(self.id));
        let writing = usize::from(own);
        let waits = [Stage::AtGate, Stage::WaitsOutside];
        let waits_outside = holder.as_ref().is_some_and(|held| waits.contains(&held.note.stage));
        let writer_idle = usize::from(self.writer.lock().is_some());
        let writer = holder.filter(Held::is_writing).map(|held| writer_of(&held, &queue));
        Stats {
            connections: readers.in_use + readers.idle + writing + writer_idle,
            in_use: readers.in_use + writing,
            idle: readers.idle + writer_idle,
            waiting: queue.len() + usize::from(waits_outside),
            writer,
            commits: self.counters.commits.get(),
            grouped: self.counters.grouped.get(),
            group_sizes: self.counters.group_sizes(),
            waits: self.counters.waits(),
            locks_met: self.counters.locks_met.get(),
            retries: self.counters.retries.get(),
            timeouts: self.counters.timeouts.get(),
            syncs: self.sync.syncs(),
            wal_bytes: wal::size(&self.file),
            checkpoints: self.counters.checkpoints.get(),
        }
    }

    /// How many connections are in use.
    fn in_use(&self) -> usize {
        let own = self.queue.lane.with_holder(|held| held.is_writing_for(self.id));
        let writing = own.unwrap_or(false);
        self.readers.count().in_use + usize::from(writing)
    }
}

impl Held<LaneNote> {
    pub(super) fn is_writing(&self) -> bool {
        self.note.stage == Stage::Writing
    }

    /// Whether a call of that engine writes; the lane is of all that have the file open.
    pub(super) fn is_writing_for(&self, engine: u64) -> bool {
        self.note.engine == engine && self.is_writing()
    }
}

/// How many connections the databases of this process are using at this moment, in
/// guards and annotated calls; idle ones don't count.
///
/// ```
/// let db = db_core::Database::open_in_memory()?;
/// let before = db_core::active_connections();
/// let reader = db.reader()?;
/// assert_eq!(db_core::active_connections(), before + 1);
/// drop(reader);
/// assert_eq!(db_core::active_connections(), before);
/// # Ok::<_, db_core::Error>(())
/// ```
#[must_use]
pub fn active_connections() -> usize {
    engines().iter().map(|engine| engine.in_use()).sum()
}

/// Which processes have locks of SQLite's on the file at `path` at this moment: as
/// [`Database::lock_holders`](crate::Database::lock_holders), of a file that need not be open
/// here, and is not opened for it. Of a file that is not there nobody has a lock.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.db");
/// # let db = db_core::Database::open(&path)?;
/// let writer = db.writer()?;
/// let holders = db_core::lock_holders(&path);
/// println!("{holders}");
/// if holders.is_told {
///     assert!(holders.writers[0].is_this);
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn lock_holders(path: impl AsRef<Path>) -> LockHolders {
    let path = path.as_ref();
    // Who writes in this process is known to whoever has it open here.
    if let Ok(file) = FileId::of(path)
        && let Some(engine) = engines().iter().find(|engine| engine.identity == file)
    {
        return engine.lock_holders();
    }
    let mut holders = locks::of_database(path);
    for LockHolder { process, .. } in &mut holders.writers {
        process.writer = gate::note_beside(path, process.id);
    }
    holders
}

/// Those of this process, and not of the one that it was forked from.
fn engines() -> Vec<Arc<Engine>> {
    let all = ENGINES.lock();
    all.iter().filter_map(Weak::upgrade).filter(|engine| !engine.forked()).collect()
}

//! One sync for several processes: a third file beside the database, in which whoever
//! syncs writes down the number of his sync, when it begins and when it has ended.
//!
//! Who has committed reads the number of the newest sync that has begun. If later one of a
//! higher number has ended, it began after the commit, and nothing is left to do. Nobody
//! depends on anybody: who sees no such sync within about the time that one takes does one
//! himself, so a stopped process holds nobody up, and so does whoever can't use the file.
//! Its lock keeps two from being at it at once, and the kernel frees it with its process.
//!
//! A sync that failed is written down too. The kernel tells of it once for each open file
//! and forgets what it could not write, so whoever syncs later would be told that all is
//! well. The mark stays until the WAL's content has gone elsewhere.
//!
//! A record is believed only if it is whole, and of the same WAL.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Synced;
use crate::sidecar::{self, Use};

/// Up to this long a sync is waited for awake: a thread that sleeps wakes later than that.
const AWAKE: Duration = Duration::from_millis(1);

/// After a sync that took longer than this the next ones are not waited for that long.
const LONGEST: Duration = Duration::from_millis(20);

/// The syncs of a WAL in all processes.
#[derive(Debug)]
pub(crate) struct Between {
    file: File,
    /// The WAL's number in its file system.
    wal: u64,
    /// How long the last sync of this process took, in nanoseconds, up to the longest.
    took: AtomicU64,
    /// The last sync that was waited for in vain.
    vain: AtomicU64,
}

/// A number, of which WAL, and both again the other way round: it may be read while it is
/// written.
type Record = [u64; 4];

/// The places of the records, in the order of the file.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
enum Place {
    Begun,
    Ended,
    Failed,
}

impl Between {
    /// Opens the file beside the database, and makes it if it is not there.
    pub(crate) fn open(database: &Path, wal: u64) -> io::Result<Self> {
        let file = sidecar::open(database, "-sync", Use::Write)?;
        let (took, vain) = (AtomicU64::new(100_000), AtomicU64::new(0));
        Ok(Self { file, wal, took, vain })
    }

    /// Returns once a sync has ended well that began after this was called: another
    /// process's, or this one, `sync`.
    pub(crate) fn sync(&self, sync: impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        // Nobody has synced this WAL yet, or somebody is just writing that down.
        let Some(newest) = self.read(Place::Begun) else {
            return match self.try_lock() {
                Some(_lock) => self.numbered(&sync),
                None => self.sync_alone(&sync),
            };
        };
        let asked = Instant::now();
        let took = Duration::from_nanos(self.took.load(Ordering::Relaxed));
        loop {
            let lock = self.try_lock();
            if self.ended_after(newest) {
                self.refuse_failed()?;
                return Ok(Synced::Elsewhere);
            }
            if let Some(_lock) = lock {
                return self.numbered(&sync);
            }
            let vain = self.vain.load(Ordering::Relaxed) == newest;
            // The one under way, and the next.
            if vain || asked.elapsed() > 3 * took {
                self.vain.store(newest, Ordering::Relaxed);
                return self.sync_alone(&sync);
            }
            match took < AWAKE {
                true => thread::yield_now(),
                false => thread::sleep(took.min(LONGEST) / 16),
            }
        }
    }

    /// Syncs, for whoever has the lock.
    fn numbered(&self, sync: &impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        let last = [Place::Begun, Place::Ended].map(|place| self.record(place));
        let last = last.into_iter().flatten().map(|(number, _)| number).max();
        let number = last.unwrap_or(0).wrapping_add(1);
        self.write(Place::Begun, number);
        let synced = self.sync_alone(sync)?;
        self.write(Place::Ended, number);
        Ok(synced)
    }

    /// Syncs without a word to others, but of failure.
    pub(crate) fn sync_alone(&self, sync: &impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        let begun = Instant::now();
        if let Err(error) = sync() {
            self.write(Place::Failed, 1);
            return Err(error);
        }
        let took = begun.elapsed().min(LONGEST).as_nanos();
        let took = u64::try_from(took).unwrap_or(u64::MAX);
        self.took.store(took, Ordering::Relaxed);
        self.refuse_failed()?;
        Ok(Synced::Here)
    }

    /// Whether a sync of this WAL has failed, in whatever process, and what it was to
    /// bring to the disk has not gone elsewhere since.
    pub(crate) fn has_failed(&self) -> bool {
        self.read(Place::Failed).is_some_and(|failed| failed != 0)
    }

    /// Takes the mark away, by whoever has seen to it that nothing depends on the WAL.
    pub(crate) fn forget_failure(&self) {
        self.write(Place::Failed, 0);
    }

    fn refuse_failed(&self) -> io::Result<()> {
        match self.has_failed() {
            true => Err(io::Error::other("a sync of another process or connection failed")),
            false => Ok(()),
        }
    }

    fn try_lock(&self) -> Option<Unlocks<'_>> {
        let locked = sidecar::try_lock(&self.file).unwrap_or(false);
        locked.then_some(Unlocks(&self.file))
    }

    fn ended_after(&self, begun: u64) -> bool {
        self.read(Place::Ended).is_some_and(|ended| ended > begun)
    }

    /// The number that stands there, if it is of this WAL.
    fn read(&self, place: Place) -> Option<u64> {
        self.record(place).filter(|(_, wal)| *wal == self.wal).map(|(number, _)| number)
    }

    /// The number that stands there, and its WAL.
    fn record(&self, place: Place) -> Option<(u64, u64)> {
        let mut bytes = [0; size_of::<Record>()];
        let read = sidecar::read_at(&self.file, &mut bytes, place.offset()).ok()?;
        let (words, _) = bytes.as_chunks();
        let mut words = words.iter().map(|word| u64::from_ne_bytes(*word));
        let mut word = || words.next().unwrap_or_default();
        let (number, wal, same_number, same_wal) = (word(), word(), !word(), !word());
        let whole = read == bytes.len() && number == same_number && wal == same_wal;
        whole.then_some((number, wal))
    }

    /// What can't be written is not told to others; they do more than they need to.
    fn write(&self, place: Place, number: u64) {
        let record: Record = [number, self.wal, !number, !self.wal];
        let mut bytes = [0; size_of::<Record>()];
        for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(record) {
            *to = word.to_ne_bytes();
        }
        let _ = sidecar::write_at(&self.file, &bytes, place.offset());
    }
}

impl Place {
    fn offset(self) -> u64 {
        self as u64 * size_of::<Record>() as u64
    }
}

struct Unlocks<'a>(&'a File);

impl Drop for Unlocks<'_> {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests;

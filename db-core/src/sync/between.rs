//! One sync for several processes: a third file beside the database, in which whoever
//! syncs writes down the number of his sync, when it begins and when it has ended.
//!
//! Who has committed reads the number of the newest sync that has begun. If later one of a
//! higher number has ended, it began after the commit, and nothing is left to do. Nobody
//! waits for anybody: who sees no such sync within about the time that one takes does one
//! himself, so a stopped process holds nobody up. The file's lock keeps two from being at
//! it at once, and the kernel frees it with its process.
//!
//! A number in the file is believed only if it is whole, and of the same WAL.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::sidecar;

use super::Synced;

/// Up to this long a sync is waited for awake: a thread that sleeps wakes later than that.
const AWAKE: Duration = Duration::from_millis(1);

/// The syncs of a WAL in all processes.
#[derive(Debug)]
pub(crate) struct Between {
    file: File,
    /// The WAL's number in its file system.
    wal: u64,
    /// How long the last sync of this process took, in nanoseconds.
    took: AtomicU64,
}

/// A number, of which WAL, and both again the other way round: it may be read while it is
/// written.
type Record = [u64; 4];

const BEGUN: u64 = 0;
const ENDED: u64 = size_of::<Record>() as u64;

impl Between {
    /// Opens the file beside the database, and makes it if it is not there.
    pub(crate) fn open(database: &Path, wal: u64) -> io::Result<Self> {
        let file = sidecar::open(database, "-sync")?;
        Ok(Self { file, wal, took: AtomicU64::new(100_000) })
    }

    /// Returns once a sync has ended that began after this was called: another process's,
    /// or this one, `sync`.
    pub(crate) fn sync(&self, sync: impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        let Some(newest) = self.read(BEGUN)? else {
            // Nobody has synced this WAL yet, or somebody is just writing that down.
            return self.alone(&sync);
        };
        let asked = Instant::now();
        let took = Duration::from_nanos(self.took.load(Ordering::Relaxed));
        loop {
            let unlocks = sidecar::try_lock(&self.file)?.then_some(Unlocks(&self.file));
            if self.ended_after(newest)? {
                return Ok(Synced::Elsewhere);
            }
            if let Some(_unlocks) = unlocks {
                return self.numbered(&sync);
            }
            // The one under way, and the next.
            if asked.elapsed() > 3 * took {
                return self.alone(&sync);
            }
            match took < AWAKE {
                true => thread::yield_now(),
                false => thread::sleep(took / 16),
            }
        }
    }

    fn alone(&self, sync: &impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        if sidecar::try_lock(&self.file)? {
            let _unlocks = Unlocks(&self.file);
            self.numbered(sync)
        } else {
            sync().map(|()| Synced::Here)
        }
    }

    /// Syncs, for whoever has the lock.
    fn numbered(&self, sync: &impl Fn() -> io::Result<()>) -> io::Result<Synced> {
        let begun = Instant::now();
        let last = match self.record(BEGUN)? {
            Some((number, _)) => number,
            None => self.record(ENDED)?.map_or(0, |(number, _)| number),
        };
        let number = last + 1;
        self.write(BEGUN, number)?;
        sync()?;
        let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.took.store(took, Ordering::Relaxed);
        // It is done; that others can't be told is their loss.
        let _ = self.write(ENDED, number);
        Ok(Synced::Here)
    }

    fn ended_after(&self, begun: u64) -> io::Result<bool> {
        Ok(self.read(ENDED)?.is_some_and(|ended| ended > begun))
    }

    /// The number that stands there, if it is of this WAL.
    fn read(&self, place: u64) -> io::Result<Option<u64>> {
        Ok(self.record(place)?.filter(|(_, wal)| *wal == self.wal).map(|(number, _)| number))
    }

    /// The number that stands there, and its WAL.
    fn record(&self, place: u64) -> io::Result<Option<(u64, u64)>> {
        let mut bytes = [0; size_of::<Record>()];
        if sidecar::read_at(&self.file, &mut bytes, place)? < bytes.len() {
            return Ok(None);
        }
        let (words, _) = bytes.as_chunks();
        let mut words = words.iter().map(|word| u64::from_ne_bytes(*word));
        let mut word = || words.next().unwrap_or_default();
        let (number, wal, same_number, same_wal) = (word(), word(), !word(), !word());
        Ok((number == same_number && wal == same_wal).then_some((number, wal)))
    }

    fn write(&self, place: u64, number: u64) -> io::Result<()> {
        let record: Record = [number, self.wal, !number, !self.wal];
        let mut bytes = [0; size_of::<Record>()];
        for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(record) {
            *to = word.to_ne_bytes();
        }
        sidecar::write_at(&self.file, &bytes, place)
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

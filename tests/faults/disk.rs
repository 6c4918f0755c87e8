//! How long the disk itself stood still. Others may use it, and a sync that waits for
//! them stops a process as a lock would; it is no fault of who syncs.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{ms, now};

/// Syncs a file of its own over and over, and notes when that took long.
pub(crate) struct Disk {
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Stall>>>,
}

/// From when to when a sync took.
pub(crate) type Stall = (Duration, Duration);

/// What a sync may take while others sync as well.
const USUAL: Duration = ms(10);

impl Disk {
    pub(crate) fn watch(folder: &Path) -> Self {
        let mut file = File::create(folder.join("disk")).unwrap();
        let end = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&end);
        let thread = thread::spawn(move || {
            let mut stalls = Vec::new();
            while !ends.load(SeqCst) {
                let from = now();
                // It grows, as a WAL does: that needs the file system's journal as well.
                file.write_all(&[0; 4096]).unwrap();
                file.sync_data().unwrap();
                let to = now();
                if to.saturating_sub(from) > USUAL {
                    stalls.push((from, to));
                }
                thread::sleep(ms(5));
            }
            stalls
        });
        Self { end, thread: Some(thread) }
    }

    pub(crate) fn stalls(mut self) -> Vec<Stall> {
        self.end.store(true, SeqCst);
        self.thread.take().map_or_else(Vec::new, |thread| thread.join().unwrap())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.end.store(true, SeqCst);
    }
}

/// The part of `from..to` in which the disk did not stand still.
pub(crate) fn moving(stalls: &[Stall], from: Duration, to: Duration) -> Duration {
    let still = |&(start, end): &Stall| end.min(to).saturating_sub(start.max(from));
    to.saturating_sub(from).saturating_sub(stalls.iter().map(still).sum())
}

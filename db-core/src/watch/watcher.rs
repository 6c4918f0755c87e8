//! The thread that looks after what is open: one a process, asleep while nothing is.
//!
//! It looks every [`TICK`], or more often where a time limit asks for it. Whoever opens
//! something wakes it if it is asleep, which costs the others one load of an atomic.
//!
//! Invariant: it never sleeps for good while something is open. It says that it sleeps, and
//! then looks once more, under the locks that whoever opens something takes; so either it
//! sees that, or that one sees that it sleeps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::process;

/// How often it looks.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// How often it must have found nothing open before it sleeps until it is woken.
const IDLE: u32 = 10;

/// Something to be said: run when no lock is held, as what hears it is the program's.
pub(crate) type Say = Box<dyn FnOnce() + Send>;

/// What it looks after.
pub(crate) trait Watched: Send + Sync {
    /// Looks; whether anything is open.
    fn look(&self, now: Instant, say: &mut Vec<Say>) -> bool;

    /// How often it is to be looked at.
    fn tick(&self) -> Duration;
}

/// The watcher of this process.
pub(crate) struct Watcher {
    asleep: AtomicBool,
    thread: Mutex<Option<Thread>>,
    watched: Mutex<Vec<Arc<dyn Watched>>>,
}

/// It, and the process that it is of: a fork leaves its thread behind.
static WATCHER: Mutex<Option<(u32, Arc<Watcher>)>> = Mutex::new(None);

impl Watcher {
    /// Begins to look after `watched`.
    pub(crate) fn watch(watched: Arc<dyn Watched>) -> Arc<Self> {
        let mut current = WATCHER.lock();
        let id = process::id();
        let watcher = match &*current {
            Some((of, watcher)) if *of == id => Arc::clone(watcher),
            _ => {
                let watcher = Arc::new(Self {
                    asleep: AtomicBool::new(false),
                    thread: Mutex::new(None),
                    watched: Mutex::new(Vec::new()),
                });
                // What a fork has left belongs to the other process: its locks too, which
                // must not be let go here.
                std::mem::forget(current.replace((id, Arc::clone(&watcher))));
                watcher
            }
        };
        watcher.watched.lock().push(watched);
        watcher.start();
        // It may be asked to look more often than before.
        watcher.asleep.store(true, Ordering::Relaxed);
        watcher.wake();
        watcher
    }

    fn start(self: &Arc<Self>) {
        let mut thread = self.thread.lock();
        if thread.is_none() {
            let this = Arc::clone(self);
            let started =
                thread::Builder::new().name("db-core watch".into()).spawn(move || this.run());
            // Where no thread can be had nothing is looked after, and all else works.
            *thread = started.ok().map(|started| started.thread().clone());
        }
    }

    /// No longer looks after `watched`, which nobody refers to any more when this returns
    /// but the caller.
    pub(crate) fn forget(&self, watched: &Arc<dyn Watched>) {
        let mut all = self.watched.lock();
        all.retain(|other| !Arc::ptr_eq(other, watched));
        if all.is_empty() {
            drop(all);
            self.asleep.store(true, Ordering::Relaxed);
            self.wake();
        }
    }

    /// To be called by whoever has opened something, after the lock under which that can be
    /// seen.
    #[inline]
    pub(crate) fn opened(&self) {
        if self.asleep.load(Ordering::Relaxed) {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        if self.asleep.swap(false, Ordering::AcqRel)
            && let Some(thread) = &*self.thread.lock()
        {
            thread.unpark();
        }
    }

    fn run(&self) {
        let mut idle = 0;
        loop {
            let (open, tick) = self.look();
            idle = if open { 0 } else { idle + 1 };
            if idle < IDLE {
                thread::park_timeout(tick);
                continue;
            }
            if self.ends() {
                return;
            }
            self.asleep.store(true, Ordering::Release);
            if self.look().0 {
                self.asleep.store(false, Ordering::Release);
                idle = 0;
                continue;
            }
            while self.asleep.load(Ordering::Acquire) {
                thread::park();
            }
            idle = 0;
        }
    }

    /// Whether there is nothing to look after. Whoever comes then starts another thread.
    fn ends(&self) -> bool {
        let mut thread = self.thread.lock();
        let none = self.watched.lock().is_empty();
        if none {
            *thread = None;
        }
        none
    }

    fn look(&self) -> (bool, Duration) {
        let (mut say, mut open, mut tick) = (Vec::new(), false, TICK);
        for watched in &*self.watched.lock() {
            open |= watched.look(Instant::now(), &mut say);
            tick = tick.min(watched.tick());
        }
        if !say.is_empty() {
            tell(say);
        }
        (open, tick)
    }
}

/// Tells the program, on a thread of its own: what it does when it hears something may take
/// long, and limits are to be looked after meanwhile.
fn tell(say: Vec<Say>) {
    let all = Arc::new(Mutex::new(say));
    let tell_all = |all: &Mutex<Vec<Say>>| {
        for say in std::mem::take(&mut *all.lock()) {
            // A program whose listener panics still hears the next.
            let _ = catch_unwind(AssertUnwindSafe(say));
        }
    };
    let theirs = Arc::clone(&all);
    let thread = thread::Builder::new().name("db-core warns".into());
    if thread.spawn(move || tell_all(&theirs)).is_err() {
        tell_all(&all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[derive(Default)]
    struct Door {
        open: Mutex<bool>,
        looks: AtomicU32,
    }

    impl Watched for Door {
        fn look(&self, _now: Instant, _say: &mut Vec<Say>) -> bool {
            self.looks.fetch_add(1, Ordering::Relaxed);
            *self.open.lock()
        }

        fn tick(&self) -> Duration {
            Duration::from_micros(50)
        }
    }

    fn wait_until(holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_mins(1));
            thread::yield_now();
        }
    }

    /// One test, as the watcher is the process's and others would keep it awake.
    #[test]
    fn it_sleeps_while_nothing_is_open_and_looks_while_something_is() {
        let watcher = Arc::new(Watcher {
            asleep: AtomicBool::new(false),
            thread: Mutex::new(None),
            watched: Mutex::new(Vec::new()),
        });
        let door = Arc::new(Door::default());
        watcher.watched.lock().push(Arc::clone(&door) as Arc<dyn Watched>);
        watcher.start();
        for _ in 0..20 {
            wait_until(|| watcher.asleep.load(Ordering::Acquire));
            *door.open.lock() = true;
            watcher.opened();
            let before = door.looks.load(Ordering::Relaxed);
            wait_until(|| door.looks.load(Ordering::Relaxed) > before + IDLE * 2);
            assert!(!watcher.asleep.load(Ordering::Acquire), "asleep over an open door");
            *door.open.lock() = false;
        }
        watcher.forget(&(Arc::clone(&door) as Arc<dyn Watched>));
        assert_eq!(Arc::strong_count(&door), 1);
        wait_until(|| watcher.thread.lock().is_none());
    }
}

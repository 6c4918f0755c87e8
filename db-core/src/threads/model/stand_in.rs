//! Stand-ins for the contents of `threads`, over the primitives of a checker.

use std::cell::Cell;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, LazyLock, LockResult, PoisonError};
use std::time::{Duration, Instant};

use super::prim::{self, Condvar, MutexGuard};
pub(crate) use super::prim::{AtomicBool, AtomicU8, AtomicU64, Ordering};

pub(crate) struct Mutex<T>(prim::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(prim::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        ignore_poison(self.0.lock())
    }
}

/// The checker's threads are one thread of the system: if one of them unwinds, the
/// others' guards believe that they do.
fn ignore_poison<T>(locked: LockResult<T>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

/// A thread that can be woken. The token is kept by a mutex, so that each wake and
/// each look at it is a point at which the checker may switch.
#[derive(Clone)]
pub(crate) struct Thread(Arc<Parker>);

struct Parker {
    token: Mutex<bool>,
    given: Condvar,
    /// How often it was woken; not seen by the checker.
    woken: AtomicU32,
}

prim::thread_local! {
    static PARKER: Thread = Thread(Arc::new(Parker {
        token: Mutex::new(false),
        given: Condvar::new(),
        woken: AtomicU32::new(0),
    }));
}

impl Thread {
    pub(crate) fn unpark(&self) {
        self.0.woken.fetch_add(1, Ordering::Relaxed);
        *self.0.token.lock() = true;
        self.0.given.notify_one();
    }

    pub(crate) fn woken(&self) -> u32 {
        self.0.woken.load(Ordering::Relaxed)
    }
}

pub(crate) fn current() -> Thread {
    PARKER.with(Clone::clone)
}

/// Ends by a wake only.
pub(crate) fn park() {
    let Thread(parker) = current();
    let mut token = parker.token.lock();
    while !*token {
        token = ignore_poison(parker.given.wait(token));
    }
    *token = false;
}

/// Ends by a wake, or by its time: the thread stays ready to run, and if it runs
/// before it was woken, its time is over. So the checker's choice of when to run it
/// is the choice of what ends the sleep, and no schedule sleeps for ever in here.
pub(crate) fn park_timeout(time: Duration) {
    let Thread(parker) = current();
    let woken = std::mem::take(&mut *parker.token.lock());
    if !woken && !time.is_zero() {
        pass(time + LATE.get());
    }
}

/// Lets the others go on first: whoever sleeps so looks again and again until one of them
/// has.
pub(crate) fn sleep(time: Duration) {
    prim::yield_now();
    pass(time);
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

prim::lazy_static! {
    /// Microseconds since the start of the schedule.
    static ref CLOCK: AtomicU64 = AtomicU64::new(0);
}

thread_local! {
    /// How late every sleep ends; the same for all of a schedule, whose threads are
    /// one thread of the system.
    static LATE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Begins a schedule, before any of its threads.
pub(crate) fn begin(late: Duration) {
    LATE.set(late);
    now();
}

pub(crate) fn now() -> Instant {
    *START + pass(prim::hiccup())
}

/// Lets time go by; returns what has gone by in all. Reads the newest time always,
/// and orders nothing else between the threads.
pub(crate) fn pass(time: Duration) -> Duration {
    let time = u64::try_from(time.as_micros()).unwrap();
    Duration::from_micros(CLOCK.fetch_add(time, Ordering::Relaxed) + time)
}

/// A moment awake, long enough for two to end the longest wait awake.
pub(crate) fn spin() {
    pass(Duration::from_micros(130));
}

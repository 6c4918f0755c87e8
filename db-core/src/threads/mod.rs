//! What the lane and the shared sync stand on: a mutex, atomics, sleeping threads and a
//! clock.
//!
//! They reach for nothing else that threads share, so that `model` can put its own in
//! this place and explore what the scheduler and the clock may do.

#[cfg(test)]
pub(crate) mod model;

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
pub(crate) use std::thread::{Thread, current, park, park_timeout, sleep};
use std::time::Instant;

pub(crate) use parking_lot::Mutex;

#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A short moment awake.
#[inline]
pub(crate) fn spin() {
    std::thread::yield_now();
}

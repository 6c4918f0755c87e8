//! What the lane stands on: a mutex, a flag, sleeping threads and a clock.
//!
//! `queue` reaches for nothing else that threads share, so that the models can put
//! their own in this place and explore what the scheduler and the clock may do.

pub(super) use std::sync::atomic::{AtomicBool, Ordering};
pub(super) use std::thread::{Thread, current, park, park_timeout};
use std::time::Instant;

pub(super) use parking_lot::Mutex;

#[inline]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// A short moment awake.
#[inline]
pub(super) fn spin() {
    std::thread::yield_now();
}

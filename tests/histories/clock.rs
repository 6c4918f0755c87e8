//! The clock that all processes have in common. It can be set while they work, and then
//! says nothing of order.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// In nanoseconds.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(now.as_nanos()).unwrap()
}

/// Compares it with the one of this process that nobody can set.
pub(crate) struct Clock {
    began: Instant,
    ahead: i128,
}

impl Clock {
    /// What reading two clocks one after the other may add, between them.
    const NOISE: i128 = Duration::from_micros(100).as_nanos() as i128;

    pub(crate) fn start() -> Self {
        let began = Instant::now();
        Self { began, ahead: ahead_of(began) }
    }

    pub(crate) fn was_set(&self) -> bool {
        (ahead_of(self.began) - self.ahead).abs() > Self::NOISE
    }
}

/// By how much the common clock is ahead. Of many looks the quickest, which nothing came
/// between.
fn ahead_of(began: Instant) -> i128 {
    let looks = (0..100).map(|_| {
        let before = began.elapsed();
        let common = now();
        let took = began.elapsed() - before;
        (took, i128::from(common) - before.as_nanos() as i128)
    });
    looks.min().unwrap().1
}

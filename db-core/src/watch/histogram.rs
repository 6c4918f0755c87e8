//! Counts of what varies over many orders of magnitude, in little room: exact up to 16, then
//! sixteen steps for each doubling, so that a percentile is off by a sixteenth at most.

use std::sync::atomic::{AtomicU64, Ordering};

const STEPS: usize = 16;
/// Up to 2^40: as microseconds twelve days.
const DOUBLINGS: usize = 36;
const BUCKETS: usize = STEPS * (DOUBLINGS + 1);

/// Written from any thread, one addition a value.
pub(crate) struct Histogram {
    buckets: Box<[AtomicU64; BUCKETS]>,
    worst: AtomicU64,
}

/// What a histogram told at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) count: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    pub(crate) worst: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: Box::new([const { AtomicU64::new(0) }; BUCKETS]), worst: AtomicU64::new(0) }
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.summary().fmt(f)
    }
}

impl Histogram {
    pub(crate) fn add(&self, value: u64) {
        self.buckets[bucket(value)].fetch_add(1, Ordering::Relaxed);
        // Read first: it seldom grows.
        if self.worst.load(Ordering::Relaxed) < value {
            self.worst.fetch_max(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn summary(&self) -> Summary {
        let counts: Vec<_> =
            self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let count = counts.iter().sum::<u64>();
        let worst = self.worst.load(Ordering::Relaxed);
        let at = |percent: u64| {
            // The smallest value that so many are not above of.
            let wanted = (count * percent).div_ceil(100);
            let mut seen = 0;
            let reaches = |seen: &mut u64, n: u64| {
                *seen += n;
                *seen >= wanted
            };
            let found = counts.iter().position(|n| reaches(&mut seen, *n));
            found.map_or(0, |bucket| highest(bucket).min(worst))
        };
        if count == 0 {
            return Summary::default();
        }
        Summary { count, p50: at(50), p99: at(99), worst }
    }
}

fn bucket(value: u64) -> usize {
    let steps = STEPS as u64;
    if value < steps {
        return usize::try_from(value).unwrap_or(0);
    }
    let doubling = value.ilog2() - steps.ilog2();
    let step = (value >> doubling) - steps;
    let at = (u64::from(doubling) + 1) * steps + step;
    usize::try_from(at).map_or(BUCKETS - 1, |at| at.min(BUCKETS - 1))
}

/// The highest value of a bucket.
fn highest(bucket: usize) -> u64 {
    let (doubling, step) = (bucket / STEPS, (bucket % STEPS) as u64);
    match doubling {
        0 => step,
        _ => ((STEPS as u64 + step + 1) << (doubling - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_all_zero() {
        assert_eq!(Histogram::default().summary(), Summary::default());
    }

    #[test]
    fn small_values_are_exact() {
        let histogram = Histogram::default();
        for value in [1, 2, 2, 2, 3, 3, 9, 9, 9, 15] {
            histogram.add(value);
        }
        assert_eq!(histogram.summary(), Summary { count: 10, p50: 3, p99: 15, worst: 15 });
    }

    proptest! {
        #[test]
        fn percentiles_are_a_sixteenth_off_at_most(
            mut values in prop::collection::vec(0u64..1 << 39, 1..300),
        ) {
            let histogram = Histogram::default();
            values.iter().for_each(|value| histogram.add(*value));
            values.sort_unstable();
            let summary = histogram.summary();
            for (percent, told) in [(50, summary.p50), (99, summary.p99)] {
                let exact = values[(values.len() * percent).div_ceil(100) - 1];
                prop_assert!(told >= exact && told - exact <= exact / 16, "{told} for {exact}");
            }
            prop_assert_eq!(summary.count, values.len() as u64);
            prop_assert_eq!(summary.worst, *values.last().unwrap());
        }

        #[test]
        fn every_value_has_its_bucket(value: u64) {
            let bucket = bucket(value);
            prop_assert!(bucket < BUCKETS);
            if value < 1 << 39 {
                prop_assert!(highest(bucket) >= value);
                prop_assert!(bucket == 0 || highest(bucket - 1) < value);
            }
        }
    }
}

//! What the slices of one contender come to.

use super::Slice;

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The slices of one contender.
#[derive(Default)]
pub struct Measured {
    rate: Vec<f64>,
    p999: Vec<f64>,
    jain: Vec<f64>,
    hold: Vec<f64>,
    worst: f64,
    starved: usize,
}

impl Measured {
    pub fn add(&mut self, slice: &Slice) {
        self.rate.push(slice.rate());
        self.p999.push(slice.p999().as_secs_f64());
        self.jain.push(slice.jain());
        self.hold.push(slice.median_hold().as_secs_f64());
        self.worst = self.worst.max(slice.worst().as_secs_f64());
        self.starved += slice.starved();
    }

    /// A slice that is no part of the medians, but may have the longest wait.
    pub fn add_long(&mut self, slice: &Slice) {
        self.worst = self.worst.max(slice.worst().as_secs_f64());
    }

    /// Transactions a second.
    pub fn rate(&self) -> f64 {
        median(self.rate.clone())
    }

    /// The wait in seconds that one in a thousand exceeds.
    pub fn p999(&self) -> f64 {
        median(self.p999.clone())
    }

    pub fn jain(&self) -> f64 {
        median(self.jain.clone())
    }

    /// Half of the transactions took no longer, in seconds.
    pub fn hold(&self) -> f64 {
        median(self.hold.clone())
    }

    /// The longest wait of all, in seconds.
    pub fn worst(&self) -> f64 {
        self.worst
    }

    /// How often a worker had no turn in a whole slice.
    pub fn starved(&self) -> usize {
        self.starved
    }
}

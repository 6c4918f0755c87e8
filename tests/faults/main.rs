//! Real processes that write to one file while others are killed, stopped or held up by
//! a program that knows nothing of db-core. Guards **all-or-nothing**, **no-poison** and
//! **bounded-wait** where only another process can break them.
//!
//! The processes are this test binary run again. `DB_CORE_TEST_FAULT_SECONDS` sets how
//! long the killing goes on.
#![cfg(unix)]

mod clerk;
#[path = "../common/mod.rs"]
mod common;
mod crew;
mod disk;
mod killed;
mod ledger;
mod stopped;

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use db_core::{Options, Synchronous};

/// What is synced in these tests. A killed process loses nothing in any mode, but each
/// mode has other points at which it can be killed.
const SYNCHRONOUS: Synchronous = Synchronous::Shared;

fn options() -> Options {
    Options::new().synchronous(SYNCHRONOUS)
}

/// How long processes are killed.
fn duration() -> Duration {
    const SECONDS: u64 = 20;
    let asked = env::var("DB_CORE_TEST_FAULT_SECONDS").ok();
    Duration::from_secs(asked.map_or(SECONDS, |seconds| seconds.parse().unwrap()))
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The time of the clock that all processes have in common.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// Chance that falls the same way in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.below(1000) as f64 / 1000.0)
    }
}

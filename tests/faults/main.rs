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

use common::Dice;
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

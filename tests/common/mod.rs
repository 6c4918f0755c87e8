//! What the test files share: a database to work on ([`TestDb`]), signals between
//! threads, a process that knows nothing of db-core and holds a lock
//! ([`ForeignLock`]), and lock errors as SQLite makes them ([`busy`], [`locked`]).
//!
//! A file says `mod common;` at its root and uses what it needs. Order comes from
//! signals; nothing here sleeps to let something else happen first.
#![allow(dead_code, unused_imports, reason = "each file uses its part")]

mod db;
mod dice;
mod foreign;
mod locks;
mod signals;

pub use db::{TestDb, assert_whole, make_file, names};
pub use dice::Dice;
pub use foreign::{Foreign, ForeignLock, Lock, Process};
pub use locks::{Runs, busy, locked};
pub use signals::{PATIENCE, received, wait_until};

use std::time::Duration;

use db_core::RetryPolicy;

/// A policy whose delays don't slow a test down.
pub fn quick(max_attempts: u32) -> RetryPolicy {
    RetryPolicy::attempts(max_attempts)
        .base_delay(Duration::from_millis(1))
        .max_delay(Duration::from_millis(2))
}

/// The text with every duration (`12 s`, `1.5 s`, `250 ms`, `80 us`) written as
/// `<time>`, so that a whole message can be compared.
pub fn without_times(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let unit = words.get(at + 1).and_then(|next| {
            let unit = ["ms", "us", "s"];
            unit.into_iter().find_map(|unit| next.strip_prefix(unit))
        });
        match unit {
            Some(rest) if word.parse::<f64>().is_ok() && !rest.starts_with(char::is_alphabetic) => {
                out.push(format!("<time>{rest}"));
                at += 2;
            }
            _ => {
                out.push((*word).to_owned());
                at += 1;
            }
        }
    }
    out.join(" ")
}

#[test]
fn durations_are_blanked_out() {
    assert_eq!(
        without_times("after 12 s: held for 1.5 s by 3 sheep, gave up after 2 attempts and 80 us"),
        "after <time>: held for <time> by 3 sheep, gave up after 2 attempts and <time>"
    );
}

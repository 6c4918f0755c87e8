//! What the test files share: a database to work on ([`TestDb`]), signals between
//! threads, a process that knows nothing of db-core and holds a lock
//! ([`ForeignLock`]), lock errors as SQLite makes them ([`busy`], [`locked`]), calls that wait
//! in a known order ([`queued`]), and a database whose calls fail on demand ([`Kit`]).
//!
//! A file says `mod common;` at its root and uses what it needs. Order comes from
//! signals; nothing here sleeps to let something else happen first.
#![allow(dead_code, unused_imports, reason = "each file uses its part")]

mod db;
mod dice;
mod foreign;
mod kit;
mod locks;
mod queue;
mod signals;

pub use db::{TestDb, assert_whole, make_file, names};
pub use dice::Dice;
pub use foreign::{Foreign, ForeignLock, Lock, Process};
pub use kit::Kit;
pub use locks::{Runs, busy, locked};
pub use queue::{Call, queued};
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
/// `<time>`, and without where the time went: which parts matter depends on the machine.
/// So a whole message can be compared.
pub fn without_times(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let unit = words.get(at + 1).and_then(|next| {
            let unit = ["ms", "us", "s"];
            unit.into_iter().find_map(|unit| next.strip_prefix(unit))
        });
        let number = word.trim_start_matches('(');
        let open = &word[..word.len() - number.len()];
        match unit {
            Some(rest)
                if number.parse::<f64>().is_ok() && !rest.starts_with(char::is_alphabetic) =>
            {
                out.push(format!("{open}<time>{rest}"));
                at += 2;
            }
            _ => {
                out.push((*word).to_owned());
                at += 1;
            }
        }
    }
    without_spent(out.join(" "))
}

/// Without ` (<time> behind other threads, <time> at work)`.
fn without_spent(mut text: String) -> String {
    const PARTS: [&str; 6] = [
        "behind other t",
        "behind other p",
        "for the lock",
        "for the disk",
        "in pauses",
        "at work",
    ];
    while let Some(start) = PARTS.iter().find_map(|part| text.find(&format!(" (<time> {part}"))) {
        let end = start + text[start..].find(')').unwrap() + 1;
        text.replace_range(start..end, "");
    }
    text
}

/// As [`without_times`], with moments written as `<clock>`, and other processes as
/// `process <id> (<program>)`, or `process <id>`: which program a foreign one is depends on the
/// machine.
pub fn without_processes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("process ") {
        out.push_str(before);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let program = after[digits..].strip_prefix(" (`").and_then(|rest| rest.split_once("`)"));
        match program {
            _ if digits == 0 => {
                out.push_str("process ");
                rest = after;
            }
            Some((_, behind)) => {
                out.push_str("process <id> (<program>)");
                rest = behind;
            }
            None => {
                out.push_str("process <id>");
                rest = &after[digits..];
            }
        }
    }
    out.push_str(rest);
    let clock = |word: &str| word.len() == 8 && word.split(':').count() == 3;
    let out = without_times(&out);
    let words = out.split(' ').map(|word| if clock(word) { "<clock>" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn durations_are_blanked_out() {
    assert_eq!(
        without_times("after 12 s: held for 1.5 s by 3 sheep, gave up after 2 attempts and 80 us"),
        "after <time>: held for <time> by 3 sheep, gave up after 2 attempts and <time>"
    );
    assert_eq!(
        without_times("after 12 s (11.9 s behind other threads, 85 ms at work): held (3 s)"),
        "after <time>: held (<time>)"
    );
    assert_eq!(
        without_processes("held by process 17 (`python3 x.py`), since 10:11:12 UTC (3 s); process"),
        "held by process <id> (<program>), since <clock> UTC (<time>); process"
    );
}

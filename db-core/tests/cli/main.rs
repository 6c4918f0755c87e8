//! The command `db-core`, as processes: on databases that are well, locked, damaged, cut short
//! and empty, and on what is no database.
//!
//! `run` starts it and checks what holds for every answer, `files` makes what it is called with.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod answers;
mod backups;
mod doctor;
mod files;
mod help;
mod kinds;
mod locked;
mod locks;
#[cfg(unix)]
mod permissions;
mod reading;
mod replaced;
mod restored;
mod run;
mod upkeep;

#[path = "../../../tests/common/foreign.rs"]
#[allow(dead_code, reason = "shared")]
mod foreign;
#[path = "../../../tests/common/signals.rs"]
#[allow(dead_code, reason = "shared")]
mod signals;

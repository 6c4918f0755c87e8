//! Serializable: what threads and processes that transfer and append at once have seen and
//! were told is what one after another would have, in an order that time allows. Guards
//! **all-or-nothing**, **one-snapshot** and **one-writer** together, also for calls that
//! share a transaction, and where some fail or are killed.
//!
//! Each worker writes down what it asks and what it is told ([`record`]); what is in the
//! file in the end gives the order, and [`check`] compares the two.
//!
//! `DB_CORE_TEST_HISTORY_SECONDS` sets how long each run takes, and
//! `DB_CORE_TEST_HISTORY_SEED` asks for other ones.
#![cfg(unix)]

mod bank;
mod check;
mod check_tests;
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod content;
mod crew;
mod lists;
mod operation;
mod record;
mod run;
mod worker;

use std::env;
use std::path::Path;
use std::time::Duration;

use db_core::{Database, Options, Synchronous};

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn duration() -> Duration {
    Duration::from_secs(setting("DB_CORE_TEST_HISTORY_SECONDS", 5))
}

fn seed() -> u64 {
    setting("DB_CORE_TEST_HISTORY_SEED", 1)
}

/// Nobody runs out of time, however busy the machine: an error would be a fault.
fn open(path: &Path, mode: Synchronous) -> db_core::Result<Database> {
    Options::new()
        .synchronous(mode)
        .writer_timeout(common::PATIENCE)
        .busy_timeout(common::PATIENCE)
        .migrations(&[operation::SCHEMA, bank::SCHEMA, lists::SCHEMA])
        .open(path)
}

#[test]
fn threads_that_share_syncs_are_serializable() {
    run::threads(Synchronous::Shared);
}

#[test]
fn threads_without_syncs_are_serializable() {
    run::threads(Synchronous::Normal);
}

#[test]
fn threads_that_sync_each_commit_are_serializable() {
    run::threads(Synchronous::Full);
}

#[test]
fn killed_processes_that_share_syncs_are_serializable() {
    run::processes(Synchronous::Shared);
}

#[test]
fn killed_processes_without_syncs_are_serializable() {
    run::processes(Synchronous::Normal);
}

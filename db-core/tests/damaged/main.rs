//! Databases whose bytes were flipped, overwritten or cut off: every command of `db-core`, and
//! `Database::open`, ends in time with an error or a correct answer, and what only reads or
//! fails changes no file.
//!
//! `shapes` makes the databases, `damage` spoils them, by a fixed seed. A failure names shape
//! and seed; with these in `DB_CORE_DAMAGED`, as in `wal:17`, only that one is run.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod commands;
mod corpus;
mod damage;
mod opening;
mod shapes;

#[path = "../cli/run.rs"]
#[allow(dead_code, reason = "shared")]
mod run;

//! The write lane: one holder at a time, the others queue.
//!
//! `queue` is the lane itself and knows no SQLite; `registry` finds the one lane of
//! a file, whatever path it was opened by.

mod queue;
mod registry;

pub(crate) use queue::{Held, Lane, TimedOut, Turn};
pub(crate) use registry::{FileId, Registry};

//! The write lane: one holder at a time, the others queue.
//!
//! `queue` is the lane itself and knows no SQLite; it stands on `threads` only.
//! `registry` finds the one lane of a file, whatever path it was opened by. `model`
//! compiles `queue` again over the stand-ins of model checkers.

#[cfg(test)]
mod model;
mod queue;
mod registry;
#[cfg(test)]
mod tests;

pub(crate) use queue::{Entered, Held, Lane, Seen, Taken, TimedOut, Turn};
pub(crate) use registry::Registry;

use crate::threads;

//! Who is at work: the open guards, what this thread is inside of, the counts, and the
//! thread that looks after what stays open.

mod bodies;
mod histogram;
mod record;
mod stats;
mod watcher;

pub(crate) use bodies::{Body, Frame, Inside};
pub(crate) use record::{Opener, moment, oldest_first};
pub(crate) use stats::Counters;
pub use stats::{GroupSizes, Stats, Waits};
pub(crate) use watcher::{Say, TICK, Watched, Watcher};

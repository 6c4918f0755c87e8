//! Who is at work: the open guards, what this thread is inside of, and the counts.

mod bodies;
mod counters;
mod record;

pub(crate) use bodies::{Body, Frame, Inside};
pub(crate) use counters::Counters;
pub use counters::Stats;
pub(crate) use record::{Opener, oldest_first};

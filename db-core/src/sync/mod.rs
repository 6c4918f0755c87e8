//! Commits on their way to the disk, and the syncs that they share.
//!
//! `shared` is one sync for many threads of this process, `between` one for several
//! processes. `model` compiles `shared` again over the stand-ins of model checkers.

mod between;
#[cfg(test)]
mod model;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use between::Between;
pub(crate) use shared::{NotSynced, SharedSync, Synced};

use crate::threads;

//! Running a body again after a lock error: how often, how soon, until when.
//!
//! Invariant: only a failure that the caller has classified as a lock error is
//! ever repeated, and an attempt never starts after the deadline.

mod attempts;
mod backoff;
mod deadline;
mod policy;

pub(crate) use attempts::{Exhausted, Pauses, Step, Times, run};
pub use backoff::{Backoff, exponential_backoff};
pub(crate) use deadline::Deadline;
pub use policy::RetryPolicy;

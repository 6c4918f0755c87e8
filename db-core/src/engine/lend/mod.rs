//! A waiting caller's call in the hands of another thread.
//!
//! `loan` is all of it, and small because it is `unsafe`; `model` compiles it again over
//! the stand-ins of a model checker, `tests` run it over threads, for sanitizers as well.

#![cfg_attr(
    test,
    expect(clippy::duplicate_mod, reason = "the very source is compiled over the checker")
)]

mod loan;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub(crate) use loan::Lent;
pub(super) use loan::lend;

use super::{Member, threads};

//! Decides whether an annotated function can be expanded, and as what.
//!
//! Nothing here emits code. What is wrong goes to the [`Diag`]; what is known
//! of the function goes on in any case, so that its callers do not fail too.

mod first;
mod options;
mod seen;
mod signature;
mod sql;

use crate::args::{Asked, Attr};
use crate::diag::{Diag, Hole};
use crate::item::Function;
pub(crate) use first::{First, Handle, Kind};
pub(crate) use seen::{REFUSED, Seen};
pub(crate) use signature::{is_shared_reference, plain_type};

/// What the attributes make of the function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    Read,
    Write,
    /// `#[retry_on_locked]` alone, over a connection of the caller's.
    Bare,
}

/// What is known of the function.
pub(crate) struct Checked {
    pub(crate) job: Job,
    /// Whether the body may run more than once.
    pub(crate) retried: bool,
    /// Whether the author said so. Missing only in a function with that mistake.
    pub(crate) declared: bool,
    /// Whether anybody can pass it a handle.
    pub(crate) is_called: bool,
    pub(crate) first: First,
    /// Handles besides the first, by their places.
    pub(crate) others: Vec<(usize, Hole)>,
    /// Set if the return type is not one that the runtime can work with.
    pub(crate) returns: Option<Hole>,
}

/// Looks at everything, so that every mistake is found at once.
pub(crate) fn check(asked: &Asked, function: &Function, diag: &Diag) -> Checked {
    if let Some(place) = asked.later(Attr::Reader, Attr::Writer) {
        let message =
            "a function is a reader or a writer: keep `#[writer]` if it writes, else `#[reader]`";
        diag.error(place, message);
    }
    let job = match (asked.has(Attr::Reader), asked.has(Attr::Writer)) {
        (false, false) => Job::Bare,
        (true, false) => Job::Read,
        (false, true) => Job::Write,
        // What the author meant shows in the parameter, if anywhere.
        (true, true) => match first::kind_of(&function.sig) {
            Some(Kind::Reader) => Job::Read,
            _ => Job::Write,
        },
    };
    let retried = asked.has(Attr::Retry);
    let sig = &function.sig;
    options::check(job, asked, sig, diag);
    signature::modifiers(sig, diag);
    let is_called = asked.options.db.is_some() || signature::called(job, function, diag);
    let first = first::check(job, retried, is_called, sig, diag);
    let others = first::others(&first, sig, diag);
    if retried {
        signature::repeatable(sig, &first, diag);
    }
    let returns = signature::returns(sig, &asked.runtime(), diag);
    sql::check(job, asked, function, &first, diag);
    Checked {
        job,
        retried,
        declared: asked.options.idempotent.is_some() || asked.options.tried("idempotent"),
        is_called,
        first,
        others,
        returns,
    }
}

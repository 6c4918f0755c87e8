//! Rules between options, and between options and the kind of function.

use std::time::Duration;

use super::Job;
use crate::args::{Asked, Attr};
use crate::diag::Diag;

/// That of the runtime's `RetryPolicy`.
const DEFAULT_MAX_DELAY: u128 = Duration::from_secs(5).as_nanos();

pub(super) fn check(job: Job, asked: &Asked, diag: &Diag) {
    let options = &asked.options;
    if let Some(retry) = asked.place(Attr::Retry)
        && options.idempotent.is_none()
        && !options.tried("idempotent")
    {
        match job {
            // A reader changes nothing, so repeating it never does harm.
            Job::Read => {}
            Job::Write => diag.error(
                retry,
                "a retry runs the body again: add `idempotent` if repeating what it does outside the database is harmless",
            ),
            Job::Bare => diag.error(
                retry,
                "a retry runs the body again, its SQL included: add `idempotent` if repeating all of it is harmless",
            ),
        }
    }
    if let Some(group) = &options.group {
        let message = "group commit is not available in this version: remove `group`";
        diag.error(&group.key, message);
    }
    if let (Some(base), Some(max)) = (&options.base_delay, &options.max_delay)
        && let (Some(least), Some(most)) = (base.value.literal(), max.value.literal())
        && least > most
    {
        let message = "`base_delay` is longer than `max_delay`: make it the shorter one";
        diag.error(&base.key, message);
    }
    if let (Some(base), None) = (&options.base_delay, &options.max_delay)
        && base.value.literal().is_some_and(|base| base > DEFAULT_MAX_DELAY)
    {
        let message = "`base_delay` is longer than `max_delay`, which is 5s: set `max_delay` too";
        diag.error(&base.key, message);
    }
}

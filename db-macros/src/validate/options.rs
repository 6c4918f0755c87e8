//! Rules between options, and between options and the kind of function.

use std::time::Duration;

use syn::{Expr, Lit, Signature};

use super::{Job, Kind, first};
use crate::args::{Asked, Attr, bare};
use crate::diag::Diag;

/// That of the runtime's `RetryPolicy`.
const DEFAULT_MAX_DELAY: u128 = Duration::from_secs(5).as_nanos();

pub(super) fn check(job: Job, asked: &Asked, sig: &Signature, diag: &Diag) {
    let options = &asked.options;
    if let Some(retry) = asked.place(Attr::Retry)
        && options.idempotent.is_none()
        && !options.tried("idempotent")
        && !is_or_may_be_reader(job, asked, sig)
    {
        let message = if job == Job::Write {
            "a retry runs the body again: add `idempotent` if repeating what it does outside the database is harmless"
        } else {
            "a retry runs the body again, its SQL included: add `idempotent` if repeating all of it is harmless"
        };
        diag.error(retry, message);
    }
    if let Some(db) = &options.db
        && let Expr::Lit(literal) = bare(&db.value.0)
    {
        let found = if matches!(literal.lit, Lit::Str(_)) { "path" } else { "literal" };
        let sample = match sig.receiver() {
            Some(_) => "self.db".to_owned(),
            None => format!("{}::global()?", asked.runtime()),
        };
        let message = format!("`db` is an open `Database`, not a {found}: write `db = {sample}`");
        diag.error(literal, message);
    }
    if let Some(db) = &options.db
        && let Some(word) = db.value.lone_self(sig)
    {
        let name = &sig.ident;
        let runtime = asked.runtime();
        let message = format!(
            "`{name}` has no `self`: add `&self` before its handle, or write `db = {runtime}::global()?`"
        );
        diag.error(word, message);
    }
    if let Some(group) = &options.group
        && !asked.has(Attr::Retry)
    {
        let message = "`group` may run the body again, for another call's fault: add `#[retry_on_locked(idempotent)]` if that is harmless";
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

/// Whether repeating it may need no word of the author's: that of a reader, which
/// changes nothing, never does. Where the attribute for it is missing, or both are
/// there, that is the mistake.
fn is_or_may_be_reader(job: Job, asked: &Asked, sig: &Signature) -> bool {
    match job {
        Job::Read => true,
        Job::Write => asked.has(Attr::Reader),
        Job::Bare => first::kind_of(sig) == Some(Kind::Reader),
    }
}

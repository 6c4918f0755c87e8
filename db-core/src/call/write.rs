//! A call that writes.

use std::cell::Cell;
use std::time::Duration;

use super::read::run_attempts;
use super::{outermost, run_callbacks, time_of, wait};
use crate::access::{From as Joins, Key, WriteTo};
use crate::effect::{Effect, Idempotent, Once};
use crate::engine::{Callback, Engine, Wait, WriteTx};
use crate::error::see::See;
use crate::error::{Classify, Error, Result, Spent, is_lock};
use crate::open_guard::Kind;
use crate::retry::{RetryPolicy, Step};
use crate::site::Site;
use crate::trace::Span;
use crate::writer::Writer;

/// Runs `body` once: in a transaction of its own, or in a savepoint of the caller's.
pub(crate) fn write<S, T, E>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    see: See<E>,
    body: impl FnOnce(&Writer<'_, Once>) -> Result<T, E>,
) -> Result<T, E>
where
    S: WriteTo<Once> + ?Sized,
    E: From<Error> + 'static,
{
    let engine = match to.origin(Key(())).0 {
        Joins::Database(engine) => engine,
        Joins::Writer(tx) => return Writer::join(tx, site, see, body),
        Joins::Reader(..) => return Err(Error::ReaderWrote { site }.into()),
    };
    let wait = wait(engine, site, Span::of_call(Kind::Writer, site), timeout);
    let calling = engine.options().faults.call(site);
    let attempt = attempt(engine, &wait, see, body);
    let is_ok = matches!(attempt, Attempt::Done(..));
    calling.ended(is_ok);
    wait.span.ended(is_ok);
    match attempt {
        Attempt::Done(value, callbacks) => {
            run_callbacks(callbacks);
            Ok(value)
        }
        Attempt::Engine(error) => {
            let outermost = || outermost(error, engine, site, wait.began, wait.spent());
            Err(wait.span.in_scope(outermost).into())
        }
        Attempt::Body(error) => Err(error),
    }
}

/// As [`write`], and again after a lock error as `policy` says, unless it joins a
/// transaction or a body that is itself run again.
pub(crate) fn write_retried<S, T, E, K>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    policy: &RetryPolicy,
    body: impl Fn(&Writer<'_, Idempotent>) -> Result<T, E>,
) -> Result<T, E>
where
    S: WriteTo<Idempotent> + ?Sized,
    E: From<Error> + Classify<K> + 'static,
{
    retried(to, site, timeout, policy, body, |engine, wait, see, body| {
        attempt(engine, wait, see, body)
    })
}

/// A call of a body that may run again; `attempt` makes one transaction of its own.
pub(super) fn retried<S, T, E, K, B>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    policy: &RetryPolicy,
    mut body: B,
    attempt: impl Fn(&Engine, &Wait, See<E>, &mut B) -> Attempt<T, E>,
) -> Result<T, E>
where
    S: WriteTo<Idempotent> + ?Sized,
    E: From<Error> + Classify<K> + 'static,
    B: Fn(&Writer<'_, Idempotent>) -> Result<T, E>,
{
    policy.check()?;
    let see: See<E> = |error| Some(error.as_error());
    let engine = match to.origin(Key(())).0 {
        Joins::Database(engine) => engine,
        Joins::Writer(tx) => return Writer::join(tx, site, see, body),
        Joins::Reader(..) => return Err(Error::ReaderWrote { site }.into()),
    };
    let (timeout, spent) = (time_of(engine, timeout), Cell::new(Spent::default()));
    let span = Span::of_call(Kind::Writer, site);
    let (value, callbacks) = run_attempts(engine, site, &span, policy, &spent, |times| {
        let times = engine.options().clock.real(times);
        let wait = Wait::among(times, site, span.clone(), timeout, spent.get());
        let attempt = attempt(engine, &wait, see, &mut body);
        spent.set(wait.spent());
        match attempt {
            Attempt::Done(value, callbacks) => Step::Done(Ok((value, callbacks))),
            Attempt::Engine(error) if is_lock(&error) => Step::Locked(error.into()),
            Attempt::Engine(mut error) => {
                engine.tell_of_file(&mut error);
                Step::Done(Err(error.into()))
            }
            Attempt::Body(error) if is_lock(error.as_error()) => Step::Locked(error),
            Attempt::Body(error) => Step::Done(Err(error)),
        }
    })?;
    run_callbacks(callbacks);
    Ok(value)
}

/// What one transaction came to. Whatever is not `Done` was rolled back.
pub(super) enum Attempt<T, E> {
    Done(T, Vec<Callback>),
    Engine(Error),
    Body(E),
}

/// One transaction for one call.
pub(super) fn attempt<F: Effect, T, E: From<Error> + 'static>(
    engine: &Engine,
    wait: &Wait,
    see: See<E>,
    body: impl FnOnce(&Writer<'_, F>) -> Result<T, E>,
) -> Attempt<T, E> {
    let tx = match WriteTx::begin(engine, wait, F::REPEATABLE) {
        Ok(tx) => tx,
        Err(error) => return Attempt::Engine(error),
    };
    let writer = Writer::own(tx);
    let run = || engine.options().faults.in_body(wait.site, || body(&writer));
    match wait.span.in_scope(run) {
        Ok(value) => match writer.end() {
            Ok(callbacks) => Attempt::Done(value, callbacks),
            Err(error) => Attempt::Engine(error),
        },
        Err(error) => Attempt::Body(writer.tx().explain(error, see, wait.site)),
    }
}

//! A call that reads.

use std::cell::Cell;
use std::time::Instant;

use super::outermost;
use crate::access::{From as Joins, Key, ReadFrom};
use crate::engine::{Engine, ReadTx};
use crate::error::see::See;
use crate::error::{Classify, Error, Result, Spent, is_lock};
use crate::open_guard::Kind;
use crate::reader::Reader;
use crate::retry::{RetryPolicy, Step, Times, run};
use crate::site::Site;
use crate::trace::{self, Hold, Span};
use crate::watch::Inside;

/// Runs `body` once: in a snapshot of its own, or in that of the caller.
pub(crate) fn read<S, T, E>(
    from: &S,
    site: Site,
    snapshot: bool,
    see: See<E>,
    body: impl FnOnce(&Reader<'_>) -> Result<T, E>,
) -> Result<T, E>
where
    S: ReadFrom + ?Sized,
    E: From<Error> + 'static,
{
    match from.origin(Key(())).0 {
        Joins::Database(engine) => {
            let span = Span::of_call(Kind::Reader, site);
            let calling = engine.options().faults.call(site);
            let begin = || ReadTx::begin(engine, site, &span, snapshot, false);
            let result = match span.in_scope(begin) {
                Ok(tx) => read_with(tx, site, &span, see, body),
                Err(error) => {
                    let (since, spent) = (busy_since(engine), Spent::default());
                    let outermost = || outermost(error, engine, site, since, spent);
                    Err(span.in_scope(outermost).into())
                }
            };
            calling.ended(result.is_ok());
            span.ended(result.is_ok());
            result
        }
        joined => read_joined(joined, site, see, body),
    }
}

/// As [`read`], and again after a lock error as `policy` says, unless it joins a
/// transaction or a body that is itself run again.
pub(crate) fn read_retried<S, T, E, K>(
    from: &S,
    site: Site,
    snapshot: bool,
    policy: &RetryPolicy,
    body: impl Fn(&Reader<'_>) -> Result<T, E>,
) -> Result<T, E>
where
    S: ReadFrom + ?Sized,
    E: From<Error> + Classify<K> + 'static,
{
    policy.check()?;
    let see: See<E> = |error| Some(error.as_error());
    let engine = match from.origin(Key(())).0 {
        Joins::Database(engine) => engine,
        joined => return read_joined(joined, site, see, body),
    };
    let span = Span::of_call(Kind::Reader, site);
    let begin = || ReadTx::begin(engine, site, &span, snapshot, true);
    let attempt = |_times| match span.in_scope(begin) {
        Ok(tx) => match read_with(tx, site, &span, see, &body) {
            Err(error) if is_lock(error.as_error()) => Step::Locked(error),
            result => Step::Done(result),
        },
        Err(error) if is_lock(&error) => Step::Locked(error.into()),
        Err(mut error) => {
            engine.tell_of_file(&mut error);
            Step::Done(Err(error.into()))
        }
    };
    run_attempts(engine, site, &span, policy, &Cell::default(), attempt)
}

/// The loop around the attempts of the outermost call; inside a body that may run
/// again there is one attempt, and its lock error goes out as it is.
pub(super) fn run_attempts<T, E: From<Error>>(
    engine: &Engine,
    site: Site,
    span: &Span,
    policy: &RetryPolicy,
    spent: &Cell<Spent>,
    mut attempt: impl FnMut(Times) -> Step<T, E>,
) -> Result<T, E> {
    let options = engine.options();
    let calling = options.faults.call(site);
    let mut attempt = |times: Times| {
        calling.attempt(times.number);
        span.attempt(times.number);
        attempt(times)
    };
    let result = if Inside::a_repeatable_body() {
        match attempt(Times::of_the_first(policy, Instant::now())) {
            Step::Done(result) => result,
            Step::Locked(error) => Err(error),
        }
    } else {
        let retrying = |pause| {
            engine.counters().retries.add();
            spent.update(|spent| spent.after_pause(pause));
            span.in_scope(|| trace::retry(site, pause));
        };
        let ran = run(&options.clock, policy, retrying, &mut attempt);
        ran.unwrap_or_else(|exhausted| {
            let locked = || engine.locked(site, exhausted, spent.get());
            Err(span.in_scope(locked).into())
        })
    };
    calling.ended(result.is_ok());
    span.ended(result.is_ok());
    result
}

/// When the wait began that SQLite has just given up. Asking the clock before every
/// read would cost more than the rest of the way in.
pub(crate) fn busy_since(engine: &Engine) -> Instant {
    let now = Instant::now();
    now.checked_sub(engine.options().busy_timeout).unwrap_or(now)
}

fn read_with<T, E: From<Error> + 'static>(
    tx: ReadTx<'_>,
    site: Site,
    span: &Span,
    see: See<E>,
    body: impl FnOnce(&Reader<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let reader = Reader::pooled(tx);
    let mut hold = Hold::begin(span);
    let faults = &reader.engine().options().faults;
    let result = span.in_scope(|| faults.in_body(site, || body(&reader)));
    hold.end(site, None);
    let value = explained(&reader, site, see, result)?;
    if let Some(late) = reader.ready().late(Kind::Reader, site, reader.engine().options()) {
        return Err(late.into());
    }
    if reader.is_whole() { Ok(value) } else { Err(Error::RolledBack { site }.into()) }
}

fn read_joined<T, E: From<Error> + 'static>(
    joined: Joins<'_>,
    site: Site,
    see: See<E>,
    body: impl FnOnce(&Reader<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let span = Span::of_call(Kind::Reader, site);
    match joined {
        Joins::Database(engine) => {
            // Not reached: the callers have taken this case.
            let tx = ReadTx::begin(engine, site, &span, true, false)?;
            read_with(tx, site, &span, see, body)
        }
        Joins::Reader(ready, engine) => {
            let reader = Reader::joined(ready, engine);
            let run = || engine.options().faults.in_body(site, || body(&reader));
            let result = explained(&reader, site, see, span.in_scope(run));
            span.ended(result.is_ok());
            result
        }
        Joins::Writer(tx) => {
            let reader = Reader::joined(tx.ready(), tx.engine());
            let run = || tx.engine().options().faults.in_body(site, || body(&reader));
            let result = tx.read(site, || span.in_scope(run))?;
            span.ended(result.is_ok());
            // The connection and the time are the writer's.
            result.map_err(|error| tx.explain(error, see, site))
        }
    }
}

fn explained<T, E: From<Error> + 'static>(
    reader: &Reader<'_>,
    site: Site,
    see: See<E>,
    result: Result<T, E>,
) -> Result<T, E> {
    result.map_err(|error| reader.ready().explain(error, see, Kind::Reader, site, reader.engine()))
}

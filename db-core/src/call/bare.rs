//! A retried function over a connection of the caller's own.

use std::path::Path;

use crate::clock::Clock;
use crate::error::{Classify, Error, Result, Spent, is_lock};
use crate::faults::Faults;
use crate::holder::{Holder, Unknown};
use crate::locks;
use crate::open_guard::Kind;
use crate::retry::{RetryPolicy, Step, run};
use crate::site::Site;
use crate::trace::{self, Span};
use crate::watch::{Body, Frame, Inside};

/// The caller's connection, as far as a retry concerns it.
pub(crate) trait Bare {
    fn in_transaction(&self) -> bool;
    fn file(&self) -> Option<&Path>;
    /// Ends a transaction that a failed attempt has left open.
    fn clean(&mut self) -> rusqlite::Result<()>;
}

/// Runs `body` until it is done or `policy` ends it. A connection that is inside a
/// transaction makes one attempt: only its owner can begin that transaction anew.
pub(crate) fn bare<C, T, E, K>(
    mut conn: C,
    site: Site,
    policy: &RetryPolicy,
    body: impl Fn(&mut C) -> Result<T, E>,
) -> Result<T, E>
where
    C: Bare,
    E: From<Error> + Classify<K>,
{
    policy.check()?;
    let (faults, clock) = (Faults::of_this_thread(), Clock::of_this_thread());
    if conn.in_transaction() || Inside::a_repeatable_body() {
        let span = Span::of_call(Kind::Writer, site);
        return span.in_scope(|| faults.in_body(site, || body(&mut conn)));
    }
    let calling = faults.call(site);
    let _inside = Inside::enter(Frame { place: 0, body: Body::Bare, repeatable: true, site });
    let (span, mut spent) = (Span::of_call(Kind::Writer, site), Spent::default());
    let result = run(
        &clock,
        policy,
        |pause| {
            spent = spent.after_pause(pause);
            span.in_scope(|| trace::retry(site, pause));
        },
        |times| {
            calling.attempt(times.number);
            span.attempt(times.number);
            let result = match faults.at_turn(site) {
                Some(fault) => Err(Error::from(fault).into()),
                None => span.in_scope(|| faults.in_body(site, || body(&mut conn))),
            };
            match result {
                Err(error) if is_lock(error.as_error()) => match clean(&mut conn) {
                    Ok(()) => Step::Locked(error),
                    Err(error) => Step::Done(Err(Error::from(error).into())),
                },
                result => Step::Done(result),
            }
        },
    );
    let result = result.unwrap_or_else(|exhausted| {
        let file = conn.file();
        let holder = file.map_or(Holder::Unknown(Unknown::NoFile), |file| {
            locks::of_database(file).of_a_lock(true)
        });
        let error = Error::locked(file, Some(site), exhausted.numbers(), spent, holder);
        span.in_scope(|| trace::locked(site, exhausted.attempts, &error));
        Err(error.into())
    });
    calling.ended(result.is_ok());
    span.ended(result.is_ok());
    result
}

fn clean(conn: &mut impl Bare) -> rusqlite::Result<()> {
    if conn.in_transaction() { conn.clean() } else { Ok(()) }
}

macro_rules! over {
    ($($conn:ty),*) => {$(
        impl Bare for $conn {
            fn in_transaction(&self) -> bool {
                !self.is_autocommit()
            }

            fn file(&self) -> Option<&Path> {
                self.path().filter(|path| !path.is_empty()).map(Path::new)
            }

            fn clean(&mut self) -> rusqlite::Result<()> {
                self.execute_batch("ROLLBACK")
            }
        }
    )*};
}

over!(&rusqlite::Connection, &mut rusqlite::Connection);

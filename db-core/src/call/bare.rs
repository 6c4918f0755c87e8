//! A retried function over a connection of the caller's own.

use std::path::Path;

use super::locked;
use crate::error::{Classify, Error, Result, Spent, is_lock};
use crate::retry::{RetryPolicy, Step, SystemClock, run};
use crate::site::Site;
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
    if conn.in_transaction() || Inside::a_repeatable_body() {
        return body(&mut conn);
    }
    let _inside = Inside::enter(Frame { place: 0, body: Body::Bare, repeatable: true, site });
    let mut spent = Spent::default();
    let result = run(
        &SystemClock,
        policy,
        |pause| spent = spent.after_pause(pause),
        |_times| match body(&mut conn) {
            Err(error) if is_lock(error.as_error()) => match clean(&mut conn) {
                Ok(()) => Step::Locked(error),
                Err(error) => Step::Done(Err(Error::from(error).into())),
            },
            result => Step::Done(result),
        },
    );
    result.unwrap_or_else(|exhausted| Err(locked(conn.file(), site, &exhausted, spent).into()))
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

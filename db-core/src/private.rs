//! All that the expansions of the attributes call. Not for use by hand: it changes
//! with them.

use std::time::Duration;

use rusqlite::Connection;

use crate::access::{ReadFrom, WriteTo};
use crate::call;
use crate::effect::{Idempotent, Once};
use crate::error::see::See;
use crate::error::{Classify, Error, Result};
use crate::reader::Reader;
use crate::retry::RetryPolicy;
pub use crate::site::Site;
use crate::writer::Writer;

pub use ReadMode::{Autocommit, Snapshot};

/// Whether a reader's body runs in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadMode {
    /// In a deferred transaction: one moment for all its queries.
    Snapshot,
    /// Without: for a body of a single statement.
    Autocommit,
}

/// What an annotated function returns: a `Result`, under whatever name.
#[diagnostic::on_unimplemented(
    message = "an annotated function must return a `Result`, not `{Self}`",
    label = "not a `Result`",
    note = "waiting for the database can fail, and its error needs a way out: return `db_core::Result<..>`"
)]
pub trait Outcome {
    /// The value of an `Ok`.
    type Ok;
    /// The error of an `Err`.
    type Error;
    /// As the `Result` that it is.
    fn into_result(self) -> Result<Self::Ok, Self::Error>;
    /// From the `Result` that it is.
    fn from_result(result: Result<Self::Ok, Self::Error>) -> Self;
}

impl<T, E> Outcome for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }

    fn from_result(result: Self) -> Self {
        result
    }
}

/// The error of an annotated function: one that can be made from ours.
#[diagnostic::on_unimplemented(
    message = "the error type of an annotated function must be `From<db_core::Error>`, which `{Self}` is not",
    label = "can't be made from a `db_core::Error`",
    note = "in an enum of your own, with thiserror: `#[error(transparent)] Database(#[from] db_core::Error)`",
    note = "if the type is not your own, return `db_core::Result<..>`"
)]
pub trait Failure: From<Error> + 'static {}

impl<E: From<Error> + 'static> Failure for E {}

/// `#[reader]`.
pub fn read<S, R>(
    from: &S,
    site: Site,
    mode: ReadMode,
    body: impl FnOnce(&Reader<'_>) -> R,
    see: See<R::Error>,
) -> R
where
    S: ReadFrom + ?Sized,
    R: Outcome<Error: Failure>,
{
    let snapshot = mode == Snapshot;
    R::from_result(call::read(from, site, snapshot, see, |r| body(r).into_result()))
}

/// `#[reader]` with `#[retry_on_locked]`.
pub fn read_retried<S, R, K>(
    from: &S,
    site: Site,
    mode: ReadMode,
    policy: &RetryPolicy,
    body: impl Fn(&Reader<'_>) -> R,
) -> R
where
    S: ReadFrom + ?Sized,
    R: Outcome<Error: Failure + Classify<K>>,
{
    let snapshot = mode == Snapshot;
    R::from_result(call::read_retried(from, site, snapshot, policy, |r| body(r).into_result()))
}

/// `#[writer]`.
pub fn write<S, R>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    body: impl FnOnce(&Writer<'_, Once>) -> R,
    see: See<R::Error>,
) -> R
where
    S: WriteTo<Once> + ?Sized,
    R: Outcome<Error: Failure>,
{
    R::from_result(call::write(to, site, timeout, see, |w| body(w).into_result()))
}

/// `#[writer]` with `#[retry_on_locked(idempotent)]`.
pub fn write_retried<S, R, K>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    policy: &RetryPolicy,
    body: impl Fn(&Writer<'_, Idempotent>) -> R,
) -> R
where
    S: WriteTo<Idempotent> + ?Sized,
    R: Outcome<Error: Failure + Classify<K>>,
{
    R::from_result(call::write_retried(to, site, timeout, policy, |w| body(w).into_result()))
}

/// `#[writer(group)]` with `#[retry_on_locked(idempotent)]`.
pub fn write_grouped<S, R, K>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    policy: &RetryPolicy,
    body: impl Fn(&Writer<'_, Idempotent>) -> R + Send,
) -> R
where
    S: WriteTo<Idempotent> + ?Sized,
    R: Outcome<Ok: SendForGroup, Error: Failure + Classify<K> + SendForGroup>,
{
    R::from_result(call::write_grouped(to, site, timeout, policy, move |w| body(w).into_result()))
}

/// `#[retry_on_locked]` alone, over a `&Connection`.
pub fn retry<R, K>(
    conn: &Connection,
    site: Site,
    policy: &RetryPolicy,
    body: impl Fn(&Connection) -> R,
) -> R
where
    R: Outcome<Error: Failure + Classify<K>>,
{
    R::from_result(call::bare(conn, site, policy, |conn| body(conn).into_result()))
}

/// `#[retry_on_locked]` alone, over a `&mut Connection`.
pub fn retry_mut<R, K>(
    conn: &mut Connection,
    site: Site,
    policy: &RetryPolicy,
    body: impl Fn(&mut Connection) -> R,
) -> R
where
    R: Outcome<Error: Failure + Classify<K>>,
{
    R::from_result(call::bare(conn, site, policy, |conn| body(conn).into_result()))
}

/// A parameter that is taken by value: each attempt gets a copy of it.
#[diagnostic::on_unimplemented(
    message = "each attempt of a retried body gets a copy of this parameter, but `{Self}` is not `Clone`",
    label = "not `Clone`",
    note = "take it by reference, or make its type `Clone`"
)]
pub trait Again {
    /// The copy for one attempt.
    fn again(&self) -> Self;
}

impl<T: Clone> Again for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// A parameter that is taken by value, for one attempt.
pub fn again<T: Again>(value: &T) -> T {
    value.again()
}

/// What a `#[writer(group)]` takes and returns.
#[diagnostic::on_unimplemented(
    message = "with `group` the body may run on another caller's thread, where `{Self}` can't go",
    label = "not `Send`",
    note = "take or return what is `Send` (`Arc` for `Rc`), behind a reference what is `Sync` (`Mutex` for `RefCell`), or leave out `group`"
)]
pub trait SendForGroup: Send {
    /// Nothing, if it can go there. What can't has not even that, and the body that takes it
    /// along is not refused for it as well.
    type Checked;
    /// That.
    const CHECKED: Self::Checked;
}

impl<T: Send> SendForGroup for T {
    type Checked = ();
    const CHECKED: () = ();
}

/// Checks a parameter, at its type, for a body that may run on another thread.
pub fn group_runs_on_another_thread<T: SendForGroup>(_parameter: &T) {}

/// What the body takes along of it.
pub fn checked<T: SendForGroup>(_parameter: &T) -> T::Checked {
    T::CHECKED
}

/// A `timeout` that is an expression. Of this type alone, or rustc would explain how it
/// came to expect an `Option`.
pub fn within(timeout: Duration) -> Option<Duration> {
    Some(timeout)
}

pub use crate::__look as look;

/// What `look` needs, whatever the type of the error.
pub mod see {
    pub use crate::error::see::{AsError, Seen, ThroughDeref, Unseen};
}

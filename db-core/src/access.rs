//! Who may call what: the two traits that annotated functions take.
//!
//! | passed in | to a `#[reader]` | to an idempotent `#[writer]` | to a once-only `#[writer]` |
//! |---|---|---|---|
//! | `&Database` | ok | ok | ok |
//! | `&Reader` | ok, same snapshot | compile error | compile error |
//! | `&Writer<Once>` | ok, sees own writes | ok, savepoint | ok, savepoint |
//! | `&Writer<Idempotent>` | ok | ok, savepoint | **compile error** |

use crate::effect::{Effect, Idempotent, Once};
use crate::engine::{Engine, Ready, WriteTx};
use crate::reader::Reader;
use crate::writer::Writer;

/// What a `#[reader]` can be called with: a [`Database`](crate::Database), a
/// [`Reader`], a [`Writer`], a guard, or what derefs to a `Database`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a database to read from",
    label = "expected `&Database`, `&Reader` or `&Writer`",
    note = "open a `Database` and pass `&db`; in an annotated function take `&Reader` or `&Writer` instead of `&Connection`"
)]
pub trait ReadFrom {
    /// Where a call made with it stands.
    #[doc(hidden)]
    type Place;
    #[doc(hidden)]
    fn origin(&self, key: Key) -> Origin<'_>;
}

/// What a `#[writer]` with the effect `E` can be called with: a
/// [`Database`](crate::Database), a [`Writer`] whose body allows it, a guard, or what
/// derefs to a `Database`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a database to write to",
    label = "expected `&Database` or `&Writer`",
    note = "open a `Database` and pass `&db`; in an annotated function take `&Writer` instead of `&Connection`"
)]
pub trait WriteTo<E: Effect>: ReadFrom {}

impl<S: ReadFrom + ?Sized, E: Effect> WriteTo<E> for S where S::Place: Writes + Starts<E> {}

/// A place from which a write can be started at all.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `#[writer]` can't be called from a `#[reader]`",
    label = "this handle only reads",
    note = "make the calling function a `#[writer]`, or call the writer outside of it"
)]
pub trait Writes {}

/// A place from which a write with the effect `E` can be started.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a once-only `#[writer]` can't be called from a body that may run again",
    label = "this body may run again",
    note = "if running the called writer again is harmless, declare it: `#[retry_on_locked(idempotent)]`",
    note = "or call it after the commit: `on_commit`"
)]
pub trait Starts<E> {}

/// Outside of every body.
#[doc(hidden)]
#[derive(Debug)]
pub enum Outside {}

/// In a reader's body.
#[doc(hidden)]
#[derive(Debug)]
pub enum InReader {}

/// In the body of a writer with the effect `E`.
#[doc(hidden)]
#[derive(Debug)]
pub struct InWriter<E>(E);

impl Writes for Outside {}
impl<E> Writes for InWriter<E> {}

impl<E> Starts<E> for Outside {}
// A reader is refused by `Writes` alone, so that there is one error, not two.
impl<E> Starts<E> for InReader {}
impl<E> Starts<E> for InWriter<Once> {}
impl Starts<Idempotent> for InWriter<Idempotent> {}

/// Keeps [`ReadFrom`] to this crate: nobody else can name it or has one.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Key(pub(crate) ());

/// What a call joins, or begins anew.
#[doc(hidden)]
pub struct Origin<'a>(pub(crate) From<'a>);

pub(crate) enum From<'a> {
    Database(&'a Engine),
    Reader(&'a Ready, &'a Engine),
    Writer(&'a WriteTx<'a>),
}

impl ReadFrom for Reader<'_> {
    type Place = InReader;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(From::Reader(self.ready(), self.engine()))
    }
}

impl<E: Effect> ReadFrom for Writer<'_, E> {
    type Place = InWriter<E>;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(From::Writer(self.tx()))
    }
}

// In a body the handle is a reference already, and `&db` comes from habit.
impl ReadFrom for &Reader<'_> {
    type Place = InReader;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}

impl<E: Effect> ReadFrom for &Writer<'_, E> {
    type Place = InWriter<E>;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}

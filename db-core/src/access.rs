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
    note = "open a `Database` and pass `&db`; in an annotated function take `&Reader` or `&Writer` instead of `&Connection`",
    note = "a `Result` of a database needs its `?`, and a `Mutex` around one is not needed: it is shared as it is"
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
    note = "open a `Database` and pass `&db`; in an annotated function take `&Writer` instead of `&Connection`",
    note = "a `Result` of a database needs its `?`, and a `Mutex` around one is not needed: it is shared as it is"
)]
pub trait WriteTo<E: Effect>: ReadFrom {}

impl<S: ReadFrom + ?Sized, E: Effect + StartsIn<S::Place>> WriteTo<E> for S {}

// The effect is what these are implemented for, and the place their parameter: the
// other way round rustc proposes bounds for a place that is not known, which nobody can
// write.

/// An effect with which a write can be started in the place `P`.
///
/// A place that is known to refuse it says so by one of the two traits below. So the
/// text of this one is about places that are not known.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "callers may pass a handle that does not allow this write",
    label = "asks for more than callers have to pass",
    note = "in an `impl` of a trait, give the method the attributes that it has in the trait",
    note = "in a generic function, take `&impl WriteTo<..>` with the effect of the writer that it calls"
)]
pub trait StartsIn<P> {}

/// Never holds where something is only read.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `#[writer]` can't be called from a `#[reader]`",
    label = "this handle only reads",
    note = "make the caller a `#[writer]` that takes `&Writer`, or call the writer outside of it"
)]
pub trait WritesIn<P> {}

/// An effect that a body with the effect `F` may have as a part of it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a once-only `#[writer]` can't be called from a body that may run again",
    label = "this body may run again",
    note = "if running the called writer again is harmless, declare it: `#[retry_on_locked(idempotent)]`",
    note = "or call it after the commit: `on_commit`"
)]
pub trait PartOf<F> {}

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

// Not recommended: what the other handles can do is no help with this one.
#[diagnostic::do_not_recommend]
impl<E> StartsIn<Outside> for E {}
impl<E: WritesIn<InReader>> StartsIn<InReader> for E {}
impl<E: PartOf<F>, F> StartsIn<InWriter<F>> for E {}

// By the part, so that a helper for whatever effect can call what is idempotent.
#[diagnostic::do_not_recommend]
impl<F> PartOf<F> for Idempotent {}
#[diagnostic::do_not_recommend]
impl<F: IsOnce> PartOf<F> for Once {}

/// By a bound, as rustc proposes what an `impl` for `Once` alone would be for.
#[doc(hidden)]
pub trait IsOnce {}

impl IsOnce for Once {}

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

// Not recommended: the label names the types, and a list of all is longer than the rest.
#[diagnostic::do_not_recommend]
impl ReadFrom for Reader<'_> {
    type Place = InReader;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(From::Reader(self.ready(), self.engine()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Effect> ReadFrom for Writer<'_, E> {
    type Place = InWriter<E>;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(From::Writer(self.tx()))
    }
}

// In a body the handle is a reference already, and `&db` comes from habit.
#[diagnostic::do_not_recommend]
impl ReadFrom for &Reader<'_> {
    type Place = InReader;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Effect> ReadFrom for &Writer<'_, E> {
    type Place = InWriter<E>;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}

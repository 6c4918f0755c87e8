//! Idempotency as an effect, carried by the type of the [`Writer`](crate::Writer).
//!
//! A body that may run again receives a `&Writer<'_, Idempotent>`, any other a
//! `&Writer<'_, Once>`. [`WriteTo`](crate::WriteTo) then refuses, when compiled,
//! a once-only writer that is called from a body which may run again.

/// What a writer's body allows: [`Once`] or [`Idempotent`].
///
/// Sealed: there are no other effects.
pub trait Effect: sealed::Sealed + 'static {
    /// Whether a body with this effect may run more than once for one call.
    const REPEATABLE: bool;
}

/// The body runs at most once a call (guarantee *at-most-once*).
#[derive(Debug)]
pub enum Once {}

/// The body may run again: its author declared that harmless.
#[derive(Debug)]
pub enum Idempotent {}

impl Effect for Once {
    const REPEATABLE: bool = false;
}

impl Effect for Idempotent {
    const REPEATABLE: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Once {}
    impl Sealed for super::Idempotent {}
}

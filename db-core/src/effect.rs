//! Idempotency as an effect, carried by the type of the [`Writer`](crate::Writer).
//!
//! A body that may run again receives a `&Writer<'_, Idempotent>`, any other a
//! `&Writer<'_, Once>`. [`WriteTo`](crate::WriteTo) then refuses, when compiled,
//! a once-only writer that is called from a body which may run again.
//!
//! A helper for bodies of both kinds is generic. It can call readers and idempotent
//! writers, but none that runs once:
//!
//! ```
//! use db_core::effect::Effect;
//! # use db_core::{Result, Writer, retry_on_locked, writer};
//! # #[writer]
//! # #[retry_on_locked(idempotent)]
//! # fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
//! #     db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
//! #     Ok(())
//! # }
//!
//! fn sold_out<E: Effect>(w: &Writer<'_, E>, sku: &str) -> Result<()> {
//!     set_stock(w, sku, 0) // `#[retry_on_locked(idempotent)]`
//! }
//! ```

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

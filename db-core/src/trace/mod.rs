//! Spans and events for the crate `tracing`, with the feature of that name; without it, all
//! of this is empty, and compiles to nothing.
//!
//! What there is, with its level and fields, is documented at the crate's root.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::*;
#[cfg(feature = "tracing")]
pub(crate) use on::*;

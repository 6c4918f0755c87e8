//! What became of a call.

/// A call of an annotated function, or of a closure, that has ended; see
/// [`Faults::calls`](super::Faults::calls).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The path of the annotated function (`shop::stock::sell`), `None` for a closure.
    pub function: Option<&'static str>,
    /// How often it was tried, the last time included. An attempt that failed at its turn
    /// counts, though the body did not run then; what another member of its group has lost
    /// (`#[writer(group)]`) is no attempt, though the body did run.
    pub attempts: u32,
    /// Whether it returned `Ok`: not if it panicked.
    pub is_ok: bool,
}

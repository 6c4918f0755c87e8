//! What became of a call.

/// A call of an annotated function, or of a closure, that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The path of the annotated function, `None` for a closure.
    pub function: Option<&'static str>,
    /// How often its body was tried, the last time included. A fault at its turn counts: the
    /// body did not run then.
    pub attempts: u32,
    /// Whether it returned `Ok`.
    pub is_ok: bool,
}

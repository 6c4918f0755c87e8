//! Collects every mistake of one annotated function, so that one compile shows
//! them all.
//!
//! Invariant: a collector that is dropped without [`Diag::finish`] panics where
//! debug assertions are on, so no path can forget what was found. Nothing else
//! in this crate turns an error into tokens.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Error;

/// The mistakes found so far.
pub(crate) struct Diag {
    errors: RefCell<Vec<Error>>,
    holes: Cell<usize>,
    finished: Cell<bool>,
}

/// A type that stands where the user's own cannot be used, and carries the
/// error that says why.
///
/// It has to be emitted exactly once, in place of that type: the error is shown
/// from there.
pub(crate) struct Hole {
    error: Error,
}

impl Diag {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::default(), holes: Cell::new(0), finished: Cell::new(false) }
    }

    /// Notes a mistake; `culprit` is what gets underlined.
    pub(crate) fn error(&self, culprit: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(culprit, message));
    }

    /// Notes a mistake at a span that has no tokens of its own.
    pub(crate) fn error_at(&self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    /// Notes a mistake that already is an error, such as a parser's.
    pub(crate) fn push(&self, error: Error) {
        self.errors.borrow_mut().push(error);
    }

    /// Notes a mistake that makes the type of a parameter or of the result
    /// unknown; it is shown by the returned hole.
    pub(crate) fn hole(&self, culprit: impl ToTokens, message: impl Display) -> Hole {
        self.holes.set(self.holes.get() + 1);
        Hole { error: Error::new_spanned(culprit, message) }
    }

    /// Whether nothing was found yet.
    pub(crate) fn is_clean(&self) -> bool {
        self.holes.get() == 0 && self.errors.borrow().is_empty()
    }

    /// Ends the collection: `None` if nothing was found, else the errors to
    /// emit (which may be no tokens, if all of them are shown by holes).
    pub(crate) fn finish(self) -> Option<TokenStream> {
        self.finished.set(true);
        if self.is_clean() {
            return None;
        }
        let errors = self.errors.borrow();
        Some(errors.iter().map(Error::to_compile_error).collect())
    }
}

impl Drop for Diag {
    fn drop(&mut self) {
        // A panic that is already under way says more than this one would.
        debug_assert!(
            self.finished.get() || std::thread::panicking(),
            "a collector of errors was dropped without a look at what it holds"
        );
    }
}

impl Hole {
    /// The type to emit, an array of `element` whose length is the error.
    ///
    /// rustc reports the error once and suppresses whatever would follow from
    /// such a type: a call that passes something else for it, a method called
    /// on it, a `?` behind it. (A `compile_error!` in the place of the type
    /// itself would be taken for `()`, with a type error at each use.)
    /// `element` keeps the names that the user wrote in use.
    pub(crate) fn into_type(self, element: impl ToTokens) -> TokenStream {
        let error = self.error.to_compile_error();
        quote_spanned!(Span::mixed_site()=> [#element; #error])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_come_out_in_order() {
        let diag = Diag::new();
        diag.error_at(Span::call_site(), "first");
        diag.error_at(Span::call_site(), "second");
        let tokens = diag.finish().map(|tokens| tokens.to_string());
        let text = tokens.unwrap_or_default();
        let first = text.find("\"first\"");
        assert!(first.is_some() && first < text.find("\"second\""), "{text}");
    }

    #[test]
    fn a_hole_alone_is_a_mistake() {
        let diag = Diag::new();
        let hole = diag.hole(quote::quote!(i64), "not this");
        assert!(!diag.is_clean());
        assert!(diag.finish().is_some_and(|errors| errors.is_empty()));
        let ty = hole.into_type(quote::quote!(i64)).to_string();
        assert!(ty.contains("not this"), "{ty}");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "without a look")]
    fn dropping_it_unfinished_panics() {
        drop(Diag::new());
    }
}

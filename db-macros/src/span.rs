//! Where the compiler takes a token to be, and whose it takes it for.

use proc_macro2::Span;
use quote::ToTokens;

/// The place of something the user wrote, for what is ours: our names cannot
/// clash with the user's, and no lint takes them for the user's code.
///
/// Where the compiler is to blame the user's words for what ours ask of them,
/// the user's own spans are used instead: with these it would add that the
/// error is in a macro, which helps nobody.
pub(crate) fn ours(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// Where tokens begin and end.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let start = spans.next().unwrap_or_else(Span::call_site);
    (start, spans.last().unwrap_or(start))
}

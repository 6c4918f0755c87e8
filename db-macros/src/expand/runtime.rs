//! Paths into the runtime crate, and where the compiler takes them to be.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::args::Asked;

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
pub(super) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let start = spans.next().unwrap_or_else(Span::call_site);
    (start, spans.last().unwrap_or(start))
}

/// The runtime crate, under the name it has in the user's crate.
pub(super) struct Runtime {
    renamed: Option<Path>,
}

impl Runtime {
    pub(super) fn new(asked: &Asked) -> Self {
        let renamed = asked.options.root.as_ref();
        Self { renamed: renamed.map(|root| root.value.0.clone()) }
    }

    /// A path in the runtime, such as `effect::Once`.
    pub(super) fn path(&self, place: Span, names: &[&str]) -> TokenStream {
        self.path_between(place, place, names)
    }

    /// The same, for an error that is to underline more than one token.
    pub(super) fn path_between(&self, start: Span, end: Span, names: &[&str]) -> TokenStream {
        let mut path = match &self.renamed {
            None => quote_spanned!(start=> ::db_core),
            // Where its names are looked up is the user's business.
            Some(renamed) => renamed
                .to_token_stream()
                .into_iter()
                .map(|mut tree| {
                    tree.set_span(tree.span().located_at(start));
                    tree
                })
                .collect(),
        };
        for name in names {
            let name = Ident::new(name, end);
            path.extend(quote_spanned!(end=> ::#name));
        }
        path
    }
}

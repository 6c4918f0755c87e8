//! Paths into the runtime crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Path;

use crate::args::Asked;

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

    /// The effect of a body that is retried, or is not.
    pub(super) fn effect(&self, retried: bool, place: Span) -> TokenStream {
        let name = if retried { "Idempotent" } else { "Once" };
        self.path(place, &["effect", name])
    }

    /// A path for an error that is to underline more than one token.
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

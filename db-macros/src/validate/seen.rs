//! Functions that another attribute of ours has expanded already.
//!
//! Attributes find each other by their names. One that could not be found, as it is
//! renamed or hidden in a `cfg_attr`, gets the expansion of the other; so this knows
//! what expansions look like.

use proc_macro2::{Span, TokenStream, TokenTree};

use crate::args::Attr;
use crate::diag::Diag;
use crate::item::Function;

/// The label of the body of a function that was refused; none of the user's own has it.
pub(crate) const REFUSED: &str = "'__db_core_refused";

/// What became of the function.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// Expanded by this attribute.
    Whole(Attr),
    /// Refused, with errors: one more would be about the same.
    Refused,
}

impl Seen {
    pub(crate) fn of(function: &Function) -> Option<Self> {
        match &function.body {
            Some(body) => Self::in_body(body.block.stream()),
            None => Self::in_clause(function),
        }
    }

    fn in_body(body: TokenStream) -> Option<Self> {
        let refused = |word: &str| REFUSED.strip_prefix('\'') == Some(word);
        let mut words = words(body).skip_while(|word| word != "__private" && !refused(word));
        match words.next()?.as_str() {
            "__private" => Some(Self::Whole(caller(&words.next()?)?)),
            _ => Some(Self::Refused),
        }
    }

    /// A method without a body has a bound with a lifetime of ours.
    fn in_clause(function: &Function) -> Option<Self> {
        let clause = function.sig.generics.where_clause.as_ref()?;
        let words: Vec<String> = words(quote::quote!(#clause)).collect();
        let is_writer = words.iter().any(|word| word == "Writer");
        let attr = if is_writer { Attr::Writer } else { Attr::Reader };
        words.iter().any(|word| word == "__call").then_some(Self::Whole(attr))
    }

    /// Says so at the attribute that came too late; `user` is the span of anything that
    /// the user wrote.
    pub(crate) fn report(self, late: Attr, user: Span, diag: &Diag) {
        if let Self::Whole(first) = self {
            let (first, late) = (first.shown(), late.name());
            let message = format!(
                "{first} finds this only as `#[{late}]`: import it under that name, without `cfg_attr`"
            );
            // That place, but not as something that a macro wrote.
            diag.error_at(user.located_at(Span::call_site()), message);
        }
    }
}

/// The names that stand in no group.
fn words(tokens: TokenStream) -> impl Iterator<Item = String> {
    tokens.into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    })
}

/// The attribute that calls this function of the runtime.
fn caller(function: &str) -> Option<Attr> {
    match function {
        "read" | "read_retried" => Some(Attr::Reader),
        "write" | "write_retried" | "write_grouped" => Some(Attr::Writer),
        "retry" | "retry_mut" => Some(Attr::Retry),
        _ => None,
    }
}

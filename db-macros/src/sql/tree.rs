//! A body's tokens as plain data: read once, as each look at the compiler's own
//! has its price.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use syn::Ident;
use syn::ext::IdentExt as _;

/// A token, or a group of them. The invisible groups in which a `macro_rules!`
/// passes things on are dissolved.
#[derive(Debug)]
pub(super) enum Tree {
    Ident(String),
    Mark(char),
    Literal(Literal),
    Group(Delimiter, Vec<Tree>),
}

pub(super) fn read(tokens: TokenStream) -> Vec<Tree> {
    let mut trees = Vec::new();
    read_into(tokens, &mut trees);
    trees
}

fn read_into(tokens: TokenStream, into: &mut Vec<Tree>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => into.push(Tree::Ident(plain(&ident))),
            TokenTree::Punct(mark) => into.push(Tree::Mark(mark.as_char())),
            TokenTree::Literal(literal) => into.push(Tree::Literal(literal)),
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                read_into(group.stream(), into);
            }
            TokenTree::Group(group) => {
                into.push(Tree::Group(group.delimiter(), read(group.stream())));
            }
        }
    }
}

/// A name without the `r#` that may stand before it.
pub(super) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

impl Tree {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Ident(ident) if ident == word)
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        matches!(self, Self::Mark(found) if *found == mark)
    }

    pub(super) fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self, Self::Group(found, _) if *found == delimiter)
    }
}

/// Whether one of the names in `trees`, however deep, is such a one.
pub(super) fn any_name(trees: &[Tree], is: &mut impl FnMut(&str) -> bool) -> bool {
    trees.iter().any(|tree| match tree {
        Tree::Ident(ident) => is(ident),
        Tree::Group(_, inside) => any_name(inside, is),
        Tree::Mark(_) | Tree::Literal(_) => false,
    })
}

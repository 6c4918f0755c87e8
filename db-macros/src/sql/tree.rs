//! A body's tokens as plain data: read once, as each look at the compiler's own
//! has its price.

use proc_macro2::{Delimiter, Literal, Spacing, Span, TokenStream, TokenTree};
use syn::Ident;
use syn::ext::IdentExt as _;

/// A token, or a group of them. The invisible groups in which a `macro_rules!`
/// passes things on are dissolved.
#[derive(Debug)]
pub(super) enum Tree {
    Ident(String, Span),
    Mark(char),
    /// Marks that are one operator: `||`, `::`, `=>`.
    Operator(String),
    Literal(Literal),
    Group(Delimiter, Vec<Tree>),
}

pub(super) fn read(tokens: TokenStream) -> Vec<Tree> {
    let mut trees = Vec::new();
    read_into(tokens, &mut trees);
    trees
}

fn read_into(tokens: TokenStream, into: &mut Vec<Tree>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => into.push(Tree::Ident(plain(&ident), ident.span())),
            TokenTree::Punct(mark) => {
                let mut all = String::from(mark.as_char());
                let mut joint = mark.spacing() == Spacing::Joint;
                while joint && let Some(TokenTree::Punct(next)) = tokens.peek() {
                    all.push(next.as_char());
                    if !OPERATORS.contains(&all.as_str()) {
                        all.pop();
                        break;
                    }
                    joint = next.spacing() == Spacing::Joint;
                    tokens.next();
                }
                into.push(match all.len() {
                    1 => Tree::Mark(mark.as_char()),
                    _ => Tree::Operator(all),
                });
            }
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

/// Those that are told apart from their single marks; each begins with one that is here,
/// too, or with a mark.
const OPERATORS: [&str; 14] =
    ["::", "||", "&&", "=>", "==", "!=", "<=", ">=", "..", "..=", "->", "+=", "-=", "|="];

/// A name without the `r#` before it, unless it needs that.
pub(super) fn plain(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    if *ident != name && syn::parse_str::<Ident>(&name).is_err() { ident.to_string() } else { name }
}

impl Tree {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Ident(ident, _) if ident == word)
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        matches!(self, Self::Mark(found) if *found == mark)
    }

    pub(super) fn is_operator(&self, operator: &str) -> bool {
        matches!(self, Self::Operator(found) if found == operator)
    }

    pub(super) fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self, Self::Group(found, _) if *found == delimiter)
    }
}

/// The pieces between the commas.
pub(super) fn listed(trees: &[Tree]) -> impl Iterator<Item = &[Tree]> {
    trees.split(|tree| tree.is_mark(',')).filter(|piece| !piece.is_empty())
}

/// What follows a turbofish, `::<..>`; all of it if there is none.
pub(super) fn behind_turbofish(trees: &[Tree]) -> Option<&[Tree]> {
    let [path, open, rest @ ..] = trees else {
        return Some(trees);
    };
    if !path.is_operator("::") || !open.is_mark('<') {
        return Some(trees);
    }
    let mut depth = 1_usize;
    for (at, tree) in rest.iter().enumerate() {
        if tree.is_mark('<') {
            depth += 1;
        } else if tree.is_mark('>') {
            depth -= 1;
            if depth == 0 {
                return rest.get(at + 1..);
            }
        }
    }
    None
}

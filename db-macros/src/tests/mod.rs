//! Tests of the whole way from an attribute to its expansion.
//!
//! They run on `proc_macro2`'s own tokens, without a compiler: what the compiler
//! makes of an expansion is tested in `tests/ui` of the workspace.
#![allow(clippy::unwrap_used)] // A test may end its program.

mod fuzz;
mod golden;
mod literals;
mod mistakes;
mod options;
mod sql;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::args::Attr;

/// Expands `item` with the attribute that stands first in it.
fn expand(item: &str) -> TokenStream {
    let tokens: TokenStream = item.parse().unwrap();
    let (attr, args, rest) = split(tokens).unwrap();
    crate::expand::attribute(attr, args, rest)
}

/// An attribute of ours, its arguments, and what it stands on, as the compiler
/// hands them to the entry points.
fn split(item: TokenStream) -> Option<(Attr, TokenStream, TokenStream)> {
    let mut trees = item.into_iter();
    let (TokenTree::Punct(_), TokenTree::Group(attribute)) = (trees.next()?, trees.next()?) else {
        return None;
    };
    let mut inside = attribute.stream().into_iter();
    let TokenTree::Ident(name) = inside.next()? else {
        return None;
    };
    let attr = match name.to_string().as_str() {
        "reader" => Attr::Reader,
        "writer" => Attr::Writer,
        "retry_on_locked" => Attr::Retry,
        _ => return None,
    };
    let args = match inside.next() {
        Some(TokenTree::Group(args)) => args.stream(),
        _ => TokenStream::new(),
    };
    Some((attr, args, trees.collect()))
}

/// The tokens as text, one a piece, whatever blanks stood between them.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut pieces = Vec::new();
    for tree in tokens {
        let TokenTree::Group(group) = tree else {
            pieces.push(tree.to_string());
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::None => ("", ""),
        };
        pieces.push(open.to_owned());
        pieces.extend(flat(group.stream()));
        pieces.push(close.to_owned());
    }
    pieces
}

/// What `compile_error!` says in these tokens, in order.
fn messages(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(name) if name == "compile_error" => {
                trees.next();
                let Some(TokenTree::Group(group)) = trees.next() else {
                    continue;
                };
                let literal = syn::parse2::<syn::LitStr>(group.stream()).unwrap();
                found.push(literal.value());
            }
            TokenTree::Group(group) => found.extend(messages(group.stream())),
            _ => {}
        }
    }
    found
}

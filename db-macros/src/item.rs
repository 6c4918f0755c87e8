//! The annotated function: its signature is parsed, its body is not.
//!
//! Invariant: the body goes into an expansion token by token as it was written.
//! So compiler errors point into it, an editor completes in a half-typed one,
//! and expanding costs nothing for a long one.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Error, Ident, Signature, Token, Visibility};

use crate::args::Attr;

/// What an attribute was put on.
pub(crate) enum Item {
    Function(Box<Function>),
    Other(Other),
}

/// A function, or a method with or without a body.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    pub(crate) body: Option<Body>,
    /// What stands in the place of a body, for the error where there must be one.
    pub(crate) semi: Option<Token![;]>,
}

/// A body as it was written.
pub(crate) struct Body {
    /// `#![..]` at the start of the body. They belong to the function and can
    /// only stand in its outermost braces.
    pub(crate) inner: Vec<Attribute>,
    /// The braces and the rest.
    pub(crate) block: Group,
}

/// Something that is no function, or none that can be read.
pub(crate) struct Other {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) rest: TokenStream,
    /// Whether it is an expression, in whose place only one can stand.
    pub(crate) is_closure: bool,
    pub(crate) error: Error,
}

impl Item {
    /// Reads what an attribute was put on.
    pub(crate) fn read(tokens: TokenStream, attr: Attr) -> Self {
        match Function::parse.parse2(tokens.clone()) {
            Ok(function) => Self::Function(Box::new(function)),
            Err(error) => Self::Other(Other::new(tokens, error, attr)),
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = if input.peek(Token![default]) && !input.peek2(Token![!]) {
            Some(input.parse()?)
        } else {
            None
        };
        let sig = input.parse()?;
        let semi: Option<Token![;]> = input.parse()?;
        let body = if semi.is_some() { None } else { Some(input.parse()?) };
        Ok(Self { attrs, vis, defaultness, sig, body, semi })
    }
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let wrong = || input.error("expected the body of the function in braces");
        let Ok(TokenTree::Group(group)) = input.fork().parse() else {
            return Err(wrong());
        };
        let Some(block) = braces(group) else {
            return Err(wrong());
        };
        input.parse::<TokenTree>()?;
        let split = |inside: ParseStream<'_>| -> syn::Result<(Vec<Attribute>, TokenStream)> {
            Ok((inside.call(Attribute::parse_inner)?, inside.parse()?))
        };
        // A body can begin with a `#!` only if it is an inner attribute.
        match split.parse2(block.stream()) {
            Ok((inner, rest)) if !inner.is_empty() => {
                let mut rest = Group::new(Delimiter::Brace, rest);
                rest.set_span(block.span());
                Ok(Self { inner, block: rest })
            }
            _ => Ok(Self { inner: Vec::new(), block }),
        }
    }
}

/// The group in braces, also behind the invisible groups in which a
/// `macro_rules!` passes on a `$body:block`.
fn braces(mut group: Group) -> Option<Group> {
    loop {
        match group.delimiter() {
            Delimiter::Brace => return Some(group),
            Delimiter::None => {
                let mut inside = group.stream().into_iter();
                match (inside.next(), inside.next()) {
                    (Some(TokenTree::Group(only)), None) => group = only,
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

impl Other {
    fn new(tokens: TokenStream, error: Error, attr: Attr) -> Self {
        let mut attrs = Vec::new();
        let mut rest = TokenStream::new();
        let mut kind = None;
        let split = |input: ParseStream<'_>| {
            attrs = input.call(Attribute::parse_outer)?;
            kind = keyword(input);
            rest = input.parse()?;
            Ok(())
        };
        if split.parse2(tokens.clone()).is_err() {
            // Attributes that cannot be read: nothing can be told apart.
            return Self { attrs: Vec::new(), rest: tokens, is_closure: false, error };
        }
        let is_closure = kind.is_none() && begins_closure(rest.clone());
        let begin = format!("{} goes on a function", attr.shown());
        let (does, instead) = match attr {
            Attr::Reader => ("reads", " or `db.read(|r| ..)`"),
            Attr::Writer => ("writes", " or `db.write(|w| ..)`"),
            Attr::Retry => ("is to run again", ""),
        };
        let (culprit, message) = match kind {
            Some(word) if word == "fn" => return Self { attrs, rest, is_closure, error },
            Some(word) if word == "impl" || word == "trait" => {
                (word.span(), format!("{begin}: put it on each method instead"))
            }
            Some(word) if word == "let" => {
                (word.span(), format!("{begin}, not on `let`: write a `fn`{instead}"))
            }
            Some(word) => (
                word.span(),
                format!("{begin}, not on `{word}`: put it on the function that {does}"),
            ),
            None if is_closure => {
                (error.span(), format!("{begin}, not on a closure: write a `fn`{instead}"))
            }
            None => (error.span(), format!("{begin}: put it on the one that {does}")),
        };
        let error = Error::new(culprit, message);
        Self { attrs, rest, is_closure, error }
    }
}

fn begins_closure(tokens: TokenStream) -> bool {
    match tokens.into_iter().next() {
        Some(TokenTree::Punct(first)) => first.as_char() == '|',
        Some(TokenTree::Ident(first)) => first == "move",
        _ => false,
    }
}

/// The word that says what kind of item this is, `fn` if it can be one.
fn keyword(input: ParseStream<'_>) -> Option<Ident> {
    const KINDS: [&str; 13] = [
        "fn",
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "mod",
        "use",
        "static",
        "type",
        "let",
        "macro_rules",
        "const",
    ];
    let ahead = input.fork();
    ahead.parse::<Visibility>().ok()?;
    let mut found: Option<Ident> = None;
    while let Ok(word) = ahead.call(Ident::parse_any) {
        if KINDS.iter().any(|kind| word == kind) {
            // `const fn` is a function, `const X` is not.
            let is_const = word == "const";
            found = Some(word);
            if !is_const {
                break;
            }
        }
        // The name in `extern "C" fn`.
        let _ = ahead.parse::<Option<syn::LitStr>>();
    }
    found
}

impl ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.block.clone());
    }
}

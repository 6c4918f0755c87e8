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
    pub(crate) error: Error,
}

impl Item {
    /// Reads what an attribute was put on; `shown` names that attribute.
    pub(crate) fn read(tokens: TokenStream, shown: &str) -> Self {
        match Function::parse.parse2(tokens.clone()) {
            Ok(function) => Self::Function(Box::new(function)),
            Err(error) => Self::Other(Other::new(tokens, error, shown)),
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
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            Some(input.parse()?)
        };
        Ok(Self { attrs, vis, defaultness, sig, body })
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
    fn new(tokens: TokenStream, error: Error, shown: &str) -> Self {
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
            return Self { attrs: Vec::new(), rest: tokens, error };
        }
        let error = match kind {
            Some(word) if word == "fn" => error,
            Some(word) if word == "impl" || word == "trait" => {
                let message = format!("{shown} goes on a function: put it on each method instead");
                Error::new(word.span(), message)
            }
            Some(word) => {
                let message = format!("{shown} goes on a function, not on `{word}`: move it");
                Error::new(word.span(), message)
            }
            None => {
                let message = format!("{shown} goes on a function: move it");
                Error::new(error.span(), message)
            }
        };
        Self { attrs, rest, error }
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

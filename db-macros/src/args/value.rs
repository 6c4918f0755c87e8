//! The kinds of value that an option can have, and how each is read.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Lit, LitStr, Path, Signature, Token, token};

use super::Attr;
pub(crate) use super::duration::Length;
use crate::span::ours;

/// An option as it was written. Keeps the span of the key, which is to blame
/// when options contradict each other.
pub(crate) struct Given<T> {
    pub(crate) key: Ident,
    pub(crate) attr: Attr,
    pub(crate) value: T,
}

/// A kind of value.
pub(crate) trait Value: Sized {
    /// Reads what follows the key, with its `=` if it has one. `sample` is the
    /// option as it may be written.
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self>;

    /// Whether a second attribute of the function may say the same again.
    fn agrees(&self, _other: &Self) -> bool {
        true
    }
}

/// Present or not.
pub(crate) struct Flag;

/// A number of attempts.
pub(crate) enum Count {
    Literal(u32, proc_macro2::Span),
    Expr(Expr),
}

/// `idempotent`, or `idempotent = "reason"`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idempotence {
    Declared,
    Reason,
}

/// An expression that a transaction can be opened on.
pub(crate) struct Place(pub(crate) Expr);

/// The path of the runtime crate.
pub(crate) struct Root(pub(crate) Path);

impl Value for Flag {
    fn read(key: &Ident, _sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        if stands_alone(input) {
            return Ok(Self);
        }
        let message = match literal(input) {
            Some(Lit::Bool(said)) if said.value => {
                format!("`{key}` takes no value: write `{key}` alone")
            }
            Some(Lit::Bool(_)) => format!("`{key}` is off unless it is written: leave it out"),
            _ => format!("`{key}` takes no value: write `{key}` alone, or leave it out"),
        };
        Err(Error::new(key.span(), message))
    }
}

impl Value for Count {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        let expr = expression(key, sample, input)?;
        match bare(&expr) {
            Expr::Lit(literal) => {
                let Lit::Int(number) = &literal.lit else {
                    let message = format!("`{key}` is a number: write `{sample}`");
                    return Err(Error::new_spanned(literal, message));
                };
                if !matches!(number.suffix(), "" | "u32") {
                    let message = format!("`{key}` is a number without a unit: write `{sample}`");
                    return Err(Error::new_spanned(literal, message));
                }
                match number.base10_parse::<u32>() {
                    Ok(0) => {
                        let message = "0 attempts would never run the body: write 1 or more";
                        Err(Error::new_spanned(literal, message))
                    }
                    Ok(count) => Ok(Self::Literal(count, number.span())),
                    Err(_) => {
                        let message = format!("`{key}` is too large: write at most {}", u32::MAX);
                        Err(Error::new_spanned(literal, message))
                    }
                }
            }
            Expr::Unary(negated) if matches!(bare(&negated.expr), Expr::Lit(_)) => {
                // Who asks for less than none means: as often as it takes.
                let message = format!(
                    "`{key}` must be 1 or more: to go on for a time write `{key} = 1000, deadline = 30s`"
                );
                Err(Error::new_spanned(negated, message))
            }
            _ => Ok(Self::Expr(expr)),
        }
    }
}

impl ToTokens for Count {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(count, span) => {
                tokens.extend(quote_spanned!(ours(*span)=> #count));
            }
            Self::Expr(expr) => expr.to_tokens(tokens),
        }
    }
}

impl Value for Idempotence {
    fn read(key: &Ident, _sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        if stands_alone(input) {
            return Ok(Self::Declared);
        }
        let sample = format!("{key} = \"why it is\"");
        if input.peek(token::Paren) {
            let message = match in_parentheses(&input.fork()) {
                Ok(reason) => format!("write the reason behind a `=`: `{key} = {reason}`"),
                Err(_) => format!("write `{key}` alone, or with its reason: `{sample}`"),
            };
            return Err(Error::new(key.span(), message));
        }
        let expr = expression(key, &sample, input)?;
        let literal = match bare(&expr) {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        };
        let message = match literal {
            Some(Lit::Str(reason)) if !reason.value().trim().is_empty() => {
                return Ok(Self::Reason);
            }
            Some(Lit::Str(_)) => format!(
                "the reason is empty: say why repeating does no harm, or write `{key}` alone"
            ),
            // A no: the advice must not be to say yes.
            Some(Lit::Bool(said)) if !said.value => format!(
                "a body that is not `{key}` must not run again: remove `#[retry_on_locked]`"
            ),
            Some(Lit::Bool(_)) => format!("`{key}` takes no `true`: write `{key}` alone"),
            _ => format!(
                "`{key}` is the author's word, not a value: write it alone, or with a reason in quotes"
            ),
        };
        Err(Error::new_spanned(expr, message))
    }
}

impl Place {
    /// The `self` that this begins with, in a function that has none.
    pub(crate) fn lone_self(&self, sig: &Signature) -> Option<TokenTree> {
        let first = self.0.to_token_stream().into_iter().next()?;
        let is_self = matches!(&first, TokenTree::Ident(word) if word == "self");
        (is_self && sig.receiver().is_none()).then_some(first)
    }
}

impl Value for Place {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        expression(key, sample, input).map(Self)
    }
}

impl Value for Root {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        equals(key, sample, input)?;
        if let Ok(text) = input.fork().parse::<LitStr>() {
            let path = text.parse_with(Path::parse_mod_style);
            let meant = path.map_or(sample.to_owned(), |_| format!("{key} = {}", text.value()));
            return Err(input.error(format!("write the path without quotes: `{meant}`")));
        }
        match input.call(Path::parse_mod_style) {
            Ok(path) => Ok(Self(path)),
            Err(error) => {
                let message = format!("`{key}` is the path of db_core: write `{sample}`");
                Err(Error::new(error.span(), message))
            }
        }
    }

    fn agrees(&self, other: &Self) -> bool {
        self.0.to_token_stream().to_string() == other.0.to_token_stream().to_string()
    }
}

/// Whether nothing belongs to the key. What follows may still be wrong, such
/// as the next option without a comma, but not because of this one.
fn stands_alone(input: ParseStream<'_>) -> bool {
    !input.peek(Token![=]) && !input.peek(token::Paren)
}

/// The literal that a key was given, whether or not it takes one.
pub(super) fn literal(input: ParseStream<'_>) -> Option<Lit> {
    let ahead = input.fork();
    ahead.parse::<Token![=]>().ok()?;
    ahead.parse().ok()
}

/// The text in the parentheses behind a key.
fn in_parentheses(input: ParseStream<'_>) -> syn::Result<String> {
    let content;
    syn::parenthesized!(content in input);
    let text: LitStr = content.parse()?;
    Ok(text.to_token_stream().to_string())
}

/// The `=` behind a key that needs a value, which must follow.
fn equals(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<()> {
    let missing = || format!("`{key}` needs a value: write `{sample}`");
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), missing()));
    }
    let equals: Token![=] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(equals.span(), missing()));
    }
    Ok(())
}

/// `= EXPR`
pub(super) fn expression(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Expr> {
    equals(key, sample, input)?;
    input.parse()
}

/// An expression without the invisible group that a `macro_rules!` puts around
/// what it was given.
pub(crate) fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    expr
}

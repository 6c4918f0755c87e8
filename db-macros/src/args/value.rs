//! The kinds of value that an option can have, and how each is read.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Lit, LitStr, Path, Token, token};

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
        let message = format!("`{key}` takes no value: write `{key}` alone, or leave it out");
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
                let message = format!("`{key}` must be 1 or more: write `{sample}`");
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
        let expr = expression(key, &sample, input)?;
        let reason = match bare(&expr) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text),
                _ => None,
            },
            _ => None,
        };
        match reason.map(LitStr::value) {
            Some(reason) if reason.trim().is_empty() => {
                let message = format!(
                    "the reason is empty: say why repeating does no harm, or write `{key}` alone"
                );
                Err(Error::new_spanned(expr, message))
            }
            Some(_) => Ok(Self::Reason),
            None => {
                let message =
                    format!("`{key}` stands alone or has a reason in quotes: write `{sample}`");
                Err(Error::new_spanned(expr, message))
            }
        }
    }
}

impl Value for Place {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        let expr = expression(key, sample, input)?;
        if matches!(bare(&expr), Expr::Lit(_)) {
            let message =
                format!("`{key}` is an expression for an open `Database`: write `{sample}`");
            return Err(Error::new_spanned(expr, message));
        }
        Ok(Self(expr))
    }
}

impl Value for Root {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        equals(key, sample, input)?;
        if input.peek(LitStr) {
            return Err(input.error(format!("write the path without quotes: `{sample}`")));
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

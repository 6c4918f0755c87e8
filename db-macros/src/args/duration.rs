//! Lengths of time: a literal with its unit, `250ms`, or any expression of
//! type `Duration`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::ParseStream;
use syn::{Error, Expr, Lit, UnOp};

use super::value::{Value, bare, expression};
use crate::span::ours;

/// The value of an option that is a length of time.
pub(crate) enum Length {
    Literal { nanos: u128, span: Span },
    Expr(Expr),
}

/// Units, the largest first, in nanoseconds. One letter fewer for a minute
/// would read as a metre or a month; nothing in a database waits for hours.
const UNITS: [(&str, u128); 5] =
    [("min", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];

impl Length {
    /// The length, if it is known now.
    pub(crate) fn literal(&self) -> Option<u128> {
        match self {
            Self::Literal { nanos, .. } => Some(*nanos),
            Self::Expr(_) => None,
        }
    }

    /// A literal as it was written, if it is a length.
    pub(super) fn shown(literal: &Lit) -> Option<String> {
        let text = literal.to_token_stream().to_string();
        parse_text(&text).map(|_| text)
    }
}

impl Value for Length {
    fn read(key: &Ident, sample: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        let expr = expression(key, sample, input)?;
        match bare(&expr) {
            Expr::Lit(literal) => match literal_nanos(key, sample, &literal.lit, apart(input)) {
                Ok(nanos) => Ok(Self::Literal { nanos, span: literal.lit.span() }),
                Err(message) => Err(Error::new_spanned(literal, message)),
            },
            Expr::Unary(negated)
                if matches!(negated.op, UnOp::Neg(_))
                    && matches!(bare(&negated.expr), Expr::Lit(_)) =>
            {
                let positive = negated.expr.to_token_stream().to_string();
                let known = parse_text(&positive).map(|_| format!("{key} = {positive}"));
                let meant = known.unwrap_or_else(|| sample.to_owned());
                let message = format!("`{key}` cannot be negative: write `{meant}`");
                Err(Error::new_spanned(negated, message))
            }
            _ => Ok(Self::Expr(expr)),
        }
    }
}

impl ToTokens for Length {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (nanos, span) = match self {
            Self::Literal { nanos, span } => (*nanos, ours(*span)),
            Self::Expr(expr) => return expr.to_tokens(tokens),
        };
        // The coarsest unit that is exact keeps expansions readable.
        let exact =
            [("from_secs", 1_000_000_000), ("from_millis", 1_000_000), ("from_micros", 1_000)]
                .into_iter()
                .find(|(_, unit)| nanos.is_multiple_of(*unit));
        let (name, unit) = exact.unwrap_or(("from_nanos", 1));
        let name = Ident::new(name, span);
        // `literal_nanos` lets no longer ones through.
        let count = u64::try_from(nanos / unit).unwrap_or(u64::MAX);
        tokens.extend(quote_spanned!(span=> ::core::time::Duration::#name(#count)));
    }
}

/// The unit that stands apart from its number.
fn apart(input: ParseStream<'_>) -> Option<String> {
    let word = input.fork().parse::<Ident>().ok()?.to_string();
    meant(&word).map(str::to_owned)
}

/// The unit that a word is, or was meant to be.
fn meant(word: &str) -> Option<&'static str> {
    let own = UNITS.into_iter().find(|(name, _)| *name == word);
    own.map(|(name, _)| name).or(match word {
        "sec" | "secs" | "second" | "seconds" | "S" => Some("s"),
        "m" | "mins" | "minute" | "minutes" | "M" => Some("min"),
        "msec" | "msecs" | "millis" | "milliseconds" | "MS" => Some("ms"),
        "usec" | "micros" | "microseconds" | "µs" | "μs" => Some("us"),
        "nanos" | "nanoseconds" => Some("ns"),
        _ => None,
    })
}

/// Units that are longer than any of ours, in minutes.
fn minutes(word: &str) -> Option<u64> {
    match word {
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(60),
        "d" | "day" | "days" => Some(24 * 60),
        _ => None,
    }
}

/// The length that a literal says, or what is wrong with it. `apart` is the unit
/// behind it, where that is not a part of it.
fn literal_nanos(
    key: &Ident,
    sample: &str,
    literal: &Lit,
    apart: Option<String>,
) -> Result<u128, String> {
    let (digits, suffix) = match literal {
        Lit::Int(number) => (number.base10_digits().to_owned(), number.suffix().to_owned()),
        Lit::Float(number) => (number.base10_digits().to_owned(), number.suffix().to_owned()),
        Lit::Str(text) if parse_text(&text.value()).is_some() => {
            return Err(format!("write the duration without quotes: `{key} = {}`", text.value()));
        }
        _ => {
            return Err(format!("`{key}` is a duration: write `{key} = 10s` or `{key} = 10ms`"));
        }
    };
    if suffix.is_empty() {
        if let Some(unit) = apart {
            return Err(format!("write number and unit together: `{key} = {digits}{unit}`"));
        }
        // The likelier one first: pauses are short, limits are long.
        let (first, second) = if sample.ends_with("ms") { ("ms", "s") } else { ("s", "ms") };
        return Err(format!(
            "`{key}` needs a unit: write `{key} = {digits}{first}` or `{key} = {digits}{second}`"
        ));
    }
    let Some((_, unit)) = UNITS.into_iter().find(|(name, _)| *name == suffix) else {
        let long = minutes(&suffix).and_then(|long| digits.parse::<u64>().ok()?.checked_mul(long));
        let advice = match (meant(&suffix), long) {
            (Some(unit), _) => format!("`{key} = {digits}{unit}`"),
            (None, Some(minutes)) => format!("`{key} = {minutes}min`"),
            (None, None) => "`ns`, `us`, `ms`, `s` or `min`".to_owned(),
        };
        return Err(format!("`{suffix}` is not a unit of time: write {advice}"));
    };
    match scale(&digits, unit) {
        Scaled::Exact(nanos) => Ok(nanos),
        Scaled::TooFine => Err(format!("`{key}` is finer than a nanosecond: write fewer digits")),
        Scaled::TooLong => {
            Err(format!("`{key}` is too long: write at most 500 years, or leave it out"))
        }
        Scaled::NoNumber => {
            Err(format!("`{key}` must be plain digits with a unit: write `{key} = 10s`"))
        }
    }
}

/// `10s` in quotes
fn parse_text(text: &str) -> Option<u128> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (digits, suffix) = text.split_at(split);
    let (_, unit) = UNITS.into_iter().find(|(name, _)| *name == suffix)?;
    match scale(digits, unit) {
        Scaled::Exact(nanos) => Some(nanos),
        _ => None,
    }
}

enum Scaled {
    Exact(u128),
    TooFine,
    TooLong,
    NoNumber,
}

/// A decimal number times `unit`, without the rounding of a float: `1.5` times
/// 1000 is 1500.
fn scale(digits: &str, unit: u128) -> Scaled {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return Scaled::NoNumber;
    }
    if fraction.len() > 11 {
        return Scaled::TooFine;
    }
    let Ok(whole) = whole.parse::<u64>() else {
        return Scaled::TooLong;
    };
    let mut part = 0;
    let mut worth = unit;
    for digit in fraction.bytes() {
        if !worth.is_multiple_of(10) {
            return Scaled::TooFine;
        }
        worth /= 10;
        part += worth * u128::from(digit - b'0');
    }
    match u128::from(whole).checked_mul(unit) {
        // As many nanoseconds as a u64 holds, so that each unit's constructor
        // takes the value.
        Some(nanos) if nanos + part <= u128::from(u64::MAX) => Scaled::Exact(nanos + part),
        _ => Scaled::TooLong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(digits: &str, unit: u128) -> Option<u128> {
        match scale(digits, unit) {
            Scaled::Exact(nanos) => Some(nanos),
            _ => None,
        }
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(exact("10", 1_000), Some(10_000));
        assert_eq!(exact("1.5", 1_000_000_000), Some(1_500_000_000));
        assert_eq!(exact("0.1", 1_000_000), Some(100_000));
        assert_eq!(exact("1.10", 1_000), Some(1_100));
        assert_eq!(exact("1.5", 1), None);
        assert_eq!(exact("0.0001", 1_000), None);
        assert_eq!(exact("1e3", 1_000), None);
        assert_eq!(exact("99999999999999999999", 1), None);
        assert_eq!(exact("9999999999999999999", 1_000), None);
    }

    #[test]
    fn quoted_durations_are_recognised() {
        assert_eq!(parse_text("250ms"), Some(250_000_000));
        assert_eq!(parse_text("soon"), None);
        assert_eq!(parse_text("10"), None);
        assert_eq!(parse_text(""), None);
    }
}

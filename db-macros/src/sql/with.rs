//! The common table expressions before a statement: `WITH name AS (..), ..`.

use super::level::{Tokens, group};
use super::token::Name;

/// One of them.
pub(super) struct Table<'t, 'a> {
    pub(super) name: Name<'a>,
    pub(super) body: Tokens<'t, 'a>,
}

/// The statement behind them.
pub(super) fn behind<'t, 'a>(tokens: Tokens<'t, 'a>) -> Option<Tokens<'t, 'a>> {
    split(tokens).map(|(_, rest)| rest)
}

/// The common table expressions, if there are any, and the statement behind them.
pub(super) fn split<'t, 'a>(
    mut tokens: Tokens<'t, 'a>,
) -> Option<(Vec<Table<'t, 'a>>, Tokens<'t, 'a>)> {
    let mut tables = Vec::new();
    if !tokens.first()?.is("WITH") {
        return Some((tables, tokens));
    }
    tokens = &tokens[1..];
    if tokens.first()?.is("RECURSIVE") {
        tokens = &tokens[1..];
    }
    loop {
        let name = tokens.first()?.name()?;
        tokens = &tokens[1..];
        if tokens.first()?.is_mark('(') {
            tokens = behind_group(tokens)?;
        }
        if !tokens.first()?.is("AS") {
            return None;
        }
        tokens = &tokens[1..];
        for word in ["NOT", "MATERIALIZED"] {
            if tokens.first()?.is(word) {
                tokens = &tokens[1..];
            }
        }
        let body = group(tokens);
        tokens = behind_group(tokens)?;
        tables.push(Table { name, body });
        match tokens.first() {
            Some(comma) if comma.is_mark(',') => tokens = &tokens[1..],
            _ => return Some((tables, tokens)),
        }
    }
}

/// What follows the parenthesis that closes the one that `tokens` begin with.
fn behind_group<'t, 'a>(tokens: Tokens<'t, 'a>) -> Option<Tokens<'t, 'a>> {
    let close = tokens.first()?.is_mark('(').then(|| group(tokens).len() + 1)?;
    tokens.get(close)?.is_mark(')').then(|| &tokens[close + 1..])
}

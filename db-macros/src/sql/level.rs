//! Tokens by their depth in parentheses.

use super::token::Token;

/// Some tokens of one statement.
pub(super) type Tokens<'t, 'a> = &'t [Token<'a>];

/// What stands in the parentheses that `tokens` begin with, nothing if they begin
/// with something else. Without an end it goes to that of the statement.
pub(super) fn group<'t, 'a>(tokens: Tokens<'t, 'a>) -> Tokens<'t, 'a> {
    match tokens.first() {
        Some(open) if open.is_mark('(') => &tokens[1..tokens.len().min(open.length - 1)],
        _ => &[],
    }
}

/// The place of a keyword that stands in no parentheses.
pub(super) fn place(tokens: Tokens<'_, '_>, keyword: &str) -> Option<usize> {
    Level::of(tokens).find(|&at| tokens[at].is(keyword))
}

/// The pieces between the commas that stand in no parentheses.
pub(super) fn listed<'t, 'a>(tokens: Tokens<'t, 'a>) -> impl Iterator<Item = Tokens<'t, 'a>> {
    let commas = Level::of(tokens).filter(|&at| tokens[at].is_mark(','));
    commas.chain([tokens.len()]).scan(0, move |from, comma| {
        let piece = &tokens[*from..comma];
        *from = comma + 1;
        Some(piece)
    })
}

/// How many parentheses are open at most at one time.
pub(super) fn deepest(tokens: Tokens<'_, '_>) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for token in tokens {
        if token.is_mark('(') {
            depth += 1;
            deepest = deepest.max(depth);
        } else if token.is_mark(')') {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// The places of the tokens that stand in no parentheses; of a group, that of
/// the one which opens it.
pub(super) struct Level<'t, 'a> {
    tokens: Tokens<'t, 'a>,
    at: usize,
}

impl<'t, 'a> Level<'t, 'a> {
    pub(super) fn of(tokens: Tokens<'t, 'a>) -> Self {
        Self { tokens, at: 0 }
    }
}

impl Iterator for Level<'_, '_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        let token = self.tokens.get(at)?;
        self.at = at.saturating_add(token.length);
        Some(at)
    }
}

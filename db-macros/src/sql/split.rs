//! Where one statement ends and the next begins.

use super::token::Token;

/// Cuts at the semicolons, except for those inside of a trigger, and inside of
/// parentheses: there only the arguments of a virtual table can have one.
pub(super) fn split(tokens: Vec<Token<'_>>) -> impl Iterator<Item = Vec<Token<'_>>> {
    let mut tokens = tokens.into_iter().peekable();
    std::iter::from_fn(move || {
        while tokens.next_if(|token| token.is_mark(';')).is_some() {}
        let mut statement: Vec<Token<'_>> = Vec::new();
        let mut depth = 0_usize;
        for token in tokens.by_ref() {
            if token.is_mark('(') {
                depth += 1;
            } else if token.is_mark(')') {
                depth = depth.saturating_sub(1);
            } else if token.is_mark(';') && depth == 0 && !in_trigger(&statement) {
                break;
            }
            statement.push(token);
        }
        Some(statement).filter(|statement| !statement.is_empty())
    })
}

/// Whether these are the beginning of a `CREATE TRIGGER` whose `END` is still
/// to come. Each statement in its body ends with a semicolon, so that the `END`
/// behind one is its own, and that of a `CASE` is not.
fn in_trigger(statement: &[Token<'_>]) -> bool {
    let mut words = statement.iter();
    let mut next = words.next();
    if next.is_some_and(|token| token.is("EXPLAIN")) {
        next = words.next();
        if next.is_some_and(|token| token.is("QUERY")) {
            words.next();
            next = words.next();
        }
    }
    if !next.is_some_and(|token| token.is("CREATE")) {
        return false;
    }
    next = words.next();
    if next.is_some_and(|token| token.is_any(&["TEMP", "TEMPORARY"])) {
        next = words.next();
    }
    let ended = matches!(statement, [.., before, end] if before.is_mark(';') && end.is("END"));
    next.is_some_and(|token| token.is("TRIGGER")) && !ended
}

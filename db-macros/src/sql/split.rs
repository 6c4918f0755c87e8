//! Where one statement ends and the next begins.

use super::level::{Level, Tokens};

/// Cuts at the semicolons, except for those inside of a trigger, and inside of
/// parentheses: there only the arguments of a virtual table can have one.
pub(super) fn split<'t, 'a>(tokens: Tokens<'t, 'a>) -> Vec<Tokens<'t, 'a>> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in Level::of(tokens).filter(|&at| tokens[at].is_mark(';')) {
        if !in_trigger(&tokens[from..at]) {
            found.push(&tokens[from..at]);
            from = at + 1;
        }
    }
    found.push(&tokens[from..]);
    found.retain(|statement| !statement.is_empty());
    found
}

/// Whether these are the beginning of a `CREATE TRIGGER` whose `END` is still
/// to come. Each statement in its body ends with a semicolon, so that the `END`
/// behind one is its own, and that of a `CASE` is not.
fn in_trigger(statement: Tokens<'_, '_>) -> bool {
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

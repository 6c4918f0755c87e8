//! What a statement does, told by its first words.

use super::does::Does;
use super::token::{Kind, Token};
use super::{pragma, with};

pub(super) fn does(tokens: &[Token<'_>]) -> Does {
    if tokens.iter().any(|token| token.kind == Kind::Illegal) {
        return Does::Unknown;
    }
    let Some((first, rest)) = tokens.split_first() else {
        return Does::Unknown;
    };
    if first.is("EXPLAIN") {
        // It shows how a statement would be run, and runs nothing.
        return if rest.is_empty() { Does::Unknown } else { Does::Reads };
    }
    let Some((verb, rest)) = with::behind(tokens).and_then(<[_]>::split_first) else {
        return Does::Unknown;
    };
    let is = |known: bool, does: Does| if known { does } else { Does::Unknown };
    match verb.text.to_ascii_uppercase().as_str() {
        _ if verb.kind != Kind::Word => Does::Unknown,
        "SELECT" | "VALUES" => is(!rest.is_empty(), Does::Reads),
        "INSERT" => is(rest.first().is_some_and(|t| t.is_any(&["INTO", "OR"])), Does::Writes),
        "REPLACE" => is(rest.first().is_some_and(|t| t.is("INTO")), Does::Writes),
        "UPDATE" => is(rest.iter().any(|token| token.is("SET")), Does::Writes),
        "DELETE" => is(rest.first().is_some_and(|t| t.is("FROM")), Does::Writes),
        "CREATE" => create(rest),
        "DROP" => is(object(rest), Does::Writes),
        "ALTER" => is(rest.first().is_some_and(|t| t.is("TABLE")), Does::Writes),
        "ANALYZE" | "REINDEX" => Does::Writes,
        "VACUUM" => Does::Vacuums,
        "ATTACH" | "DETACH" => is(!rest.is_empty(), Does::Attaches),
        "BEGIN" => is(begins(rest), Does::Begins),
        "COMMIT" | "END" => is(behind_transaction(rest).is_some_and(<[_]>::is_empty), Does::Ends),
        "ROLLBACK" => match behind_transaction(rest) {
            Some([]) => Does::Ends,
            Some([to, rest @ ..]) if to.is("TO") => is(savepoint(rest), Does::Nests),
            _ => Does::Unknown,
        },
        "SAVEPOINT" => is(matches!(rest, [name] if name.name().is_some()), Does::Nests),
        "RELEASE" => is(savepoint(rest), Does::Nests),
        "PRAGMA" => pragma::does(rest),
        _ => Does::Unknown,
    }
}

const OBJECTS: [&str; 7] = ["TABLE", "INDEX", "VIEW", "TRIGGER", "UNIQUE", "VIRTUAL", "TEMP"];

fn object(rest: &[Token<'_>]) -> bool {
    rest.first().is_some_and(|first| first.is_any(&OBJECTS))
}

fn create(rest: &[Token<'_>]) -> Does {
    let Some(first) = rest.first() else {
        return Does::Unknown;
    };
    if first.is_any(&["TEMP", "TEMPORARY"]) {
        return Does::CreatesTemporary;
    }
    if !object(rest) {
        return Does::Unknown;
    }
    // `CREATE TABLE IF NOT EXISTS temp.t`: the schema stands before the first dot.
    let words = rest.iter().skip(1).skip_while(|token| {
        token.is_any(&["TABLE", "INDEX", "VIEW", "TRIGGER", "IF", "NOT", "EXISTS"])
    });
    let mut words = words.take(2);
    let schema = words.next().and_then(Token::name);
    let dotted = words.next().is_some_and(|token| token.is_mark('.'));
    match schema {
        Some(name) if dotted && name.0.eq_ignore_ascii_case("temp") => Does::CreatesTemporary,
        _ => Does::Writes,
    }
}

/// Whether this is all that may follow `BEGIN`.
fn begins(rest: &[Token<'_>]) -> bool {
    let rest = match rest {
        [how, rest @ ..] if how.is_any(&["DEFERRED", "IMMEDIATE", "EXCLUSIVE"]) => rest,
        rest => rest,
    };
    behind_transaction(rest).is_some_and(<[_]>::is_empty)
}

/// What follows an optional `TRANSACTION` and its name, which SQLite ignores.
fn behind_transaction<'t, 'a>(rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    match rest {
        [word, rest @ ..] if word.is("TRANSACTION") => match rest {
            [to, ..] if to.is("TO") => Some(rest),
            [name, rest @ ..] if name.name().is_some() => Some(rest),
            [] => Some(rest),
            _ => None,
        },
        rest => Some(rest),
    }
}

/// Whether these name a savepoint.
fn savepoint(rest: &[Token<'_>]) -> bool {
    match rest {
        [name] => name.name().is_some(),
        [word, name] => word.is("SAVEPOINT") && name.name().is_some(),
        _ => false,
    }
}

/// The words by which a person knows the statement.
pub(super) fn shown(tokens: &[Token<'_>]) -> String {
    let tokens = with::behind(tokens).unwrap_or(tokens);
    let Some((first, rest)) = tokens.split_first() else {
        return String::new();
    };
    let first = first.text.to_ascii_uppercase();
    let second = match first.as_str() {
        "PRAGMA" => pragma::name(rest).map(|name| name.0.to_ascii_lowercase()),
        // With its schema, if that is what matters.
        "CREATE" => match rest.first() {
            Some(word) if word.is("TEMPORARY") => Some("TEMP".to_owned()),
            Some(word) if !word.is("TEMP") && does(tokens) == Does::CreatesTemporary => {
                Some(format!("{} temp..", word.text.to_ascii_uppercase()))
            }
            word => word.map(|word| word.text.to_ascii_uppercase()),
        },
        "DROP" | "ALTER" => rest.first().map(|word| word.text.to_ascii_uppercase()),
        "ROLLBACK" => rest.iter().find(|word| word.is("TO")).map(|_| "TO".to_owned()),
        _ => None,
    };
    match second {
        Some(second) => format!("{first} {second}"),
        None => first,
    }
}

//! Whether a statement that is run again adds to what it did before.
//!
//! The rule is about the text alone. It lets through what a unique key makes
//! harmless only where the statement says so (`OR IGNORE`, `ON CONFLICT`), and it
//! takes a column that is computed from itself for one that moves each time,
//! though `SET n = max(n, 5)` does not: for that there is
//! `idempotent = "reason"`.

mod target;

use super::level::{Level, Tokens, group};
use super::token::{Kind, Name, Token};
use super::with::{self, Table};
use target::Target;

/// Why running a statement twice is not the same as running it once.
#[derive(Debug)]
pub(crate) enum AddsUp<'a> {
    /// An `INSERT` that has nothing to say of rows that are there already.
    Inserts,
    /// A column that is set to something computed from one that is set.
    Sets(Name<'a>),
    /// What it inserts is computed from the table that it goes into.
    Feeds(Name<'a>),
    /// The rows that `LIMIT` picks are others the next time.
    Picks,
}

pub(super) fn adds_up<'a>(tokens: Tokens<'_, 'a>) -> Option<AddsUp<'a>> {
    let (tables, rest) = with::split(tokens)?;
    let (verb, rest) = rest.split_first()?;
    if verb.is("INSERT") || verb.is("REPLACE") {
        let (replaces, rest) = conflict(rest);
        insert(rest, replaces || verb.is("REPLACE"), &tables)
    } else if verb.is("UPDATE") {
        let (_, rest) = conflict(rest);
        update(rest, &tables)
    } else if verb.is("DELETE") {
        let (target, rest) = Target::read(rest.split_first()?.1, &tables)?;
        picks(rest, &target).then_some(AddsUp::Picks)
    } else {
        None
    }
}

/// What follows `OR` and a resolution, and whether that settles the rows which
/// are there already.
fn conflict<'t, 'a>(rest: Tokens<'t, 'a>) -> (bool, Tokens<'t, 'a>) {
    match rest {
        [or, how, rest @ ..] if or.is("OR") => (how.is_any(&["IGNORE", "REPLACE"]), rest),
        rest => (false, rest),
    }
}

fn insert<'a>(rest: Tokens<'_, 'a>, settled: bool, tables: &[Table<'_, 'a>]) -> Option<AddsUp<'a>> {
    let (target, rest) = Target::read(rest.split_first()?.1, tables)?;
    let upsert = Level::of(rest).find(|&at| {
        rest[at].is("ON") && rest.get(at + 1).is_some_and(|token| token.is("CONFLICT"))
    });
    if !settled && upsert.is_none() {
        return Some(AddsUp::Inserts);
    }
    let (source, upsert) = rest.split_at(upsert.unwrap_or(rest.len()));
    if feeds(source, &target) {
        return Some(AddsUp::Feeds(target.name));
    }
    // There can be several: `ON CONFLICT (a) DO NOTHING ON CONFLICT DO UPDATE ..`.
    let sets = Level::of(upsert).filter(|&at| upsert[at].is("SET"));
    sets.filter_map(|at| assignments(&upsert[at + 1..], &target)).next()
}

fn update<'a>(rest: Tokens<'_, 'a>, tables: &[Table<'_, 'a>]) -> Option<AddsUp<'a>> {
    let (mut target, rest) = Target::read(rest, tables)?;
    let set = Level::of(rest).find(|&at| rest[at].is("SET"))?;
    let rest = &rest[set + 1..];
    // `UPDATE t SET n = o.n + 1 FROM t AS o`: other names for the same rows.
    let condition = Level::of(rest).find(|&at| rest[at].is("WHERE")).unwrap_or(rest.len());
    let from = Level::of(&rest[..condition]).find(|&at| rest[at].is("FROM"));
    target.many = from.is_some_and(|from| target.is_read_by(&rest[from..condition]));
    assignments(rest, &target).or_else(|| picks(rest, &target).then_some(AddsUp::Picks))
}

/// Looks at what stands behind `SET`.
fn assignments<'a>(tokens: Tokens<'_, 'a>, target: &Target<'_>) -> Option<AddsUp<'a>> {
    let ends = ["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT", "ON"];
    let end = Level::of(tokens).find(|&at| {
        // `a IS DISTINCT FROM b` is part of an expression.
        tokens[at].is_any(&ends) && !(at > 0 && tokens[at - 1].is("DISTINCT"))
    });
    let tokens = &tokens[..end.unwrap_or(tokens.len())];
    let mut set = Vec::new();
    let mut values = Vec::new();
    let commas = Level::of(tokens).filter(|&at| tokens[at].is_mark(','));
    let mut from = 0;
    for comma in commas.chain([tokens.len()]) {
        let one = &tokens[from..comma];
        from = comma + 1;
        let equals = Level::of(one).find(|&at| one[at].is_mark('='))?;
        let columns = one[..equals].iter().filter(|token| token.kind != Kind::Mark);
        set.extend(columns.filter_map(Token::name));
        values.push(&one[equals + 1..]);
    }
    let read = values.into_iter().find_map(|value| reading(value, &set, target, Scope::Row));
    read.map(AddsUp::Sets)
}

/// Whose columns a name without a table's before it means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those of the row that is changed.
    Row,
    /// Those of another table, that a subquery reads.
    Other,
    /// Those of the table that is changed, that a subquery reads.
    Same,
}

/// The first of the columns in `set` that an expression reads.
fn reading<'a>(
    tokens: Tokens<'_, 'a>,
    set: &[Name<'a>],
    target: &Target<'_>,
    scope: Scope,
) -> Option<Name<'a>> {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is_mark('(') {
            let inside = group(&tokens[at..]);
            let scope = scope_of(inside, target, scope);
            if let Some(found) = reading(inside, set, target, scope) {
                return Some(found);
            }
            at += inside.len() + 2;
            continue;
        }
        if matches!(token.kind, Kind::Word | Kind::Quoted)
            && let Some(name) = token.name()
            && let Some(column) = set.iter().find(|column| **column == name)
            && is_column(tokens, at)
        {
            let of = match tokens[..at] {
                [.., table, dot] if dot.is_mark('.') => table.name(),
                _ => None,
            };
            if scope == Scope::Same || of.map_or(scope == Scope::Row, |table| target.is(table)) {
                return Some(*column);
            }
        }
        at += 1;
    }
    None
}

fn scope_of(inside: Tokens<'_, '_>, target: &Target<'_>, outside: Scope) -> Scope {
    if !inside.first().is_some_and(|token| token.is_any(&["SELECT", "WITH", "VALUES"])) {
        outside
    } else if target.is_read_by(inside) {
        Scope::Same
    } else if outside == Scope::Row && inside.iter().any(|token| token.is("FROM")) {
        Scope::Other
    } else {
        outside
    }
}

/// Whether the name at `at` stands where a column can, as far as its neighbours
/// tell: it is no function, no table before a dot, no alias, no collation.
fn is_column(tokens: Tokens<'_, '_>, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let behind = tokens.get(at + 1);
    !before.is_some_and(|token| token.is_any(&["AS", "COLLATE"]))
        && !behind.is_some_and(|token| token.is_mark('(') || token.is_mark('.'))
}

/// Whether what an `INSERT` takes its rows from is computed from the table that
/// they go into. A question whether a row is there already is not.
fn feeds(source: Tokens<'_, '_>, target: &Target<'_>) -> bool {
    let mut asked = Vec::new();
    for at in 0..source.len() {
        let question = source[at].is_any(&["EXISTS", "IN"]);
        if question && source.get(at + 1).is_some_and(|token| token.is_mark('(')) {
            asked.push(at + 1..at + 1 + group(&source[at + 1..]).len());
        }
    }
    let told: Vec<_> = source
        .iter()
        .enumerate()
        .filter(|(at, _)| !asked.iter().any(|range| range.contains(at)))
        .map(|(_, token)| *token)
        .collect();
    target.is_read_by(&told)
}

/// Whether a `LIMIT` decides which rows are changed or deleted.
fn picks(rest: Tokens<'_, '_>, target: &Target<'_>) -> bool {
    if Level::of(rest).any(|at| rest[at].is("LIMIT")) {
        return true;
    }
    let Some(condition) = Level::of(rest).find(|&at| rest[at].is("WHERE")) else {
        return false;
    };
    let condition = &rest[condition + 1..];
    // `= (SELECT .. LIMIT 1)`, `IN (SELECT .. LIMIT 9)`; but `NOT IN` and `<` keep
    // the same rows each time.
    Level::of(condition).any(|at| {
        let chosen = match condition[..at] {
            [.., not, word] if word.is("IN") => !not.is("NOT"),
            [.., before, mark] if mark.is_mark('=') => {
                !['<', '>', '!'].into_iter().any(|other| before.is_mark(other))
            }
            _ => false,
        };
        if !chosen {
            return false;
        }
        if !condition[at].is_mark('(') {
            return condition[at].name().is_some_and(|name| target.is_picked_in(name));
        }
        let inside = group(&condition[at..]);
        target.picks(inside)
    })
}

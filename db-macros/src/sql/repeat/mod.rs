//! Whether a statement that is run again adds to what it did before.
//!
//! The rule is about the text alone. It lets through what a unique key makes
//! harmless only where the statement says so (`OR IGNORE`, `ON CONFLICT`), and it
//! takes a column that is computed from itself for one that moves each time,
//! though `SET n = max(n, 5)` does not: for that there is
//! `idempotent = "reason"`.

mod target;

use super::level::{Level, Tokens, group, listed, place};
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
    // `INSERT INTO fts(fts) VALUES ('rebuild')` is a command: https://sqlite.org/fts5.html
    if group(rest).first().and_then(Token::name) == Some(target.name) {
        return None;
    }
    if !settled && upsert.is_none() {
        return Some(AddsUp::Inserts);
    }
    let (source, upsert) = rest.split_at(upsert.unwrap_or(rest.len()));
    let source = &source[..place(source, "RETURNING").unwrap_or(source.len())];
    if target.is_used_by(source) && computes(source) {
        return Some(AddsUp::Feeds(target.name));
    }
    // There can be several: `ON CONFLICT (a) DO NOTHING ON CONFLICT DO UPDATE ..`.
    let sets = Level::of(upsert).filter(|&at| upsert[at].is("SET"));
    sets.filter_map(|at| moves(&upsert[at + 1..], &target)).next().map(AddsUp::Sets)
}

fn update<'a>(rest: Tokens<'_, 'a>, tables: &[Table<'_, 'a>]) -> Option<AddsUp<'a>> {
    let (mut target, rest) = Target::read(rest, tables)?;
    let rest = &rest[place(rest, "SET")? + 1..];
    let condition = place(rest, "WHERE").unwrap_or(rest.len());
    let from = place(&rest[..condition], "FROM");
    let from = from.map_or(&[][..], |from| &rest[from..condition]);
    let picked = picks(rest, &target) || target.picks(from);
    let moved = moves(rest, &target).or_else(|| {
        // `UPDATE t SET n = o.n + 1 FROM t AS o`: other names for the same rows.
        target.many = target.is_read_by(from);
        let column = moves(rest, &target)?;
        // A query over the table may give its own value this name: `rank() AS rank`.
        target.many = target.is_named_in(from);
        let groups = Level::of(from).map(|at| group(&from[at..]));
        let queries = groups.chain(tables.iter().map(|table| table.body));
        let reads = |query| reading(query, &[column], &target, Scope::Row).is_some();
        let comes = target.many || queries.filter(|query| target.is_read_by(query)).any(reads);
        comes.then_some(column)
    });
    moved.map(AddsUp::Sets).or_else(|| picked.then_some(AddsUp::Picks))
}

/// The first column that what stands behind `SET` computes from one that it sets.
fn moves<'a>(tokens: Tokens<'_, 'a>, target: &Target<'_>) -> Option<Name<'a>> {
    let ends = ["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT", "ON"];
    let end = Level::of(tokens).find(|&at| {
        // `a IS DISTINCT FROM b` is part of an expression.
        tokens[at].is_any(&ends) && !(at > 0 && tokens[at - 1].is("DISTINCT"))
    });
    let tokens = &tokens[..end.unwrap_or(tokens.len())];
    let mut set = Vec::new();
    let mut values = Vec::new();
    for one in listed(tokens) {
        let equals = Level::of(one).find(|&at| one[at].is_mark('='))?;
        let columns = one[..equals].iter().filter(|token| token.kind != Kind::Mark);
        set.extend(columns.filter_map(Token::name));
        values.push(&one[equals + 1..]);
    }
    values.into_iter().find_map(|value| changing(value, &set, target))
}

/// The first of the columns in `set` from which a value is computed, if it is another
/// value the next time: `coalesce(?1, n)`, `max(n, ?1)` or `trim(n)` is not.
fn changing<'a>(value: Tokens<'_, 'a>, set: &[Name<'a>], target: &Target<'_>) -> Option<Name<'a>> {
    // Of each other, too, they come to the same.
    const TEXT: [&str; 3] = ["lower", "trim", "upper"];
    const SETTLED: [&str; 7] = ["coalesce", "ifnull", "max", "min", "trim", "lower", "upper"];
    let [head, arguments @ ..] = value else {
        return None;
    };
    let settled = head.is_any(&SETTLED) && group(arguments).len() + 2 == arguments.len();
    if !settled {
        return reading(value, set, target, Scope::Row);
    }
    listed(group(arguments)).find_map(|argument| {
        let plain = matches!(argument, [_] | [_, _, _])
            && argument
                .iter()
                .all(|t| matches!(t.kind, Kind::Word | Kind::Quoted) || t.is_mark('.'));
        let nested =
            head.is_any(&TEXT) && argument.first().is_some_and(|first| first.is_any(&TEXT));
        if plain {
            None
        } else if nested {
            changing(argument, set, target)
        } else {
            reading(argument, set, target, Scope::Row)
        }
    })
}

/// Whose columns a name means.
#[derive(Clone, Copy)]
enum Scope<'s, 'a> {
    /// Those of the row that is changed.
    Row,
    /// Without a table's name before it, those of another table, that a subquery reads.
    Other,
    /// Also those of the table that is changed, that a subquery reads by these names.
    Same(&'s [Name<'a>]),
}

/// The first of the columns in `set` that an expression reads.
fn reading<'a>(
    tokens: Tokens<'_, 'a>,
    set: &[Name<'a>],
    target: &Target<'_>,
    scope: Scope<'_, '_>,
) -> Option<Name<'a>> {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is_mark('(') {
            let inside = group(&tokens[at..]);
            let is_query =
                inside.first().is_some_and(|token| token.is_any(&["SELECT", "WITH", "VALUES"]));
            let names = if is_query { target.names_in(inside) } else { Vec::new() };
            let scope = match scope {
                _ if !names.is_empty() => Scope::Same(&names),
                Scope::Row if is_query && inside.iter().any(|token| token.is("FROM")) => {
                    Scope::Other
                }
                outside => outside,
            };
            if let Some(found) = reading(inside, set, target, scope) {
                return Some(found);
            }
            at = at.saturating_add(token.length);
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
            let counts = match (scope, of) {
                (Scope::Same(names), Some(of)) => target.is(of) || names.contains(&of),
                (_, Some(of)) => target.is(of),
                (Scope::Row | Scope::Same(_), None) => true,
                (Scope::Other, None) => false,
            };
            if counts {
                return Some(*column);
            }
        }
        at += 1;
    }
    None
}

/// Whether the name at `at` stands where a column can, as far as its neighbours
/// tell: it is no function, no table before a dot, no alias, no collation.
fn is_column(tokens: Tokens<'_, '_>, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let behind = tokens.get(at + 1);
    !before.is_some_and(|token| token.is_any(&["AS", "COLLATE"]))
        && !behind.is_some_and(|token| token.is_mark('(') || token.is_mark('.'))
}

/// Whether a value is computed in here, by an operator or over several rows.
fn computes(tokens: Tokens<'_, '_>) -> bool {
    const OVER_ROWS: [&str; 7] = ["count", "sum", "total", "avg", "min", "max", "group_concat"];
    const WORDS: [&str; 6] = ["SELECT", "DISTINCT", "ALL", "FROM", "WHERE", "BY"];
    let is_operand = |token: &Token<'_>| match token.kind {
        Kind::Word => !token.is_any(&WORDS),
        Kind::Quoted | Kind::String | Kind::Value => true,
        Kind::Mark => token.is_mark('(') || token.is_mark(')'),
        Kind::Illegal => false,
    };
    let joins = tokens.windows(2).any(|two| two.iter().all(|token| token.is_mark('|')));
    let works = tokens.windows(3).any(|three| {
        let works = three[1].kind == Kind::Mark && "+-*/%&".contains(three[1].text);
        works
            && !three[0].is_mark('(')
            && is_operand(&three[0])
            && !three[2].is_mark(')')
            && is_operand(&three[2])
    });
    let gathers = tokens.windows(2).any(|two| two[0].is_any(&OVER_ROWS) && two[1].is_mark('('));
    joins || works || gathers
}

/// Whether a `LIMIT` decides which rows are changed or deleted.
fn picks(rest: Tokens<'_, '_>, target: &Target<'_>) -> bool {
    let condition = place(rest, "WHERE").map(|condition| &rest[condition + 1..]);
    place(rest, "LIMIT").is_some() || condition.is_some_and(|condition| chooses(condition, target))
}

/// Whether a condition names the rows by a query that picks some of them:
/// `id = (SELECT id .. LIMIT 1)`, `id IN (SELECT id .. LIMIT 9)`. With `NOT IN` and `<`
/// they are the same rows each time.
fn chooses(condition: Tokens<'_, '_>, target: &Target<'_>) -> bool {
    Level::of(condition).any(|at| {
        let inside = group(&condition[at..]);
        let is_query = inside.first().is_some_and(|token| token.is_any(&["SELECT", "WITH"]));
        if condition[at].is_mark('(') && !is_query {
            return chooses(inside, target);
        }
        let behind = at.saturating_add(condition[at].length);
        let equals = |token: &Token<'_>| token.is_mark('=');
        let compared = match condition[..at] {
            [.., not, word] if word.is("IN") && not.is("NOT") => return false,
            [.., before, word] if word.is("IN") || word.is("IS") => Some(before),
            [.., before, mark] if equals(&mark) => {
                let other = ['<', '>', '!'].into_iter().any(|mark| before.is_mark(mark));
                (!other).then_some(before)
            }
            _ if condition.get(behind).is_some_and(equals) => condition.get(behind + 1).copied(),
            _ => None,
        };
        let Some(compared) = compared else {
            return false;
        };
        if is_query {
            same_column(compared, inside) && target.picks(inside)
        } else {
            condition[at].name().is_some_and(|name| target.is_picked_in(name))
        }
    })
}

/// Whether a query may be about the column that it is compared with.
fn same_column(compared: Token<'_>, query: Tokens<'_, '_>) -> bool {
    let selected = match query {
        [_, table, dot, column, ..] if dot.is_mark('.') => table.name().and(column.name()),
        [_, column, ..] => column.name(),
        _ => None,
    };
    match (compared.name(), selected) {
        (Some(one), Some(other)) => {
            let is_row =
                |name: Name<'_>| ["rowid", "oid", "_rowid_"].iter().any(|row| name == Name(row));
            one == other || is_row(one) || is_row(other)
        }
        _ => true,
    }
}

//! The table that a statement changes, and where else the statement names it.

use crate::sql::level::{Level, Tokens};
use crate::sql::token::{Kind, Name};
use crate::sql::with::Table;

/// The table that a statement changes.
pub(super) struct Target<'a> {
    pub(super) name: Name<'a>,
    alias: Option<Name<'a>>,
    /// It goes by still other names in this statement.
    pub(super) many: bool,
    /// The common table expressions that read it, and whether they pick some rows.
    views: Vec<(Name<'a>, bool)>,
}

impl<'a> Target<'a> {
    /// `[schema.]table [AS alias]`, and what follows it.
    pub(super) fn read<'t>(
        tokens: Tokens<'t, 'a>,
        tables: &[Table<'_, 'a>],
    ) -> Option<(Self, Tokens<'t, 'a>)> {
        let (mut name, mut rest) = tokens.split_first()?;
        if let [dot, table, behind @ ..] = rest
            && dot.is_mark('.')
        {
            (name, rest) = (table, behind);
        }
        let mut target = Self { name: name.name()?, alias: None, many: false, views: Vec::new() };
        if let [word, alias, behind @ ..] = rest
            && word.is("AS")
        {
            target.alias = alias.name();
            rest = behind;
        }
        for table in tables {
            if target.is_read_by(table.body) {
                target.views.push((table.name, target.picks(table.body)));
            }
        }
        Some((target, rest))
    }

    /// Whether a column with this name before it is one of the table's.
    pub(super) fn is(&self, name: Name<'_>) -> bool {
        self.many || self.name == name || self.alias.is_some_and(|alias| alias == name)
    }

    /// Whether a query in `tokens` reads it.
    pub(super) fn is_read_by(&self, tokens: Tokens<'_, '_>) -> bool {
        sources(tokens, true).any(|source| self.is_source(source.name))
    }

    /// The same, not counting the questions whether a row is there.
    pub(super) fn is_used_by(&self, tokens: Tokens<'_, '_>) -> bool {
        sources(tokens, false).any(|source| self.is_source(source.name))
    }

    /// Whether a list of tables names it, and not only a query in there.
    pub(super) fn is_named_in(&self, from: Tokens<'_, '_>) -> bool {
        Level::of(from).any(|at| {
            let begins = from[at].is_any(&["FROM", "JOIN"]) || from[at].is_mark(',');
            begins && Source::read(&from[at + 1..]).is_some_and(|source| source.name == self.name)
        })
    }

    fn is_source(&self, name: Name<'_>) -> bool {
        name == self.name || self.views.iter().any(|view| view.0 == name)
    }

    /// The names by which a query goes to its columns.
    pub(super) fn names_in<'q>(&self, query: Tokens<'_, 'q>) -> Vec<Name<'q>> {
        let own = sources(query, true).filter(|source| self.is_source(source.name));
        own.flat_map(|source| [Some(source.name), source.alias]).flatten().collect()
    }

    /// Whether these read it and take some of its rows, by their number.
    pub(super) fn picks(&self, tokens: Tokens<'_, '_>) -> bool {
        // `LIMIT -1` is all of them, before an OFFSET.
        let limits = tokens.windows(2).any(|two| two[0].is("LIMIT") && !two[1].is_mark('-'));
        limits && self.is_read_by(tokens)
            || sources(tokens, true).any(|source| self.is_picked_in(source.name))
    }

    /// Whether that is what the common table expression of this name does.
    pub(super) fn is_picked_in(&self, name: Name<'_>) -> bool {
        self.views.iter().any(|(view, picks)| *picks && *view == name)
    }
}

/// A table that a query names behind `FROM` or `JOIN`.
struct Source<'a> {
    name: Name<'a>,
    alias: Option<Name<'a>>,
}

/// Those in `tokens`, however deep; of the queries in `EXISTS (..)` and `IN (..)` only with
/// `questions`.
fn sources<'t, 'a>(
    tokens: Tokens<'t, 'a>,
    questions: bool,
) -> impl Iterator<Item = Source<'a>> + use<'t, 'a> {
    let mut at = 0;
    let mut listing = false;
    let mut around = Vec::new();
    std::iter::from_fn(move || {
        loop {
            let token = tokens.get(at)?;
            let opens = tokens.get(at + 1).is_some_and(|next| next.is_mark('('));
            at += 1;
            if !questions && opens && token.is_any(&["EXISTS", "IN"]) {
                at = at.saturating_add(tokens[at].length);
                continue;
            }
            if token.is_mark('(') {
                around.push(std::mem::take(&mut listing));
                continue;
            }
            if token.is_mark(')') {
                listing = around.pop().unwrap_or_default();
                continue;
            }
            if token.is_any(&["FROM", "JOIN"]) {
                listing = true;
            } else if !(listing && token.is_mark(',')) {
                // What a list of tables has between its commas: an alias, an `INDEXED BY`.
                listing &= matches!(token.kind, Kind::Word | Kind::Quoted) && !token.is_any(&ENDS)
                    || token.is_mark('.');
                continue;
            }
            if let Some(source) = Source::read(&tokens[at..]) {
                return Some(source);
            }
        }
    })
}

/// What ends a list of tables.
const ENDS: [&str; 12] = [
    "WHERE",
    "GROUP",
    "ORDER",
    "LIMIT",
    "ON",
    "USING",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "SET",
    "WINDOW",
    "HAVING",
];

impl<'a> Source<'a> {
    /// `[schema.]table [[AS] alias]`
    fn read(tokens: Tokens<'_, 'a>) -> Option<Self> {
        let (mut name, mut rest) = tokens.split_first()?;
        if let [dot, table, behind @ ..] = rest
            && dot.is_mark('.')
        {
            (name, rest) = (table, behind);
        }
        let alias = match rest {
            [word, alias, ..] if word.is("AS") => alias.name(),
            [alias, ..] if !alias.is_any(&ENDS) => alias.name(),
            _ => None,
        };
        Some(Self { name: name.name()?, alias })
    }
}

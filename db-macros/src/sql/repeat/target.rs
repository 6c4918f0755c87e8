//! The table that a statement changes, and where else the statement names it.

use crate::sql::level::{Level, Tokens};
use crate::sql::token::Name;
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
        reads(tokens, |name| name == self.name || self.views.iter().any(|view| view.0 == name))
    }

    /// Whether these read it and take some of its rows, by their number.
    pub(super) fn picks(&self, tokens: Tokens<'_, '_>) -> bool {
        let limited = tokens.iter().any(|token| token.is("LIMIT")) && self.is_read_by(tokens);
        limited || reads(tokens, |name| self.is_picked_in(name))
    }

    /// Whether that is what the common table expression of this name does.
    pub(super) fn is_picked_in(&self, name: Name<'_>) -> bool {
        self.views.iter().any(|(view, picks)| *picks && *view == name)
    }
}

/// Whether a `FROM` or `JOIN` in here, however deep, names such a table.
fn reads(tokens: Tokens<'_, '_>, is: impl Fn(Name<'_>) -> bool) -> bool {
    let is_table = |at: usize| match &tokens[at..] {
        [_schema, dot, name, ..] if dot.is_mark('.') => name.name().is_some_and(&is),
        [name, ..] => name.name().is_some_and(&is),
        [] => false,
    };
    let starts = tokens.iter().enumerate().filter(|(_, token)| token.is_any(&["FROM", "JOIN"]));
    starts.into_iter().any(|(at, _)| {
        // `FROM a, b AS c, t`: each comma of the list starts a table, too.
        let list = &tokens[at + 1..];
        let ends = ["WHERE", "GROUP", "ORDER", "LIMIT", "ON", "USING", "UNION", "SET", "WINDOW"];
        let end = Level::of(list).find(|&at| list[at].is_any(&ends)).unwrap_or(list.len());
        let commas = Level::of(&list[..end]).filter(|&at| list[at].is_mark(','));
        commas.map(|comma| at + 2 + comma).chain([at + 1]).any(|at| is_table(at.min(tokens.len())))
    })
}

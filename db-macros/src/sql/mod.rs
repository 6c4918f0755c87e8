//! What a literal of SQL does, as far as its text tells.
//!
//! Nothing here knows a schema or runs SQL. Where the text is not enough, no
//! claim is made: a statement that is wrongly refused stops its author, one that
//! is let through still meets the runtime's own checks. The verdicts are held
//! against SQLite's own, `sqlite3_stmt_readonly`, in `tests/sql`.

mod calls;
mod does;
mod kind;
mod level;
mod pattern;
mod pragma;
mod repeat;
mod scope;
mod split;
mod token;
mod tree;
mod with;

pub(crate) use calls::{Call, find};
pub(crate) use does::Does;
pub(crate) use repeat::AddsUp;
use token::Token;

/// One statement of a text.
pub(crate) struct Statement<'a> {
    tokens: Vec<Token<'a>>,
}

/// The statements of a text. Empty ones are none, nor is a comment.
pub(crate) fn statements(sql: &str) -> Vec<Statement<'_>> {
    let tokens = token::tokens(sql);
    let statements = split::split(&tokens).into_iter();
    statements.map(|tokens| Statement { tokens: tokens.to_vec() }).collect()
}

impl Statement<'_> {
    /// What running it does.
    pub(crate) fn does(&self) -> Does {
        kind::does(&self.tokens)
    }

    /// Whether running it twice comes to something else than running it once,
    /// and why.
    pub(crate) fn adds_up(&self) -> Option<AddsUp<'_>> {
        // SQLite refuses deeper ones: https://sqlite.org/limits.html (expression tree).
        const DEEPEST: usize = 1_000;
        if level::deepest(&self.tokens) > DEEPEST { None } else { repeat::adds_up(&self.tokens) }
    }

    /// Its first words, by which its author will know it.
    pub(crate) fn shown(&self) -> String {
        kind::shown(&self.tokens)
    }
}

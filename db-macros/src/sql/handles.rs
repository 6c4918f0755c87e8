//! Which of a body's names stand for its handle, and the pieces of an expression
//! that it takes to tell.

use std::collections::HashSet;

use proc_macro2::Delimiter;

use super::tree::{Tree, any_name};

/// The names in scope through which the body's own transaction is reached.
#[derive(Clone)]
pub(super) enum Handles {
    Named(HashSet<String>),
    /// Whatever is called counts: all of the body is repeated.
    Any,
}

impl Handles {
    /// Whether an expression has to do with the handle.
    pub(super) fn reach(&self, expression: &[Tree]) -> bool {
        match self {
            Self::Any => true,
            Self::Named(names) => any_name(expression, &mut |name| names.contains(name)),
        }
    }

    /// Whether what an expression comes to may be the handle, or made from it. A
    /// connection that is opened here is another one, whatever its path is made of.
    pub(super) fn make(&self, expression: &[Tree]) -> bool {
        self.reach(expression) && !any_name(expression, &mut |name| name.starts_with("open"))
    }

    /// What the names in a pattern stand for from here on.
    pub(super) fn bind(&mut self, patterns: &[Tree], handle: bool) {
        let Self::Named(names) = self else {
            return;
        };
        for pattern in patterns.split(|tree| tree.is_mark(',')) {
            any_name(untyped(pattern), &mut |name| {
                if handle {
                    names.insert(name.to_owned());
                } else {
                    names.remove(name);
                }
                false
            });
        }
    }
}

/// A pattern without the type behind it.
fn untyped(pattern: &[Tree]) -> &[Tree] {
    let is_colon = |at: usize| pattern.get(at).is_some_and(|tree| tree.is_mark(':'));
    let single = |at: &usize| is_colon(*at) && !is_colon(at + 1) && (*at == 0 || !is_colon(at - 1));
    let end = (0..pattern.len()).find(single);
    &pattern[..end.unwrap_or(pattern.len())]
}

/// Names that get the value of an expression.
pub(super) struct Binding<'t> {
    pub(super) pattern: &'t [Tree],
    pub(super) value: &'t [Tree],
    /// What the names are confined to; `None` if that is the rest of the group.
    pub(super) scope: Option<&'t [Tree]>,
    /// How many trees behind the keyword this is.
    pub(super) length: usize,
}

impl<'t> Binding<'t> {
    /// Cuts what follows `let` or `for`, if it is such a statement or condition.
    pub(super) fn split(keyword: &str, before: &[Tree], rest: &'t [Tree]) -> Option<Self> {
        let block = || rest.iter().position(|tree| tree.is_group(Delimiter::Brace));
        if keyword == "for" {
            // `for<'a> ..` and `impl .. for ..` have no `in`.
            let block = block()?;
            let within = rest[..block].iter().position(|tree| tree.is("in"))?;
            return Some(Self::new(rest, within, block, Some(block + 1)));
        }
        let condition = match before {
            [.., word] if word.is("if") || word.is("while") => true,
            [.., Tree::Mark('&'), Tree::Mark('&')] => true,
            _ => false,
        };
        let (end, scope) = if condition {
            let block = block()?;
            let and = |at: &usize| matches!(rest[*at..], [Tree::Mark('&'), Tree::Mark('&'), ..]);
            ((0..block).find(and).unwrap_or(block), Some(block + 1))
        } else {
            let end = rest.iter().position(|tree| tree.is_mark(';'));
            (end.unwrap_or(rest.len()), None)
        };
        let equals = rest[..end].iter().position(|tree| tree.is_mark('='));
        Some(Self::new(rest, equals.unwrap_or(end), end, scope))
    }

    fn new(rest: &'t [Tree], sign: usize, end: usize, scope: Option<usize>) -> Self {
        Self {
            pattern: &rest[..sign],
            value: rest.get(sign + 1..end).unwrap_or_default(),
            scope: scope.map(|close| &rest[end..close]),
            length: scope.unwrap_or(end),
        }
    }
}

/// The parameters of a closure and what follows them up to the end of the
/// argument that it is; `rest` is what follows a `|`.
pub(super) fn closure_parameters<'t>(
    before: &[Tree],
    rest: &'t [Tree],
) -> Option<(&'t [Tree], &'t [Tree])> {
    // Behind a value it is an operator, or divides two patterns.
    match before.last() {
        Some(Tree::Ident(word)) if !is_keyword(word) => return None,
        Some(Tree::Literal(_) | Tree::Group(..) | Tree::Mark('?')) => return None,
        _ => {}
    }
    let close = rest.iter().position(|tree| tree.is_mark('|'))?;
    let body = &rest[close + 1..];
    let end = body.iter().position(|tree| tree.is_mark(',') || tree.is_mark(';'));
    Some((&rest[..close], &body[..end.unwrap_or(body.len())]))
}

/// The expression at the end of `before` that a method or a call is about to be
/// made on: `self.shop().conn`, `f(x)?`.
pub(super) fn callee(before: &[Tree]) -> &[Tree] {
    let mut start = before.len();
    loop {
        while let [.., Tree::Mark('?')] = before[..start] {
            start -= 1;
        }
        match &before[..start] {
            [.., Tree::Ident(word)] if !is_keyword(word) => start -= 1,
            [.., Tree::Literal(_)] => start -= 1,
            // Arguments belong to what is called: `f(x)`, `m!(x)`, `f(x)(y)`.
            [.., Tree::Ident(word), Tree::Group(..)] if !is_keyword(word) => {
                start -= 1;
                continue;
            }
            [.., Tree::Ident(_), Tree::Mark('!'), Tree::Group(..)] => {
                start -= 2;
                continue;
            }
            [.., Tree::Group(..), Tree::Group(Delimiter::Parenthesis, _)] => {
                start -= 1;
                continue;
            }
            [.., Tree::Group(..)] => start -= 1,
            _ => break,
        }
        match before[..start] {
            [.., Tree::Mark('.')] => start -= 1,
            [.., Tree::Mark(':'), Tree::Mark(':')] => start -= 2,
            _ => break,
        }
    }
    &before[start..]
}

/// A word behind which a value begins.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 11] =
        ["as", "break", "else", "if", "in", "let", "match", "move", "mut", "return", "while"];
    KEYWORDS.contains(&word)
}

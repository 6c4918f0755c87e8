//! Patterns: the names that they bind, and where they stand.

use proc_macro2::Delimiter;

use super::tree::{Tree, listed};

/// The names that the patterns bind, which commas may separate.
pub(super) fn names(patterns: &[Tree]) -> Vec<&str> {
    let mut found = Vec::new();
    for pattern in listed(patterns) {
        collect(untyped(pattern), &mut found);
    }
    found
}

/// A pattern without the type behind it.
pub(super) fn untyped(pattern: &[Tree]) -> &[Tree] {
    let end = pattern.iter().position(|tree| tree.is_mark(':'));
    &pattern[..end.unwrap_or(pattern.len())]
}

fn collect<'t>(pattern: &'t [Tree], found: &mut Vec<&'t str>) {
    for (at, tree) in pattern.iter().enumerate() {
        match tree {
            Tree::Ident(name, _) if binds(name, pattern.get(at + 1)) => found.push(name),
            Tree::Group(Delimiter::Brace, fields) => {
                // `field: pattern`, or `field` alone.
                for field in listed(fields) {
                    match field.iter().position(|tree| tree.is_mark(':')) {
                        Some(colon) => collect(&field[colon + 1..], found),
                        None => collect(field, found),
                    }
                }
            }
            Tree::Group(_, inside) => {
                listed(inside).for_each(|pattern| collect(pattern, found));
            }
            _ => {}
        }
    }
}

/// Whether this word of a pattern is a name that it binds.
fn binds(word: &str, behind: Option<&Tree>) -> bool {
    let named = word.starts_with(|first: char| first.is_lowercase() || first == '_');
    let part = behind.is_some_and(|tree| {
        tree.is_operator("::")
            || tree.is_mark('!')
            || tree.is_group(Delimiter::Parenthesis)
            || tree.is_group(Delimiter::Brace)
    });
    named && !part && !matches!(word, "_" | "mut" | "ref" | "box" | "in" | "if")
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
        let keywords = ["let", "for", "fn", "if", "while", "match", "loop"];
        if keyword == "for" {
            // `for<'a> ..` and `impl .. for ..` have no `in` before the next statement.
            let within = rest.iter().position(|tree| {
                tree.is("in") || tree.is_mark(';') || keywords.iter().any(|word| tree.is(word))
            })?;
            let block = rest[within].is("in").then(|| block_behind(rest, within + 1))??;
            return Some(Self::new(rest, within, block, Some(block + 1)));
        }
        let condition = match before {
            [.., word] if word.is("if") || word.is("while") => true,
            [.., and] if and.is_operator("&&") => true,
            _ => false,
        };
        let equals = rest.iter().position(|tree| tree.is_mark('=') || tree.is_mark(';'))?;
        if !rest[equals].is_mark('=') {
            return None;
        }
        if condition {
            let block = block_behind(rest, equals + 1)?;
            let and = rest[equals..block].iter().position(|tree| tree.is_operator("&&"));
            let end = and.map_or(block, |and| equals + and);
            return Some(Self::new(rest, equals, end, Some(block + 1)));
        }
        let end = rest.iter().position(|tree| tree.is_mark(';')).unwrap_or(rest.len());
        Some(Self::new(rest, equals, end, None))
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

/// The block that a condition or a loop ends with, behind an expression which may have
/// the braces of a `match` or of an `unsafe` in it.
fn block_behind(trees: &[Tree], from: usize) -> Option<usize> {
    let mut inner = 0;
    for (at, tree) in trees.iter().enumerate().skip(from) {
        match tree {
            Tree::Ident(word, _) if matches!(word.as_str(), "match" | "if" | "unsafe" | "loop") => {
                inner += 1;
            }
            Tree::Ident(word, _) if word == "else" => inner += 1,
            Tree::Group(Delimiter::Brace, _) if inner == 0 => return Some(at),
            Tree::Group(Delimiter::Brace, _) => inner -= 1,
            Tree::Mark(';') => return None,
            _ => {}
        }
    }
    None
}

/// An arm of a `match`: its pattern, and its guard with its body.
pub(super) fn arms(mut trees: &[Tree]) -> impl Iterator<Item = (&[Tree], &[Tree])> {
    std::iter::from_fn(move || {
        let arrow = trees.iter().position(|tree| tree.is_operator("=>"))?;
        let guard = trees[..arrow].iter().position(|tree| tree.is("if"));
        let pattern = &trees[..guard.unwrap_or(arrow)];
        let body = match trees.get(arrow + 1) {
            Some(block) if block.is_group(Delimiter::Brace) => arrow + 2,
            _ => {
                let comma = trees[arrow..].iter().position(|tree| tree.is_mark(','));
                comma.map_or(trees.len(), |comma| arrow + comma)
            }
        };
        let arm = (pattern, &trees[guard.unwrap_or(arrow)..body]);
        trees = &trees[body..];
        Some(arm)
    })
}

/// The parameters of a closure and what follows them up to the end of the
/// argument that it is; `rest` is what follows the `|`.
pub(super) fn closure(rest: &[Tree]) -> Option<(&[Tree], &[Tree])> {
    let close = rest.iter().position(|tree| tree.is_mark('|'))?;
    let body = &rest[close + 1..];
    let end = match body.first() {
        // Behind a return type stands a block.
        Some(arrow) if arrow.is_operator("->") => {
            body.iter().position(|tree| tree.is_group(Delimiter::Brace)).map(|block| block + 1)
        }
        _ => body.iter().position(|tree| tree.is_mark(',') || tree.is_mark(';')),
    };
    Some((&rest[..close], &body[..end.unwrap_or(body.len())]))
}

/// Whether an expression begins behind these trees, and none goes on.
pub(super) fn begins_expression(before: &[Tree]) -> bool {
    match before.last() {
        Some(Tree::Ident(word, _)) => is_keyword(word),
        Some(Tree::Literal(_) | Tree::Group(..) | Tree::Mark('?')) => false,
        Some(Tree::Mark(_) | Tree::Operator(_)) | None => true,
    }
}

/// A word behind which a value begins.
pub(super) fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 13] = [
        "as", "async", "break", "else", "if", "in", "let", "match", "move", "mut", "return",
        "static", "while",
    ];
    KEYWORDS.contains(&word)
}

//! Where a body hands SQL to a connection: the literals in `execute`, `prepare`
//! and their kin.
//!
//! A body may have other connections than its handle, and objects with an
//! `execute` of their own, so only what is called on the handle counts ([`Scope`]).
//! Functions inside of the body are not looked into: they have other handles.

use proc_macro2::{Delimiter, Literal, Span, TokenStream};
use syn::{Ident, LitStr};

use super::pattern::{Binding, arms, begins_expression, closure, is_keyword};
use super::scope::{Kind, Scope};
use super::tree::{self, Tree, behind_turbofish, listed};

/// The methods of rusqlite that take SQL, as their first argument.
const METHODS: &[&str] = &[
    "execute",
    "execute_batch",
    "prepare",
    "prepare_cached",
    "prepare_cached_with_flags",
    "prepare_with_flags",
    "query",
    "query_and_then",
    "query_map",
    "query_one",
    "query_row",
    "query_row_and_then",
];

/// The types whose functions take a connection first.
const TYPES: [&str; 5] = ["Batch", "Connection", "Reader", "Transaction", "Writer"];

/// Those that begin a transaction; of `Transaction`, too.
const BEGINNING: &[&str] =
    &["new_unchecked", "transaction", "transaction_with_behavior", "unchecked_transaction"];

/// A call on the handle.
pub(crate) enum Call {
    /// Of SQL, as a literal.
    Sql(LitStr),
    /// Of a pragma, by its name.
    Pragma(LitStr),
    /// Of a method that begins a transaction.
    Begin(Ident),
}

/// How deep a body is looked into. The compiler goes no deeper either; the rest is
/// left to the runtime.
const DEEPEST: usize = 120;

/// The calls in `body` on what the name of its handle stands for; on whatever it is, if
/// there is no name.
pub(crate) fn find(body: TokenStream, handle: Option<&Ident>) -> Vec<Call> {
    let mut found = Found { calls: Vec::new(), depth: 0 };
    found.walk(&tree::read(body), &mut Scope::new(handle.map(tree::plain)), false);
    found.calls
}

struct Found {
    calls: Vec<Call>,
    depth: usize,
}

impl Found {
    /// Looks through the trees of one group. `lent` says whether they are arguments
    /// of a call that has to do with the handle, so that a closure may get it.
    fn walk(&mut self, trees: &[Tree], scope: &mut Scope, lent: bool) {
        if self.depth < DEEPEST {
            self.depth += 1;
            self.walk_level(trees, scope, lent);
            self.depth -= 1;
        }
    }

    fn walk_level(&mut self, trees: &[Tree], scope: &mut Scope, lent: bool) {
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            let (before, rest) = (&trees[..at], &trees[at + 1..]);
            at += 1;
            match tree {
                Tree::Ident(word, span) => at += self.word(word, *span, before, rest, scope),
                Tree::Mark('|') if begins_expression(before) => {
                    let Some((parameters, body)) = closure(rest) else {
                        continue;
                    };
                    let mut inside = scope.clone();
                    inside.bind_as(parameters, if lent { Kind::Made } else { Kind::Other }, None);
                    self.walk(body, &mut inside, false);
                    at += parameters.len() + 1 + body.len();
                }
                Tree::Group(delimiter, inside) => {
                    let call = *delimiter == Delimiter::Parenthesis;
                    let lent = call && gets_handle(before, inside, scope);
                    self.walk(inside, &mut scope.clone(), lent);
                }
                Tree::Mark(_) | Tree::Operator(_) | Tree::Literal(_) => {}
            }
        }
    }

    /// Looks at what a word begins, and says how many trees behind it are done.
    fn word(
        &mut self,
        word: &str,
        span: Span,
        before: &[Tree],
        rest: &[Tree],
        scope: &mut Scope,
    ) -> usize {
        match word {
            "fn" if matches!(rest.first(), Some(Tree::Ident(_, _))) => {
                let end = rest.iter().position(|t| t.is_group(Delimiter::Brace) || t.is_mark(';'));
                return end.map_or(rest.len(), |end| end + 1);
            }
            "macro_rules" => {
                // What `$db` stands for is decided where it is used.
                let end = rest.iter().position(|tree| matches!(tree, Tree::Group(..)));
                return end.map_or(rest.len(), |end| end + 1);
            }
            "const" | "static" => {
                if let [Tree::Ident(name, _), colon, ..] = rest
                    && colon.is_mark(':')
                    && let Some(equals) = rest.iter().position(|tree| tree.is_mark('='))
                    && let [value, end, ..] = &rest[equals + 1..]
                    && end.is_mark(';')
                {
                    scope.name(name, value);
                }
            }
            "let" | "for" => {
                let Some(binding) = Binding::split(word, before, rest) else {
                    if word == "let" {
                        let end = rest.iter().position(|tree| tree.is_mark(';')).unwrap_or(0);
                        scope.bind_as(&rest[..end], Kind::Other, None);
                    }
                    return 0;
                };
                self.walk(binding.value, &mut scope.clone(), false);
                match binding.scope {
                    None => scope.bind(binding.pattern, binding.value),
                    Some(block) => {
                        let mut inside = scope.clone();
                        inside.bind(binding.pattern, binding.value);
                        self.walk(block, &mut inside, false);
                    }
                }
                return binding.length;
            }
            "match" => {
                let Some(block) = rest.iter().position(|tree| tree.is_group(Delimiter::Brace))
                else {
                    return 0;
                };
                let (value, Tree::Group(_, inside)) = (&rest[..block], &rest[block]) else {
                    return 0;
                };
                self.walk(value, &mut scope.clone(), false);
                for (pattern, body) in arms(inside) {
                    let mut scope = scope.clone();
                    scope.bind(pattern, value);
                    self.walk(body, &mut scope, false);
                }
                return block + 1;
            }
            method if METHODS.contains(&method) || method == "new" && is_of(&["Batch"], before) => {
                self.calls.extend(given(before, rest, scope, 0).map(Call::Sql));
            }
            "pragma_update" | "pragma_update_and_check" => {
                self.calls.extend(given(before, rest, scope, 1).map(Call::Pragma));
            }
            method if begins(method, before, rest, scope) => {
                self.calls.push(Call::Begin(Ident::new(method, span)));
            }
            _ => {}
        }
        0
    }
}

/// Whether a call gets the handle, as an argument or as what it is made on.
fn gets_handle(before: &[Tree], arguments: &[Tree], scope: &Scope) -> bool {
    let made_on = match before {
        [called_on @ .., dot, Tree::Ident(_, _)] if dot.is_mark('.') => callee(called_on),
        _ => &[],
    };
    scope.is_handle(made_on) || scope.is_alone_among(arguments)
}

/// The literal that is an argument, counted from 0, of a call on the handle of what
/// stands between `before` and `behind`.
fn given(before: &[Tree], behind: &[Tree], scope: &Scope, at: usize) -> Option<LitStr> {
    let (called_on, mut arguments) = call(before, behind)?;
    let literal = scope.text(arguments.nth(at)?)?;
    scope.is_handle(called_on).then(|| text(literal)).flatten()
}

/// Whether a call is one of rusqlite's that begin a transaction: others have their own
/// methods of these names.
fn begins(method: &str, before: &[Tree], behind: &[Tree], scope: &Scope) -> bool {
    let behavior = matches!(method, "new_unchecked" | "transaction_with_behavior");
    BEGINNING.contains(&method)
        && (method == "new_unchecked") == is_of(&["Transaction"], before)
        && call(before, behind).is_some_and(|(called_on, others)| {
            others.count() == usize::from(behavior) && scope.is_handle(called_on)
        })
}

/// Whether a path ends with one of these types, before the name of the function.
fn is_of(types: &[&str], before: &[Tree]) -> bool {
    matches!(before, [.., Tree::Ident(name, _), path]
        if path.is_operator("::") && types.contains(&name.as_str()))
}

/// What a call is made on, and its other arguments.
fn call<'t>(
    before: &'t [Tree],
    behind: &'t [Tree],
) -> Option<(&'t [Tree], impl Iterator<Item = &'t [Tree]>)> {
    let Some([Tree::Group(Delimiter::Parenthesis, arguments), ..]) = behind_turbofish(behind)
    else {
        return None;
    };
    let mut arguments = listed(arguments);
    match before {
        [before @ .., dot] if dot.is_mark('.') => Some((callee(before), arguments)),
        // `Connection::execute(db, ..)`
        before if is_of(&TYPES, before) => Some((arguments.next()?, arguments)),
        _ => None,
    }
}

fn text(literal: &Literal) -> Option<LitStr> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) if text.suffix().is_empty() => Some(text),
        _ => None,
    }
}

/// The expression at the end of `before` that a method is about to be called on:
/// `self.shop().conn`, `f(x)?`.
fn callee(before: &[Tree]) -> &[Tree] {
    let mut start = before.len();
    loop {
        while let [.., Tree::Mark('?')] = before[..start] {
            start -= 1;
        }
        match &before[..start] {
            [.., Tree::Ident(word, _)] if !is_keyword(word) => start -= 1,
            [.., Tree::Literal(_)] => start -= 1,
            // Arguments belong to what is called: `f(x)`, `m!(x)`, `f(x)(y)`, `a[0]`.
            [.., Tree::Ident(word, _), Tree::Group(..)] if !is_keyword(word) => {
                start -= 1;
                continue;
            }
            [.., Tree::Ident(_, _), Tree::Mark('!'), Tree::Group(..)] => {
                start -= 2;
                continue;
            }
            [.., Tree::Group(..), Tree::Group(Delimiter::Parenthesis | Delimiter::Bracket, _)] => {
                start -= 1;
                continue;
            }
            [.., Tree::Mark('>'), Tree::Group(Delimiter::Parenthesis, _)] => {
                start = before_turbofish(before, start - 1);
                continue;
            }
            [.., Tree::Group(..)] => start -= 1,
            _ => break,
        }
        match &before[..start] {
            [.., dot] if dot.is_mark('.') => start -= 1,
            [.., path] if path.is_operator("::") => start -= 1,
            _ => break,
        }
    }
    &before[start..]
}

/// Where the turbofish begins whose `>` is the last before `end`.
fn before_turbofish(trees: &[Tree], end: usize) -> usize {
    let mut depth = 0_usize;
    for at in (0..end).rev() {
        if trees[at].is_mark('>') {
            depth += 1;
        } else if trees[at].is_mark('<') {
            depth -= 1;
            if depth == 0 {
                return at.saturating_sub(1);
            }
        }
    }
    end
}

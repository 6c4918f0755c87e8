//! Where a body hands SQL to a connection: the literals in `execute`, `prepare`
//! and their kin.
//!
//! A body may have other connections than its handle, and objects with an
//! `execute` of their own. So what a name stands for is followed from the handle
//! through `let`, `for`, `if let` and closures, and only what comes of it counts.
//! Functions inside of the body, fields and the arms of a `match` are not followed.

use proc_macro2::{Delimiter, Literal, TokenStream};
use syn::{Ident, LitStr};

use super::handles::{Binding, Handles, callee, closure_parameters};
use super::tree::{self, Tree};

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

/// The literals that `body` hands to what one of `names` stands for; to whatever
/// it is, if there are no names.
pub(crate) fn find(body: TokenStream, names: Option<&[Ident]>) -> Vec<LitStr> {
    let mut handles = match names {
        Some(names) => Handles::Named(names.iter().map(tree::plain).collect()),
        None => Handles::Any,
    };
    let mut found = Vec::new();
    walk(&tree::read(body), &mut handles, false, &mut found);
    found
}

/// Looks through the trees of one group. `lent` says whether they are arguments
/// of a call that has to do with the handle, so that a closure may get it.
fn walk(trees: &[Tree], handles: &mut Handles, lent: bool, found: &mut Vec<LitStr>) {
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let (before, rest) = (&trees[..at], &trees[at + 1..]);
        at += 1;
        match tree {
            Tree::Ident(word) if word == "fn" && matches!(rest.first(), Some(Tree::Ident(_))) => {
                let end = rest.iter().position(|t| t.is_group(Delimiter::Brace) || t.is_mark(';'));
                at += end.map_or(rest.len(), |end| end + 1);
            }
            Tree::Ident(word) if word == "let" || word == "for" => {
                let Some(binding) = Binding::split(word, before, rest) else {
                    continue;
                };
                walk(binding.value, handles, false, found);
                let handle = handles.make(binding.value);
                match binding.scope {
                    None => handles.bind(binding.pattern, handle),
                    Some(scope) => {
                        let mut inside = handles.clone();
                        inside.bind(binding.pattern, handle);
                        walk(scope, &mut inside, false, found);
                    }
                }
                at += binding.length;
            }
            Tree::Mark('|') => {
                let Some((parameters, body)) = closure_parameters(before, rest) else {
                    continue;
                };
                let mut inside = handles.clone();
                inside.bind(parameters, lent || handles.reach(before));
                walk(body, &mut inside, false, found);
                at = trees.len() - (rest.len() - parameters.len() - 1 - body.len());
            }
            Tree::Ident(method) if METHODS.contains(&method.as_str()) => {
                found.extend(sql(before, rest, handles));
            }
            Tree::Ident(new) if new == "new" && is_batch(before) => {
                found.extend(sql(before, rest, handles));
            }
            Tree::Group(delimiter, inside) => {
                let call = *delimiter == Delimiter::Parenthesis;
                let lent = call && handles.reach(callee(before));
                walk(inside, &mut handles.clone(), lent, found);
            }
            Tree::Ident(_) | Tree::Mark(_) | Tree::Literal(_) => {}
        }
    }
}

/// The SQL of a call of what stands between `before` and `behind`.
fn sql(before: &[Tree], behind: &[Tree], handles: &Handles) -> Option<LitStr> {
    let arguments = match behind {
        [Tree::Group(Delimiter::Parenthesis, arguments), ..] => arguments,
        // `query_row::<i64, _, _>(..)`
        [Tree::Mark(':'), Tree::Mark(':'), Tree::Mark('<'), ..] => {
            behind.iter().find_map(|tree| match tree {
                Tree::Group(Delimiter::Parenthesis, arguments) => Some(arguments),
                _ => None,
            })?
        }
        _ => return None,
    };
    let mut arguments = arguments.split(|tree| tree.is_mark(','));
    let called_on = match before {
        [before @ .., Tree::Mark('.')] => callee(before),
        // `Connection::execute(db, ..)`
        [.., Tree::Mark(':'), Tree::Mark(':')] => arguments.next()?,
        _ => return None,
    };
    let [Tree::Literal(literal)] = arguments.next()? else {
        return None;
    };
    handles.reach(called_on).then(|| text(literal)).flatten()
}

/// `Batch::`, whose `new` takes a connection and SQL.
fn is_batch(before: &[Tree]) -> bool {
    matches!(before, [.., batch, Tree::Mark(':'), Tree::Mark(':')] if batch.is("Batch"))
}

fn text(literal: &Literal) -> Option<LitStr> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) if text.suffix().is_empty() => Some(text),
        _ => None,
    }
}

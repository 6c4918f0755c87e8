//! What a body's names stand for: its handle, what is made from it, or SQL.
//!
//! A value counts as the handle only where it can be nothing else: a name that is
//! bound to it, the same behind references and parentheses, in a constructor, or a
//! statement or a transaction of it. What was read from the database does not: it may
//! name another one; nor what a function returns that was given the handle.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Literal};

use super::pattern;
use super::tree::{Tree, behind_turbofish, listed};

/// The names in scope.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// Through these the body's own transaction is reached. `None`: whatever is called
    /// counts, as all of the body is repeated.
    handles: Option<HashSet<String>>,
    /// Those of them that are the handle itself. What was made from it may be anything: a
    /// statement, or a name that was read.
    own: HashSet<String>,
    /// Literals by the names that a `let` or `const` of the body gave them.
    texts: HashMap<String, Literal>,
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Handle,
    /// Made from it, as far as can be told.
    Made,
    Other,
}

/// What a handle's method returns that is, or has to do with, the handle itself.
const KEEPING: [&str; 28] = [
    "as_deref",
    "as_mut",
    "as_ref",
    "borrow",
    "by_ref",
    "clone",
    "cloned",
    "deref",
    "expect",
    "filter",
    "into_iter",
    "iter",
    "ok",
    "ok_or",
    "ok_or_else",
    "prepare",
    "prepare_cached",
    "prepare_cached_with_flags",
    "prepare_with_flags",
    "savepoint",
    "savepoint_with_name",
    "take",
    "transaction",
    "transaction_with_behavior",
    "unchecked_transaction",
    "unwrap",
    "unwrap_or",
    "unwrap_or_else",
];

impl Scope {
    pub(super) fn new(handle: Option<String>) -> Self {
        let handles = handle.map(|handle| HashSet::from([handle]));
        Self { own: handles.clone().unwrap_or_default(), handles, texts: HashMap::new() }
    }

    /// Whether an expression is the handle, or made from it.
    pub(super) fn is_handle(&self, expression: &[Tree]) -> bool {
        let Some(handles) = &self.handles else {
            return true;
        };
        let rest = behind_references(expression);
        let (mut is, mut rest) = match rest {
            [Tree::Group(Delimiter::Parenthesis | Delimiter::Bracket, inside), behind @ ..] => {
                (listed(inside).any(|one| self.is_handle(one)), behind)
            }
            [Tree::Ident(_, _), path, ..] if path.is_operator("::") => self.call(rest),
            [Tree::Ident(_, _), Tree::Group(Delimiter::Parenthesis, _), ..] => self.call(rest),
            [Tree::Ident(name, _), behind @ ..] => (handles.contains(name), behind),
            _ => return false,
        };
        loop {
            rest = match rest {
                [question, behind @ ..] if question.is_mark('?') => behind,
                [dot, Tree::Ident(method, _), behind @ ..] if dot.is_mark('.') => {
                    match behind_turbofish(behind) {
                        Some([Tree::Group(Delimiter::Parenthesis, _), behind @ ..]) => {
                            is = is && KEEPING.contains(&method.as_str());
                            behind
                        }
                        _ => return false,
                    }
                }
                // The type of a cast, or the `else` of a `let`.
                [Tree::Ident(word, _), ..] if word == "as" || word == "else" => return is,
                [] => return is,
                _ => return false,
            };
        }
    }

    /// Whether one of the arguments is the handle itself. One that is made from it may be
    /// anything.
    fn is_among(&self, arguments: &[Tree]) -> bool {
        self.handles.is_none() || listed(arguments).any(|one| self.is_own(one))
    }

    /// Whether a closure among the arguments can get nothing but the handle.
    pub(super) fn is_alone_among(&self, arguments: &[Tree]) -> bool {
        let other = |one: &&[Tree]| {
            matches!(behind_references(one), [Tree::Ident(name, _)]
                if !self.own.contains(name) && !name.starts_with(char::is_uppercase))
        };
        self.is_among(arguments) && !listed(arguments).any(|one| other(&one))
    }

    /// Whether an expression is the handle itself.
    fn is_own(&self, expression: &[Tree]) -> bool {
        match behind_references(expression) {
            [Tree::Ident(name, _)] => self.own.contains(name),
            [Tree::Ident(name, _), as_type, ..] if as_type.is("as") => self.own.contains(name),
            [Tree::Group(Delimiter::Parenthesis, inside)] => self.is_own(inside),
            [Tree::Ident(name, _), dot, Tree::Ident(method, _), Tree::Group(_, none)] => {
                let same = ["as_ref", "borrow", "clone", "deref"].contains(&method.as_str());
                dot.is_mark('.') && same && none.is_empty() && self.own.contains(name)
            }
            _ => false,
        }
    }

    /// A path, called or not, and what follows it. A constructor with the handle in it has
    /// the handle (`Some(db)`), as has `Deref::deref(db)`; what a function returns that is
    /// given the handle may be another connection.
    fn call<'t>(&self, trees: &'t [Tree]) -> (bool, &'t [Tree]) {
        let mut rest = trees;
        let mut last = "";
        while let [Tree::Ident(name, _), behind @ ..] = rest {
            last = name;
            rest = match behind {
                [path, next @ ..] if path.is_operator("::") => match next {
                    [open, ..] if open.is_mark('<') => behind_turbofish(behind).unwrap_or(&[]),
                    next => next,
                },
                behind => behind,
            };
            if !matches!(behind, [path, ..] if path.is_operator("::")) {
                break;
            }
        }
        match rest {
            [Tree::Group(Delimiter::Parenthesis, given), behind @ ..] => {
                let keeps = last.starts_with(char::is_uppercase)
                    || ["as_ref", "borrow", "deref", "from"].contains(&last);
                (keeps && self.is_among(given), behind)
            }
            rest => (false, rest),
        }
    }

    /// The literal that an expression is, itself or by name.
    pub(super) fn text<'a>(&'a self, expression: &'a [Tree]) -> Option<&'a Literal> {
        match expression {
            [Tree::Literal(literal)] => Some(literal),
            [Tree::Ident(name, _)] => self.texts.get(name),
            [reference, rest @ ..] if reference.is_mark('&') => self.text(rest),
            [Tree::Group(Delimiter::Parenthesis, inside)] => self.text(inside),
            _ => None,
        }
    }

    /// What the name of a constant stands for.
    pub(super) fn name(&mut self, name: &str, value: &Tree) {
        if let Tree::Literal(literal) = value {
            self.texts.insert(name.to_owned(), literal.clone());
        }
    }

    /// What the names of a pattern stand for from here on.
    pub(super) fn bind(&mut self, pattern: &[Tree], value: &[Tree]) {
        // `let (a, b) = (db, other)`
        if let ([Tree::Group(Delimiter::Parenthesis, names)], [Tree::Group(group, values)]) =
            (pattern, value)
            && *group == Delimiter::Parenthesis
            && listed(names).count() == listed(values).count()
        {
            let before = self.clone();
            for (name, value) in listed(names).zip(listed(values)) {
                self.bind_as(name, before.kind(value), before.text(value));
            }
            return;
        }
        let (kind, text) = (self.kind(value), self.text(value).cloned());
        self.bind_as(pattern, kind, text.as_ref());
    }

    fn kind(&self, value: &[Tree]) -> Kind {
        if self.is_own(value) {
            Kind::Handle
        } else if self.is_handle(value) {
            Kind::Made
        } else {
            Kind::Other
        }
    }

    pub(super) fn bind_as(&mut self, pattern: &[Tree], kind: Kind, text: Option<&Literal>) {
        for name in pattern::names(pattern) {
            self.texts.remove(name);
            self.own.remove(name);
            if let Some(handles) = &mut self.handles {
                handles.remove(name);
                if kind != Kind::Other {
                    handles.insert(name.to_owned());
                }
                if kind == Kind::Handle {
                    self.own.insert(name.to_owned());
                }
            }
            if let (Some(text), [_]) = (text, pattern::untyped(pattern)) {
                self.texts.insert(name.to_owned(), text.clone());
            }
        }
    }
}

/// What a reference is to, or what is read behind one.
fn behind_references(mut expression: &[Tree]) -> &[Tree] {
    while let [first, behind @ ..] = expression {
        let is_one =
            first.is_mark('&') || first.is_mark('*') || first.is_operator("&&") || first.is("mut");
        if !is_one {
            break;
        }
        expression = behind;
    }
    expression
}

//! Rules for the SQL that stands in a body as a literal.
//!
//! What the runtime would refuse each time the body runs is refused here, in the
//! same words where it can be. SQL that is made at run time meets the runtime.

use proc_macro2::Ident;
use syn::{LitStr, Pat};

use super::{First, Job, Kind};
use crate::args::{Asked, Attr, Idempotence};
use crate::diag::Diag;
use crate::item::Function;
use crate::sql::{self, AddsUp, Call, Does, Statement};

/// Looks at the literals that the body hands to its handle.
pub(super) fn check(job: Job, asked: &Asked, function: &Function, first: &First, diag: &Diag) {
    let Some(body) = &function.body else {
        return;
    };
    let body = body.block.stream();
    if job == Job::Bare {
        if !is_excused(asked) {
            for call in sql::find(body, None) {
                if let Call::Sql(literal) = call {
                    repeated(&literal, diag);
                }
            }
        }
        return;
    }
    let First::Handle(handle) = first else {
        return;
    };
    let Some(name) = name(&handle.pat) else {
        return;
    };
    // Whether it is to write was asked already.
    let undecided = handle.kind == Kind::Writer || asked.has(Attr::Writer);
    let job = if undecided { Job::Write } else { job };
    for call in sql::find(body, Some(name)) {
        match call {
            Call::Sql(literal) => {
                in_transaction(&literal, &literal.value(), job, asked, handle.kind, diag);
            }
            Call::Pragma(name) => {
                let text = format!("PRAGMA \"{}\" = 0", name.value());
                in_transaction(&name, &text, job, asked, handle.kind, diag);
            }
            // That of a `&mut` is what the error about it names.
            Call::Begin(_) if handle.mutability.is_some() => {}
            Call::Begin(method) => {
                let message = format!(
                    "the attribute opens and ends the transaction: remove `{method}()` and its `commit()`, and use the handle"
                );
                diag.error(method, message);
            }
        }
    }
}

/// Whether the author gave a reason, or tried to, why repeating is harmless.
fn is_excused(asked: &Asked) -> bool {
    let given = asked.options.idempotent.as_ref();
    given.map_or(asked.options.tried("idempotent"), |given| given.value == Idempotence::Reason)
}

/// The name that the handle has in the body.
fn name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(bound) => Some(&bound.ident),
        Pat::Paren(inside) => name(&inside.pat),
        Pat::Reference(inside) => name(&inside.pat),
        _ => None,
    }
}

/// Refuses what a body must not do in its transaction: one error for each rule that the
/// statements of a literal break.
fn in_transaction(literal: &LitStr, text: &str, job: Job, asked: &Asked, kind: Kind, diag: &Diag) {
    let mut broken: Vec<(Rule, Vec<String>)> = Vec::new();
    for statement in sql::statements(text) {
        let Some(rule) = Rule::of(&statement, job) else {
            continue;
        };
        let words = format!("`{}`", statement.shown());
        match broken.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, shown)) if shown.contains(&words) => {}
            Some((_, shown)) => shown.push(words),
            None => broken.push((rule, vec![words])),
        }
    }
    for (rule, shown) in broken {
        let message = match shown.as_slice() {
            [most @ .., last] if !most.is_empty() => {
                let words = format!("{} and {last}", most.join(", "));
                rule.message(&words, false, job, asked, kind)
            }
            shown => rule.message(&shown.concat(), true, job, asked, kind),
        };
        diag.error(literal, message);
    }
}

/// What a body must not do by SQL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Write,
    Transaction,
    Savepoint,
    Attach,
    Vacuum,
    Checkpoint,
    Outside,
    Temporary,
    Setting,
}

impl Rule {
    fn of(statement: &Statement<'_>, job: Job) -> Option<Self> {
        match statement.does() {
            Does::Writes if job == Job::Read => Some(Self::Write),
            Does::Begins | Does::Ends => Some(Self::Transaction),
            Does::Nests => Some(Self::Savepoint),
            Does::Attaches => Some(Self::Attach),
            Does::Vacuums => Some(Self::Vacuum),
            Does::Acts => Some(Self::outside(&statement.shown())),
            Does::CreatesTemporary => Some(Self::Temporary),
            Does::Sets => Some(Self::Setting),
            Does::Reads | Does::Writes | Does::Unknown => None,
        }
    }

    /// For a pragma that acts on the file or the connection as a whole.
    fn outside(shown: &str) -> Self {
        match shown {
            "PRAGMA wal_checkpoint" => Self::Checkpoint,
            "PRAGMA incremental_vacuum" => Self::Vacuum,
            _ => Self::Outside,
        }
    }

    fn message(self, words: &str, one: bool, job: Job, asked: &Asked, kind: Kind) -> String {
        match self {
            Self::Write => {
                let verb = if one { "writes" } else { "write" };
                let over = if kind == Kind::Reader { " over `&Writer`" } else { "" };
                format!("{words} {verb}, and a reader only reads: make this a `#[writer]`{over}")
            }
            Self::Transaction if asked.options.autocommit.is_some() => format!(
                "the attribute opens and ends the transaction: remove {words}, and `autocommit` too"
            ),
            Self::Transaction if job == Job::Read => {
                format!("the attribute opens and ends the transaction: remove {words}")
            }
            Self::Transaction => format!(
                "the attribute opens and ends the transaction: remove {words}; `Ok` commits, `Err` rolls back"
            ),
            Self::Savepoint if job == Job::Read => {
                format!("a reader has nothing to roll back to: remove {words}")
            }
            Self::Savepoint => format!(
                "remove {words} and call another `#[writer]`, or `Writer::savepoint`: its `Err` rolls back to its start"
            ),
            Self::Attach => format!(
                "{words} in a body would be seen by other bodies of this connection: use `Options::on_connect`"
            ),
            Self::Vacuum => format!(
                "{words} cannot run in a body: call `Database::vacuum`, outside of annotated functions"
            ),
            Self::Checkpoint => format!(
                "{words} cannot run in a body: call `Database::checkpoint`, outside of annotated functions"
            ),
            Self::Outside => format!(
                "{words} cannot run in a body: run it on a connection of its own, outside of annotated functions"
            ),
            Self::Temporary if job == Job::Read => {
                format!("{words} would outlive the body on this connection: use `WITH`")
            }
            Self::Temporary => format!(
                "{words} would outlive the body on this connection: use `WITH`, or a table of the database"
            ),
            Self::Setting => format!(
                "{words} would stay set on this connection after the body: use `Options`, or `Options::on_connect`"
            ),
        }
    }
}

/// Refuses what adds up when a bare function's body runs again: one error for each way
/// in which the statements of a literal do.
fn repeated(literal: &LitStr, diag: &Diag) {
    const REASON: &str = "give a reason: `idempotent = \"..\"`";
    let text = literal.value();
    let mut said: Vec<String> = Vec::new();
    for statement in sql::statements(&text) {
        let verb = statement.shown();
        let message = match statement.adds_up() {
            None => continue,
            Some(AddsUp::Inserts) => format!(
                "run again, `{verb}` may add a second row: add `ON CONFLICT` on a UNIQUE key, or {REASON}"
            ),
            Some(AddsUp::Sets(column)) => format!(
                "run again, this changes `{}` again, as it reads what it sets: compute it before the call, or {REASON}",
                column.0
            ),
            Some(AddsUp::Feeds(table)) => format!(
                "run again, this computes from `{0}` what it adds to `{0}`: compute it before the call, or {REASON}",
                table.0
            ),
            Some(AddsUp::Picks) => format!(
                "run again, `{verb}` with `LIMIT` picks other rows: pick them before the call, or {REASON}"
            ),
        };
        if !said.contains(&message) {
            said.push(message);
        }
    }
    for message in said {
        diag.error(literal, message);
    }
}

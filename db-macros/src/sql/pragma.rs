//! Pragmas: most ask or set something by the same name.
//!
//! What counts as a setting here is what the runtime refuses in a body when it
//! is run (`engine/rules.rs` of `db-core`); the two lists must agree.

use super::does::Does;
use super::token::{Name, Token};

/// Pragmas that do something even without a value.
const ACT: &[&str] = &["wal_checkpoint", "incremental_vacuum", "shrink_memory"];

/// Pragmas whose value is the argument of a question.
const ASK: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Pragmas that store their value in the file, inside of the transaction.
const STORE: &[&str] = &["user_version", "application_id"];

/// The name of a pragma, `rest` being what follows the word `PRAGMA`.
pub(super) fn name<'a>(rest: &[Token<'a>]) -> Option<Name<'a>> {
    behind_schema(rest).first()?.name()
}

fn behind_schema<'t, 'a>(rest: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match rest {
        [schema, dot, rest @ ..] if schema.name().is_some() && dot.is_mark('.') => rest,
        rest => rest,
    }
}

/// What `PRAGMA` does, `rest` being what follows the word.
pub(super) fn does(rest: &[Token<'_>]) -> Does {
    let (Some(name), [_, rest @ ..]) = (name(rest), behind_schema(rest)) else {
        return Does::Unknown;
    };
    let is = |list: &[&str]| list.iter().any(|known| name.0.eq_ignore_ascii_case(known));
    let has_value = match rest {
        [] => false,
        [equals, _, ..] if equals.is_mark('=') => true,
        [open, _, .., close] if open.is_mark('(') && close.is_mark(')') => true,
        _ => return Does::Unknown,
    };
    if is(&["optimize"]) {
        return Does::Writes;
    }
    if is(ACT) {
        Does::Acts
    } else if !has_value || is(ASK) || is(&["defer_foreign_keys"]) {
        Does::Reads
    } else if is(STORE) {
        Does::Writes
    } else {
        Does::Sets
    }
}

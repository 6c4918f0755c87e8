//! What the attributes refuse, and what they let through.
//!
//! Each file in `ui/` has one point, said in its first line. Those in a folder
//! named after a cause are refused with the text beside them, and each has a twin in
//! `accepted/` that is as close to it as can be. Those in `ui/pass` go further, and
//! compile without a warning. After a change of a text, `TRYBUILD=overwrite cargo test
//! --test compile` writes it anew: read the difference as the person who made the
//! mistake would.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn misuse_is_refused_and_use_is_not() {
    let cases = trybuild::TestCases::new();
    for cause in causes() {
        cases.compile_fail(cause.join("*.rs").to_str().unwrap());
    }
    cases.pass("tests/ui/pass/*.rs");
}

/// The folders of refused programs, read from the disk: a new one cannot be forgotten.
fn causes() -> Vec<PathBuf> {
    let ui = Path::new("tests/ui");
    let entries = fs::read_dir(ui).unwrap().map(|entry| entry.unwrap().path());
    let mut causes: Vec<PathBuf> =
        entries.filter(|path| path.is_dir() && !path.ends_with("pass")).collect();
    causes.sort();
    assert!(!causes.is_empty(), "looked in the wrong place");
    causes
}

// The accepted ones once more, as modules: so the linter too sees what users get,
// under `clippy::pedantic`.
#[path = "ui/pass/calls.rs"]
mod calls;
#[path = "ui/pass/idempotent.rs"]
mod idempotent;
#[path = "ui/pass/in_macros.rs"]
mod in_macros;
#[path = "ui/pass/options.rs"]
mod options;
#[path = "ui/pass/own_database.rs"]
mod own_database;
#[path = "ui/pass/parameters.rs"]
mod parameters;
#[path = "ui/pass/results.rs"]
mod results;
#[path = "ui/pass/signatures.rs"]
mod signatures;
#[path = "ui/pass/traits.rs"]
mod traits;
#[path = "ui/pass/written_effects.rs"]
mod written_effects;

//! Expansions, word for word: what `golden/FORM.rs` becomes is in
//! `golden/FORM.expanded.rs`. They are what a user steps through in a debugger and
//! what the compiler has to check for each function, so they stay short.
//!
//! After a change, `GOLDEN=overwrite cargo test -p db-macros golden` writes them anew
//! (with rustfmt): read the difference as you would any code.

use std::path::Path;

use proc_macro2::TokenStream;

use super::{expand, flat};

fn golden(form: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden");
    let item = std::fs::read_to_string(folder.join(form).with_extension("rs")).unwrap();
    let expanded = expand(&item);
    let shown = crate::show::formatted(&expanded);
    let file = folder.join(form).with_extension("expanded.rs");
    if std::env::var_os("GOLDEN").is_some_and(|how| how == "overwrite") {
        std::fs::write(&file, &shown).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    let tokens: TokenStream = expected.parse().unwrap();
    assert_eq!(pieces(expanded), pieces(tokens), "{form} expands to:\n{shown}");
}

/// The tokens but those that rustfmt adds, so that this holds without it.
fn pieces(tokens: TokenStream) -> Vec<String> {
    let mut pieces = flat(tokens);
    let closes = |at: usize, pieces: &[String]| {
        pieces.get(at + 1).is_some_and(|next| [")", "]", "}"].contains(&next.as_str()))
    };
    let trailing: Vec<usize> =
        (0..pieces.len()).filter(|&at| pieces[at] == "," && closes(at, &pieces)).collect();
    trailing.into_iter().rev().for_each(|at| drop(pieces.remove(at)));
    pieces
}

#[test]
fn an_absorbed_attribute_does_nothing() {
    let item = "#[retry_on_locked(__absorbed)] fn f(db: &impl X) -> Result<()> { soup + }";
    let expected = "fn f(db: &impl X) -> Result<()> { soup + }";
    assert_eq!(flat(expand(item)), flat(expected.parse().unwrap()));
}

macro_rules! forms {
    ($($form:ident)*) => {$(
        #[test]
        fn $form() {
            golden(stringify!($form));
        }
    )*};
}

forms! {
    reader
    writer
    writer_retried
    retried_writer
    writer_grouped
    bare
    reader_over_connection
    method_without_body
    method_without_body_or_handle
    inner_attributes
    mistake
    mistake_in_types
}

#[test]
fn each_file_is_a_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden");
    let this = include_str!("golden.rs");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let form = name.trim_end_matches(".rs").trim_end_matches(".expanded");
        assert!(this.contains(&format!("    {form}\n")), "{name} is the file of no form");
    }
}

/// What is added to each function, whatever its body.
#[test]
fn an_expansion_adds_few_lines() {
    for form in ["reader", "writer", "writer_retried", "bare"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden");
        let lines = |end: &str| {
            let file = folder.join(form).with_extension(end);
            std::fs::read_to_string(file).unwrap().lines().count()
        };
        let added = lines("expanded.rs") - lines("rs");
        assert!(added <= 22, "{form}: {added} lines more");
    }
}

//! Shows expansions to the person who compiles: `DB_CORE_EXPAND=set_stock cargo check`.
//!
//! The variable holds names of functions with commas between them, or `all`. Cargo
//! compiles only what has changed, so the file has to be touched first.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;

use crate::args::Attr;

const VARIABLE: &str = "DB_CORE_EXPAND";

/// Prints an expansion to the standard error if it was asked for.
pub(crate) fn if_asked(attr: Attr, function: &str, expanded: &TokenStream) {
    let Ok(asked) = std::env::var(VARIABLE) else {
        return;
    };
    if is_asked(&asked, function) {
        let text = text(attr, function, &place(), expanded);
        // Who cannot be shown anything loses nothing else.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

fn is_asked(asked: &str, function: &str) -> bool {
    asked.split(',').map(str::trim).any(|name| name == "all" || name == function)
}

fn text(attr: Attr, function: &str, place: &str, expanded: &TokenStream) -> String {
    let shown = attr.shown();
    format!("{shown} on `{function}`{place} expands to:\n\n{}\n", formatted(expanded))
}

/// Where the attribute stands.
fn place() -> String {
    if !proc_macro::is_available() {
        return String::new();
    }
    let span = proc_macro::Span::call_site();
    format!(", {}:{},", span.file(), span.line())
}

/// The tokens as rustfmt lays them out, or in one line if there is no rustfmt.
pub(crate) fn formatted(tokens: &TokenStream) -> String {
    // Also a method stands in it without complaint.
    let text = format!("impl Shown {{ {tokens} }}");
    rustfmt(&text).and_then(|text| unwrapped(&text)).unwrap_or_else(|| tokens.to_string())
}

fn rustfmt(text: &str) -> Option<String> {
    let mut formatting = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "use_small_heuristics=Max"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let sent = formatting.stdin.take()?.write_all(text.as_bytes());
    let output = formatting.wait_with_output().ok()?;
    sent.ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}

/// Takes away the `impl` around it, and the indent that it makes.
fn unwrapped(text: &str) -> Option<String> {
    let inside = text.strip_prefix("impl Shown {\n")?.strip_suffix("}\n")?;
    let lines = inside.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
    Some(lines.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_asked_for_by_name() {
        assert!(is_asked("set_stock", "set_stock"));
        assert!(is_asked("stock, set_stock", "set_stock"));
        assert!(is_asked("all", "set_stock"));
        assert!(!is_asked("stock", "set_stock"));
        assert!(!is_asked("", "set_stock"));
    }

    #[test]
    fn the_text_says_what_it_shows() {
        let tokens: TokenStream = "fn f(&self) {}".parse().unwrap_or_default();
        let text = text(Attr::Writer, "f", ", src/lib.rs:3,", &tokens);
        assert!(
            text.starts_with("`#[writer]` on `f`, src/lib.rs:3, expands to:\n\nfn f"),
            "{text}"
        );
    }
}

//! What a person reads: with all that changes from run to run blanked out, and without what
//! only a programmer would know.

use db_core::Error;

use super::common::without_processes;

/// The whole text of an error, with durations, moments, other processes and the path of its
/// file blanked out; and with where the time went left out, which depends on the machine.
#[track_caller]
pub(crate) fn blanked(error: &Error, path: &std::path::Path) -> String {
    let report = error.report();
    assert_eq!(report, format!("{error:#}"));
    assert_eq!(report, format!("{error:?}"));
    // In one line, the first is all of it.
    assert_eq!(error.to_string(), report.lines().next().unwrap());
    let named = report.replace(path.to_str().unwrap(), "<file>");
    let named = numbers_after(&without_processes(&named), "process ");
    let blanked = numbers_after(&named, "kill -CONT ");
    is_for_people(&blanked);
    blanked
}

/// With the numbers blanked out that follow a word.
fn numbers_after(text: &str, word: &str) -> String {
    let mut parts = text.split(word);
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = if rest.len() < part.len() { "<id>" } else { "" };
        out.extend([word, number, rest]);
    }
    out
}

/// No word of the text is a name of Rust's, but in the paths of the program's own
/// functions.
#[track_caller]
fn is_for_people(text: &str) {
    const NAMES: [&str; 26] = [
        "Options",
        "Duration",
        "Database",
        "Connection",
        "Error",
        "Writer",
        "Reader",
        "Guard",
        "Locked",
        "Timeout",
        "Corrupt",
        "Holder",
        "Process",
        "Thread",
        "Path",
        "Some",
        "None",
        "Ok(",
        "Err",
        "Box",
        "Vec",
        "Mutex",
        "Instant",
        "SystemTime",
        "rusqlite",
        "db_core",
    ];
    // Of paths, only the functions of this test are there.
    let words: Vec<_> = text.split('`').collect();
    let is_own = |word: &&&str| !word.starts_with("who_holds::");
    let text = words.iter().filter(is_own).copied().collect::<Vec<_>>().join("`");
    for name in NAMES.into_iter().chain(["::", " {", "(\"", "&", "\\", "ns)", "  -  ", " ,", "()"])
    {
        assert!(!text.contains(name), "{name:?} in: {text}");
    }
    for line in text.lines() {
        assert_eq!(line, line.trim_end());
        assert!(!line.trim_start().contains("  "), "{line:?}");
    }
}

#[test]
fn what_changes_from_run_to_run_is_blanked_out() {
    let text = numbers_after("process 17 ends", "process ");
    assert_eq!(text, "process <id> ends");
}

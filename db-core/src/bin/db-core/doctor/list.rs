//! What was found, for people.

use super::{Check, Level};

/// Of what is mended in the same way no more is told.
const TOLD: usize = 5;

/// The worst first, and set apart by empty lines; what is well is a line each. What is mended
/// in the same way is told together.
pub(super) fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    let mut lines = String::from("\n");
    for same in checks.chunk_by(|one, next| one.name == next.name && one.advice == next.advice) {
        let Some(Check { level, name, advice, .. }) = same.first() else { continue };
        let (word, is_a_line) = match level {
            Level::Problem => ("PROBLEM", false),
            Level::Advice => ("advice", false),
            Level::Note => ("note", false),
            Level::Unchecked => ("?", true),
            Level::Ok => ("ok", true),
        };
        if is_a_line {
            lines.extend(same.iter().map(|check| format!("{word:<8} {name}: {}\n", check.what)));
            continue;
        }
        text += "\n";
        for check in same.iter().take(TOLD) {
            text += &format!("{word:<8} {name}: {}\n", check.what);
        }
        if let Some(more) = same.len().checked_sub(TOLD).filter(|more| *more > 0) {
            text += &format!("{word:<8} {name}: and {more} more like these\n");
        }
        text.extend(advice.iter().map(|line| format!("         - {line}\n")));
    }
    text + &lines
}

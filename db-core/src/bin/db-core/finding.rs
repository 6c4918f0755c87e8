//! What a check has found, as people and programs read it.

use std::path::Path;

use db_core::{Finding, FindingKind};
use serde::Serialize;

use crate::failure::Failure;
use crate::human::{count, typed};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    pub(crate) kind: &'static str,
    pub(crate) what: String,
    #[serde(rename = "where")]
    pub(crate) place: Option<String>,
    pub(crate) mend: String,
}

impl Found {
    pub(crate) fn new(file: &Path, finding: &Finding) -> Self {
        let Finding { kind, what, place, mend, .. } = finding;
        let mend = if *kind == FindingKind::Damage { restore(file) } else { mend.clone() };
        Self { kind: kind.word(), what: what.clone(), place: place.clone(), mend }
    }

    /// A check that could not go on has found why.
    pub(crate) fn of_failure(file: &Path, failure: &Failure) -> Self {
        let kind = FindingKind::Damage.word();
        let of_file = format!("{} is damaged: ", file.display());
        let what = failure.message.strip_prefix(&of_file).unwrap_or(&failure.message).to_owned();
        // Of damage in general the advice is to have it checked.
        let mend = match failure.kind {
            "damaged" => restore(file),
            _ => failure.advice.join("; "),
        };
        Self { kind, what, place: None, mend }
    }
}

fn restore(file: &Path) -> String {
    format!("put the newest backup in its place: db-core restore BACKUP {}", typed(file))
}

/// A list in which what is mended in the same way is told together.
pub(crate) fn list(findings: &[Found]) -> String {
    let mut text = String::new();
    for same in findings.chunk_by(|one, next| one.mend == next.mend) {
        for Found { kind, what, place, .. } in same {
            text += &format!("  {kind}: {what}\n");
            if let Some(place) = place.as_ref().filter(|place| !what.contains(place.as_str())) {
                text += &format!("    where: {place}\n");
            }
        }
        if let Some(first) = same.first() {
            text += &format!("    to mend it: {}\n", first.mend);
        }
    }
    text
}

/// A check ends with the hundredth: <https://sqlite.org/pragma.html#pragma_integrity_check>
const MOST: usize = 100;

/// `1 finding`, `3 findings`, `100 findings or more`.
pub(crate) fn number(findings: &[Found]) -> String {
    let number = count(findings.len() as u64, "finding", "findings");
    if findings.len() < MOST { number } else { number + " or more" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_ended_early_may_have_more_to_find() {
        let found = Found { kind: "damage", what: "x".into(), place: None, mend: "y".into() };
        assert_eq!(number(&vec![found.clone(); 99]), "99 findings");
        assert_eq!(number(&vec![found; 100]), "100 findings or more");
    }
}

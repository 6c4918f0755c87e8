//! What checks have found.

use std::fmt::{self, Formatter};
use std::path::Path;

use super::Text;
use crate::error::advice::{self, Advice};
use crate::error::kinds::{CheckFailed, Corrupt, InvariantBroken};
use crate::finding::{Finding, FindingKind};

/// So many can be read.
const TOLD: usize = 10;

/// A sentence for each, and how many there are besides.
fn told(findings: &[Finding]) -> Vec<String> {
    let mut told: Vec<_> =
        findings.iter().take(TOLD).map(|finding| format!("{finding:#}")).collect();
    if findings.len() > TOLD {
        told.push(format!("and {} more", findings.len() - TOLD));
    }
    told
}

fn number(findings: &[Finding]) -> String {
    // Of each kind SQLite is asked for a hundred.
    match findings.len() {
        1 => String::new(),
        n @ ..100 => format!(" ({n} findings in all)"),
        _ => " (100 findings or more)".to_owned(),
    }
}

fn first(findings: &[Finding]) -> &str {
    findings.first().map_or("nothing is known of it", |finding| &finding.what)
}

impl Text for Corrupt {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let file = super::File(self.path.as_deref());
        if self.not_a_database {
            return write!(f, "{file} is not an SQLite database: {}", self.source);
        }
        write!(f, "{file} is damaged: {}", self.source)?;
        match self.findings.as_slice() {
            [] => Ok(()),
            findings => f.write_str(&number(findings)),
        }
    }

    fn facts(&self) -> Vec<String> {
        let mut facts = told(&self.findings);
        facts.extend(
            self.backup.as_ref().map(|backup| format!("the newest backup is {}", backup.display())),
        );
        facts
    }

    fn advice(&self) -> Advice {
        if self.not_a_database {
            return advice::NOT_A_DATABASE;
        }
        let of_pages = |finding: &Finding| finding.kind == FindingKind::Damage;
        if self.findings.is_empty() || self.findings.iter().any(of_pages) {
            advice::CORRUPT
        } else {
            advice::WRONG_INDEX
        }
    }

    fn file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }
}

impl Text for CheckFailed {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { path, findings } = self;
        let (path, first, number) = (path.display(), first(findings), number(findings));
        write!(f, "{path} has not passed its check: {first}{number}")
    }

    fn facts(&self) -> Vec<String> {
        told(&self.findings)
    }

    fn advice(&self) -> Advice {
        let any = |kind| self.findings.iter().any(|finding| finding.kind == kind);
        if any(FindingKind::Invariant) {
            advice::INVARIANT_FOUND
        } else if self.findings.iter().all(|finding| finding.kind == FindingKind::Unchecked) {
            advice::UNCHECKED
        } else if any(FindingKind::ForeignKey) || any(FindingKind::Constraint) {
            advice::CHECK_FAILED
        } else {
            advice::MEND_WHAT_IS_LISTED
        }
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

impl Text for InvariantBroken {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { site, findings, .. } = self;
        let (first, number) = (first(findings), number(findings));
        write!(f, "{site} was rolled back: {first}{number}")
    }

    fn facts(&self) -> Vec<String> {
        // One is told by the line.
        if self.findings.len() == 1 { Vec::new() } else { told(&self.findings) }
    }

    fn advice(&self) -> Advice {
        if self.findings.iter().all(|finding| finding.kind == FindingKind::Unchecked) {
            advice::UNCHECKED
        } else {
            advice::INVARIANT_BROKEN
        }
    }
}

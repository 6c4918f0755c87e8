//! `db-core verify`: whether the database is whole.

use db_core::IntegrityCheck;
use serde::Serialize;

use crate::args::Verify;
use crate::exit::Status;
use crate::failure::Failure;
use crate::finding::{self, Found};
use crate::human::bytes;
use crate::look::{Kind, Look};
use crate::open::{self, Reading};
use crate::output::Answer;
use crate::progress;

#[derive(Serialize)]
struct Json {
    check: &'static str,
    bytes: u64,
    empty: bool,
    findings: Vec<Found>,
}

pub(crate) fn run(args: &Verify) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let check = if args.quick { IntegrityCheck::Quick } else { IntegrityCheck::Full };
    let spinner = progress::spinner("checking");
    let opened = Reading::open(&look, args.wait.timeout);
    let checked = opened.and_then(|file| found(&file, &look, check));
    spinner.finish_and_clear();
    let findings = match checked {
        // The check ended there, and that is what it has found.
        Err(failure) if failure.status == Status::Damaged => {
            vec![Found::of_failure(&look.path, &failure)]
        }
        checked => checked?,
    };
    let empty = look.kind == Kind::Empty;
    let (file, size) = (args.file.display(), bytes(look.bytes));
    let (status, text) = if !findings.is_empty() {
        let number = finding::number(&findings);
        (Status::Found, format!("{file}: {number}\n{}", finding::list(&findings)))
    } else if empty {
        let text = format!("{file} is empty: a database with nothing in it, and nothing wrong\n");
        (Status::Done, text)
    } else if args.quick {
        let not = "what the indexes say was not compared with their tables (--quick)";
        (Status::Done, format!("{file} is whole ({size}); {not}\n"))
    } else {
        (Status::Done, format!("{file} is whole ({size})\n"))
    };
    let check = if args.quick { "quick" } else { "full" };
    Ok(Answer::with(status, text, &Json { check, bytes: look.bytes, empty, findings }))
}

/// What is wrong with the file.
pub(crate) fn found(
    file: &Reading,
    look: &Look,
    check: IntegrityCheck,
) -> Result<Vec<Found>, Failure> {
    let findings = file.database()?.verify(check).map_err(|error| open::failure(look, error))?;
    Ok(findings.iter().map(|finding| Found::new(&look.path, finding)).collect())
}

//! `db-core doctor`: all checks at once, each with what to do.
//!
//! `place` looks at the file from outside, `content` at what is in it, `held` at who holds
//! locks and pins the log, `backups` at the folder of backups.

mod backups;
mod content;
mod held;
mod place;

use serde::Serialize;

use crate::args::Doctor;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::count;
use crate::look::Look;
use crate::open::Reading;
use crate::output::Answer;
use crate::progress;

/// Of what is mended in the same way no more is told.
const TOLD: usize = 5;

/// How bad it is. The worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Data is damaged or in danger, or work is being blocked.
    Problem,
    /// Worth changing.
    Advice,
    /// Good to know.
    Note,
    Ok,
}

/// What one check has to say.
#[derive(Debug, Serialize)]
struct Check {
    level: Level,
    /// What was looked at.
    name: &'static str,
    what: String,
    /// What to do, a line each.
    advice: Vec<String>,
}

impl Check {
    fn new(level: Level, name: &'static str, what: impl Into<String>) -> Self {
        Self { level, name, what: what.into(), advice: Vec::new() }
    }

    fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }

    fn of_failure(name: &'static str, failure: Failure) -> Self {
        Self { level: Level::Problem, name, what: failure.message, advice: failure.advice }
    }
}

#[derive(Serialize)]
struct Json {
    problems: usize,
    checks: Vec<Check>,
}

pub(crate) fn run(args: &Doctor) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let spinner = progress::spinner("checking");
    let mut checks = place::checks(&look);
    match Reading::open(&look, args.wait.timeout) {
        Ok(file) => {
            checks.extend(place::told(&file));
            checks.extend(content::checks(&file, &look, args.full));
        }
        Err(failure) => {
            let check = Check::of_failure("opening", failure);
            // What is beside the file may have told it already.
            if checks.iter().all(|told| told.what != check.what) {
                checks.push(check);
            }
        }
    }
    checks.extend(held::checks(&look));
    if let Some(folder) = &args.backups {
        checks.push(backups::check(&look, folder, args.max_age));
    }
    spinner.finish_and_clear();
    checks.sort_by_key(|check| check.level);
    let number = |level| checks.iter().filter(|check| check.level == level).count();
    let (problems, advice) = (number(Level::Problem), number(Level::Advice));
    let summary = match (problems, advice) {
        (0, 0) => "nothing wrong".to_owned(),
        (0, _) => {
            format!("nothing wrong, {}", count(advice as u64, "thing", "things") + " to improve")
        }
        _ => count(problems as u64, "problem", "problems"),
    };
    let text = format!("{}: {summary}\n{}", args.file.display(), list(&checks));
    let status = if problems == 0 { Status::Done } else { Status::Found };
    Ok(Answer::with(status, text, &Json { problems, checks }))
}

/// The worst first, and set apart by empty lines; what is well is a line each. What is mended
/// in the same way is told together.
fn list(checks: &[Check]) -> String {
    let mut text = String::new();
    let mut well = String::from("\n");
    for same in checks.chunk_by(|one, next| one.name == next.name && one.advice == next.advice) {
        let Some(Check { level, name, advice, .. }) = same.first() else { continue };
        let word = match level {
            Level::Problem => "PROBLEM",
            Level::Advice => "advice",
            Level::Note => "note",
            Level::Ok => {
                well.extend(same.iter().map(|check| format!("ok       {name}: {}\n", check.what)));
                continue;
            }
        };
        text += "\n";
        for check in same.iter().take(TOLD) {
            text += &format!("{word:<8} {name}: {}\n", check.what);
        }
        if let Some(more) = same.len().checked_sub(TOLD).filter(|more| *more > 0) {
            text += &format!("{word:<8} {name}: and {more} more like these\n");
        }
        text.extend(advice.iter().map(|line| format!("         - {line}\n")));
    }
    text + &well
}

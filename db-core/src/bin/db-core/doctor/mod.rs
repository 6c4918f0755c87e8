//! `db-core doctor`: all checks at once, each with what to do.
//!
//! `place` looks at the file from outside, `content` at what is in it, `held` at who holds
//! locks and pins the log, `backups` at the folder of backups; `list` writes it for people.

mod backups;
mod content;
mod held;
mod list;
mod place;

use std::time::Duration;

use serde::Serialize;

use crate::args::Doctor;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::count;
use crate::look::Look;
use crate::open::Reading;
use crate::output::Answer;
use crate::progress;

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
    /// Something else was in the way.
    Unchecked,
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
    /// Whether a lock of others was in the way.
    #[serde(skip)]
    locked: bool,
}

impl Check {
    fn new(level: Level, name: &'static str, what: impl Into<String>) -> Self {
        Self { level, name, what: what.into(), advice: Vec::new(), locked: false }
    }

    fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }

    fn of_failure(name: &'static str, failure: Failure) -> Self {
        Self {
            level: Level::Problem,
            name,
            what: failure.message,
            advice: failure.advice,
            locked: failure.status == Status::Locked,
        }
    }

    fn unchecked(name: &'static str) -> Self {
        Self::new(Level::Unchecked, name, "not checked")
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
    let checks = checks(args, &look);
    spinner.finish_and_clear();
    let problems = number(&checks, Level::Problem);
    let status = if checks.iter().any(|check| check.locked) {
        Status::Locked
    } else if problems > 0 {
        Status::Found
    } else {
        Status::Done
    };
    let text = format!("{}: {}\n{}", args.file.display(), summary(&checks), list::text(&checks));
    Ok(Answer::with(status, text, &Json { problems, checks }))
}

/// What there is to say, the worst first.
fn checks(args: &Doctor, look: &Look) -> Vec<Check> {
    let mut checks = place::checks(look);
    // A lock that has kept it from being opened was waited for.
    let mut patience = args.wait.timeout;
    match Reading::open(look, args.wait.timeout) {
        Ok(file) => {
            checks.extend(place::told(&file));
            checks.extend(content::checks(&file, look, args.full));
        }
        Err(failure) => {
            let check = Check::of_failure("opening", failure);
            if check.locked {
                patience = Duration::ZERO;
            }
            // What is beside the file may have told it already.
            if checks.iter().all(|told| told.what != check.what) {
                checks.push(check);
            }
            checks.push(Check::unchecked(place::NAME));
            checks.extend(content::NAMES.map(Check::unchecked));
        }
    }
    checks.extend(held::checks(look, patience));
    if let Some(folder) = &args.backups {
        backups::add(&mut checks, look, folder, args);
    }
    checks.sort_by_key(|check| check.level);
    checks
}

fn number(checks: &[Check], level: Level) -> usize {
    checks.iter().filter(|check| check.level == level).count()
}

/// `1 problem`; `nothing wrong, 2 things to improve, 1 note`.
fn summary(checks: &[Check]) -> String {
    let number = |level, one, many| match number(checks, level) {
        0 => None,
        number => Some(count(number as u64, one, many)),
    };
    if let Some(problems) = number(Level::Problem, "problem", "problems") {
        return problems;
    }
    let parts = [
        Some("nothing wrong".to_owned()),
        number(Level::Advice, "thing to improve", "things to improve"),
        number(Level::Note, "note", "notes"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

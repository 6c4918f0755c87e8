//! `db-core optimize`: statistics for the query planner.

use db_core::Database;
use serde_json::json;

use crate::args::Upkeep;
use crate::failure::Failure;
use crate::look::Look;
use crate::open;
use crate::output::Answer;
use crate::progress;

pub(crate) fn run(args: &Upkeep) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let spinner = progress::spinner("renewing statistics");
    let done = open::change(&look, args.wait.timeout, Database::optimize);
    spinner.finish_and_clear();
    done?;
    let file = args.file.display();
    Ok(Answer::done(format!("{file}: the statistics are up to date\n"), &json!({})))
}

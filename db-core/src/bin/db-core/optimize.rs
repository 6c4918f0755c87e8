//! `db-core optimize`: statistics for the query planner.

use serde_json::json;

use crate::args::Upkeep;
use crate::failure::Failure;
use crate::look::Look;
use crate::open;
use crate::output::Answer;
use crate::progress;

pub(crate) fn run(args: &Upkeep) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let db = open::for_writing(&look, args.wait.timeout)?;
    let spinner = progress::spinner("renewing statistics");
    let done = db.optimize();
    spinner.finish_and_clear();
    done.map_err(|error| open::failure(&look, error))?;
    let file = args.file.display();
    Ok(Answer::done(format!("{file}: the statistics are up to date\n"), &json!({})))
}

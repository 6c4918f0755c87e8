//! `db-core reindex`: all indexes anew from their tables.

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
    let spinner = progress::spinner("building the indexes");
    let done = db.reindex();
    spinner.finish_and_clear();
    done.map_err(|error| open::failure(&look, error))?;
    let file = args.file.display();
    Ok(Answer::done(format!("{file}: all indexes are built anew\n"), &json!({})))
}

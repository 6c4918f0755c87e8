//! `db-core stats`: how large the database is, how it is set, and what is in it.
//!
//! `read` asks SQLite, `show` writes it for people.

mod read;
mod show;

pub(crate) use read::{Numbers, numbers};

use crate::args::Stats;
use crate::failure::Failure;
use crate::look::Look;
use crate::open::Reading;
use crate::output::Answer;
use crate::progress;

pub(crate) fn run(args: &Stats) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let spinner = progress::spinner("reading");
    let file = Reading::open(&look, args.wait.timeout)?;
    let stats = file.read(|conn| read::stats(conn, &look, args.brief));
    spinner.finish_and_clear();
    let stats = stats?;
    Ok(Answer::done(show::text(&args.file, &stats), &stats))
}

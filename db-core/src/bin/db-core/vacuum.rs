//! `db-core vacuum`: the database without its free pages.

use std::fs;
use std::path::Path;

use db_core::Database;
use serde::Serialize;

use crate::args::Vacuum;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::bytes;
use crate::look::Look;
use crate::open;
use crate::output::Answer;
use crate::progress;
use crate::target;

#[derive(Serialize)]
struct Json {
    into: Option<String>,
    bytes_before: u64,
    bytes_after: u64,
}

pub(crate) fn run(args: &Vacuum) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    match &args.into {
        Some(new) => into(args, &look, new),
        None => in_place(args, &look),
    }
}

fn in_place(args: &Vacuum, look: &Look) -> Result<Answer, Failure> {
    let spinner = progress::spinner("rewriting");
    let done = open::change(look, args.wait.timeout, Database::vacuum);
    spinner.finish_and_clear();
    done?;
    let after = size(&look.file);
    let (file, before) = (args.file.display(), look.bytes);
    let text = if after < before {
        format!("{file}: {} before, {} now\n", bytes(before), bytes(after))
    } else {
        format!("{file}: rewritten, {}\n", bytes(after))
    };
    Ok(Answer::done(text, &Json { into: None, bytes_before: before, bytes_after: after }))
}

fn into(args: &Vacuum, look: &Look, new: &Path) -> Result<Answer, Failure> {
    target::refuse_dash(new)?;
    if new.exists() {
        let message = format!("{} is there already", new.display());
        return Err(Failure::new(Status::Unusable, "exists", message)
            .advise("--into makes a new file: give another name, or remove that one"));
    }
    let spinner = progress::spinner("copying");
    let done = open::change(look, args.wait.timeout, |db| db.vacuum_into(new));
    spinner.finish_and_clear();
    done?;
    let after = size(new);
    let (from, to) = (args.file.display(), new.display());
    let text = format!(
        "{to}: a compact copy of {from}, {} instead of {}\n",
        bytes(after),
        bytes(look.bytes)
    );
    let into = Some(new.to_string_lossy().into_owned());
    Ok(Answer::done(text, &Json { into, bytes_before: look.bytes, bytes_after: after }))
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |meta| meta.len())
}

//! `db-core backup`: a copy of the database while others use it.

use std::fs;

use serde::Serialize;

use crate::args::Backup;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::{bytes, typed};
use crate::look::Look;
use crate::open::{self, Reading};
use crate::output::Answer;
use crate::progress;
use crate::target;

#[derive(Serialize)]
struct Json {
    backup: String,
    pages: u64,
    bytes: u64,
}

pub(crate) fn run(args: &Backup) -> Result<Answer, Failure> {
    target::refuse_dash(&args.to)?;
    let look = Look::at(&args.file)?;
    if open::is_same(&args.file, &args.to) {
        let message = format!("{} is the database itself", args.to.display());
        return Err(Failure::new(Status::Usage, "usage", message)
            .advise("give the backup a path of its own"));
    }
    if args.to.is_dir() {
        let name = args.file.file_name().unwrap_or_default();
        return Err(Failure::folder(&args.to)
            .advise(format!("for example: {}", typed(&args.to.join(name)))));
    }
    if !args.replace {
        target::refuse_to_replace(&args.to, &look)?;
    }
    let file = Reading::open(&look, args.wait.timeout)?;
    let bar = progress::pages("copying");
    let mut pages = 0;
    let done = file.database()?.backup_to(&args.to, |now| {
        pages = now.pages_total;
        progress::tell(&bar, now);
    });
    bar.finish_and_clear();
    done.map_err(|error| open::failure(&look, error))?;
    let size = fs::metadata(&args.to).map_or(0, |meta| meta.len());
    let (from, to) = (args.file.display(), args.to.display());
    let text = format!("{to}: a backup of {from}, checked, {}\n", bytes(size));
    let backup = args.to.to_string_lossy().into_owned();
    Ok(Answer::done(text, &Json { backup, pages, bytes: size }))
}

//! `db-core restore`: a backup in the place of the database.
//!
//! `around` sees what else has changed, and who may not have been seen.

mod around;

use std::path::Path;

use around::Before;
use serde::Serialize;

use crate::args::Restore;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::{bytes, typed};
use crate::look::Look;
use crate::open;
use crate::output::Answer;
use crate::progress;
use crate::target;

#[derive(Serialize)]
struct Json {
    backup: String,
    bytes: u64,
    /// Where the file is that was there before.
    kept: Option<String>,
    /// The logs that were beside it.
    kept_logs: Vec<String>,
    /// Whether programs of other users may have the old file open, who can't be seen.
    unseen: bool,
}

pub(crate) fn run(args: &Restore) -> Result<Answer, Failure> {
    target::refuse_dash(&args.file)?;
    let look = Look::at(&args.backup).map_err(|failure| of_backup(failure, args))?;
    if args.file.is_dir() {
        return Err(Failure::folder(&args.file));
    }
    if open::is_same(&args.backup, &args.file) {
        let message = format!("{} is the backup itself", args.file.display());
        return Err(Failure::new(Status::Usage, "usage", message)
            .advise("name the backup first, and then the database that it is to replace"));
    }
    if look.has_log() || look.journal {
        return Err(not_alone(&look));
    }
    let before = Before::at(&args.file);
    let bar = progress::pages("copying");
    let done = db_core::restore(&args.backup, &args.file, |pages| progress::tell(&bar, pages));
    bar.finish_and_clear();
    let kept = done.map_err(|error| Failure::of(&args.file, error))?.kept;
    let (file, backup) = (args.file.display(), args.backup.display());
    let mut text = format!("{file} is now as {backup} was, {}\n", bytes(look.bytes));
    if let Some(kept) = &kept {
        text += &format!("  the file that was there is kept: {}\n", kept.display());
    }
    let logs = before.moved_logs(&args.file);
    for log in &logs {
        text += &format!("  the log that was beside it is kept: {}\n", log.display());
    }
    if let Some(owner) = before.new_owner(&args.file, kept.as_deref()) {
        text += &format!("  {owner}\n");
    }
    // What was not there, nobody has open; and who has the same file open sees its new content.
    let unseen = kept.is_some() && before.is_replaced(&args.file) && around::somebody_is_unseen();
    if unseen {
        text += "  programs of other users can't be seen from here: one that has it open goes on with the old file until it is restarted\n";
    }
    let name = |path: &Path| path.to_string_lossy().into_owned();
    let json = Json {
        backup: name(&args.backup),
        bytes: look.bytes,
        kept: kept.as_deref().map(name),
        kept_logs: logs.iter().map(|log| name(log)).collect(),
        unseen,
    };
    Ok(Answer::done(text, &json))
}

/// What is said of databases in general does not help with a backup.
fn of_backup(mut failure: Failure, args: &Restore) -> Failure {
    if failure.kind == "not_a_database" {
        failure.advice = vec![
            "check the path; if it was a backup, its beginning is overwritten".to_owned(),
            Failure::older_backup(&args.backup, &args.file),
        ];
    }
    failure
}

/// Without what is beside it, it would be older than it seems, or half of something.
fn not_alone(look: &Look) -> Failure {
    let backup = look.path.display();
    let end = if look.journal { "-journal" } else { "-wal" };
    let message = format!("a part of {backup} is in {backup}{end}, so it is no backup by itself");
    Failure::new(Status::Unusable, "not_alone", message)
        .advise(format!("make a backup of it first: db-core backup {} NEW", typed(&look.path)))
        .advise("and restore that; nothing was replaced")
}

//! `db-core restore`: a backup in the place of the database.

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
}

pub(crate) fn run(args: &Restore) -> Result<Answer, Failure> {
    target::refuse_dash(&args.file)?;
    let look = Look::at(&args.backup)?;
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
    let bar = progress::pages("copying");
    let done = db_core::restore(&args.backup, &args.file, |pages| progress::tell(&bar, pages));
    bar.finish_and_clear();
    let restored = done.map_err(|error| Failure::of(&args.file, error))?;
    let kept = restored.kept.map(|path| path.to_string_lossy().into_owned());
    let (file, backup) = (args.file.display(), args.backup.display());
    let size = bytes(look.bytes);
    let mut text = format!("{file} is now as {backup} was, {size}\n");
    if let Some(kept) = &kept {
        text += &format!("  the file that was there is kept: {kept}\n");
    }
    let backup = args.backup.to_string_lossy().into_owned();
    Ok(Answer::done(text, &Json { backup, bytes: look.bytes, kept }))
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

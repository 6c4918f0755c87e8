//! `db-core checkpoint`: the log carried into the database.

use std::fs;

use db_core::rusqlite::Connection;
use db_core::{Checkpoint as Kind, Checkpointed, Database, Error};
use serde::Serialize;

use crate::args::{Checkpoint, Mode};
use crate::failure::Failure;
use crate::human::{bytes, count, typed};
use crate::look::Look;
use crate::open;
use crate::output::Answer;
use crate::progress;

#[derive(Serialize)]
struct Json {
    journal_mode: String,
    /// Whether a write that a killed program had left half done was undone.
    undone: bool,
    log_pages: u64,
    carried_pages: u64,
    wal_bytes_before: u64,
    wal_bytes_after: u64,
}

pub(crate) fn run(args: &Checkpoint) -> Result<Answer, Failure> {
    let look = Look::at(&args.file)?;
    let spinner = progress::spinner("carrying over");
    let done = open::change(&look, args.wait.timeout, |db| {
        let mode = journal_mode(db)?;
        let done = carry(db, args.mode, &mode)?;
        Ok((mode, done))
    });
    spinner.finish_and_clear();
    let (journal_mode, done) = done?;
    let before = look.wal.unwrap_or(0);
    let after = fs::metadata(look.beside("-wal")).map_or(0, |meta| meta.len());
    let (log_pages, carried) = done.map_or((0, 0), |done| (done.log_pages, done.carried));
    let undone = look.journal && !look.beside("-journal").exists();
    let file = args.file.display();
    let mut text = String::new();
    if undone {
        text += &format!("{file}: what a killed program had left half done is undone\n");
    }
    text += &if done.is_none() {
        format!("{file} has no log (journal_mode is {journal_mode}): nothing to carry over\n")
    } else if carried < log_pages {
        let (carried, all) = (carried, count(log_pages, "page", "pages"));
        format!(
            "{file}: {carried} of {all} of the log are in the database; the others are still needed by readers\n  see whose: db-core locks {}\n",
            typed(&args.file)
        )
    } else if before == 0 {
        format!("{file}: the log is empty\n")
    } else {
        format!(
            "{file}: all of the log is in the database; it had {}, and has {}\n",
            bytes(before),
            bytes(after)
        )
    };
    let json = Json {
        journal_mode,
        undone,
        log_pages,
        carried_pages: carried,
        wal_bytes_before: before,
        wal_bytes_after: after,
    };
    Ok(Answer::done(text, &json))
}

/// `None` if the file has no log.
fn carry(db: &Database, mode: Mode, journal_mode: &str) -> Result<Option<Checkpointed>, Error> {
    if !journal_mode.eq_ignore_ascii_case("wal") {
        return Ok(None);
    }
    let kind = match mode {
        Mode::Passive => Kind::Passive,
        Mode::Full => Kind::Full,
        Mode::Restart => Kind::Restart,
        Mode::Truncate => Kind::Truncate,
    };
    db.checkpoint(kind).map(Some)
}

fn journal_mode(db: &Database) -> Result<String, Error> {
    let ask = |conn: &Connection| conn.pragma_query_value(None, "journal_mode", |row| row.get(0));
    db.read(|reader| ask(reader).map_err(Error::from))
}

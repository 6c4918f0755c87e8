//! `db-core locks`: who holds what, without opening the database.

use std::io::{IsTerminal, stdout};
use std::time::{Duration, SystemTime};

use db_core::{LockHolder, LockHolders};
use serde::Serialize;

use crate::args::Locks;
use crate::exit::Status;
use crate::failure::Failure;
use crate::holder::{Holder, each_once, meaning, who};
use crate::human::count;
use crate::look::{Kind, Look};
use crate::output::{self, Answer};

/// Clears the terminal and goes to its first line.
const CLEAR: &str = "\x1b[H\x1b[2J";

#[derive(Serialize)]
pub(crate) struct Json {
    /// Seconds since 1970.
    at: f64,
    /// Whether the system tells who holds locks at all.
    told: bool,
    writers: Vec<Holder>,
    readers: Vec<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

pub(crate) fn run(args: &Locks) -> Result<Answer, Failure> {
    let answer = look(args)?;
    if !args.watch {
        return Ok(answer);
    }
    watch(args, answer)
}

fn look(args: &Locks) -> Result<Answer, Failure> {
    // Also of an encrypted one the locks can be told.
    let look = Look::at_any(&args.file)?;
    let holders = db_core::lock_holders(&args.file);
    let note = (look.kind == Kind::Other)
        .then_some("the file does not begin as an SQLite database: another file, or encrypted");
    let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let all = |holders: &[LockHolder]| holders.iter().map(Holder::new).collect();
    let json = Json {
        at: at.as_secs_f64(),
        told: holders.is_told,
        writers: all(&holders.writers),
        readers: all(&holders.readers),
        note,
    };
    let mut text = format!("{}: {}", args.file.display(), text(&holders));
    if let Some(note) = note {
        text += &format!("  note: {note}\n");
    }
    Ok(Answer::done(text, &json))
}

/// Who holds locks, and what that means for the others.
fn text(LockHolders { writers, readers, is_told, .. }: &LockHolders) -> String {
    if !is_told {
        return "this system does not tell who holds locks (Linux does)\n".to_owned();
    }
    if writers.is_empty() && readers.is_empty() {
        return "nobody reads or writes at this moment\n".to_owned();
    }
    let all = each_once(writers, readers);
    let mut text = count(all.len() as u64, "process has a lock", "processes have locks") + "\n";
    for holder in all {
        text += &format!("  {}: {}\n", who(holder), meaning(holder.lock));
        if holder.process.stopped {
            text += &format!("    let it go on: kill -CONT {}\n", holder.process.id);
        }
    }
    text
}

/// Tells again and again; ends with Ctrl-C, with the reader of the output, or with the file.
fn watch(args: &Locks, mut answer: Answer) -> Result<Answer, Failure> {
    let pause = args.interval.max(Duration::from_millis(10));
    let clears = !args.answer.json && stdout().is_terminal();
    loop {
        let told = if args.answer.json {
            output::document("locks", &args.file, Status::Done, &answer.json)
        } else {
            let start = if clears { CLEAR } else { "" };
            format!("{start}{} {}", clock(), answer.text)
        };
        if !output::print(&told)? {
            return Ok(Answer { text: String::new(), ..answer });
        }
        std::thread::sleep(pause);
        answer = look(args)?;
    }
}

/// The time of the day, as it is in logs.
fn clock() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = now.as_secs() % 86_400;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02} UTC")
}

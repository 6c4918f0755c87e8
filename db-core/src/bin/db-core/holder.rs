//! Who holds a lock, in words and for programs.

use db_core::{LockHolder, SqliteLock};
use serde::Serialize;

/// A process for programs.
#[derive(Serialize)]
pub(crate) struct Holder {
    process: u32,
    program: Option<String>,
    arguments: String,
    lock: &'static str,
    stopped: bool,
    /// The function that writes, if it is of a program that uses db-core.
    function: Option<String>,
    held_seconds: Option<f64>,
}

impl Holder {
    pub(crate) fn new(holder: &LockHolder) -> Self {
        let process = &holder.process;
        Self {
            process: process.id,
            program: process.program.clone(),
            arguments: process.arguments.clone(),
            lock: match holder.lock {
                SqliteLock::Write => "write",
                SqliteLock::Exclusive => "exclusive",
                SqliteLock::Recovery => "recovery",
                SqliteLock::Checkpoint => "checkpoint",
                SqliteLock::Read => "read",
                _ => "other",
            },
            stopped: process.stopped,
            function: process.writer.as_ref().map(|writer| writer.place.clone()),
            held_seconds: process.writer.as_ref().map(|writer| writer.held_for.as_secs_f64()),
        }
    }
}

/// Each process with the strongest lock that it has: who writes has a snapshot too.
pub(crate) fn each_once<'h>(
    writers: &'h [LockHolder],
    readers: &'h [LockHolder],
) -> Vec<&'h LockHolder> {
    let writes = |id| writers.iter().any(|writer| writer.process.id == id);
    let only_read = readers.iter().filter(|reader| !writes(reader.process.id));
    writers.iter().chain(only_read).filter(|holder| !holder.is_this).collect()
}

/// The process, and what it has. That it is stopped comes last, and what to do about that is
/// told beneath.
pub(crate) fn who(holder: &LockHolder) -> String {
    if !holder.process.stopped {
        return holder.to_string();
    }
    let mut running = holder.clone();
    running.process.stopped = false;
    format!("{running}, and is stopped")
}

pub(crate) fn meaning(lock: SqliteLock) -> &'static str {
    match lock {
        SqliteLock::Write => "nobody else can write",
        SqliteLock::Exclusive => "nobody else can read or write",
        SqliteLock::Recovery => "others wait until the log is mended",
        SqliteLock::Checkpoint => "the log is being carried into the database",
        SqliteLock::Read => "what was written since can't leave the log",
        _ => "others may have to wait",
    }
}

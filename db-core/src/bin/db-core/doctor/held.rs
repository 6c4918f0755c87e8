//! Who holds locks at this moment, and whether the log can be reset.

use std::time::Duration;

use db_core::{LockHolder, LockHolders};

use super::{Check, Level};
use crate::human::{bytes, time, typed};
use crate::locks::{each_once, meaning, who};
use crate::look::Look;

/// SQLite carries a log of four megabytes over by itself: one that is so much larger is kept
/// from being used again from its beginning.
const LARGE_LOG: u64 = 64_000_000;
/// A writer that holds the lock for longer makes others give up.
const LONG: Duration = Duration::from_secs(5);

pub(super) fn checks(look: &Look) -> Vec<Check> {
    let holders = db_core::lock_holders(&look.path);
    let log = (!look.is_emptied()).then(|| log(look, &holders));
    log.into_iter().chain(locks(&holders)).collect()
}

fn log(look: &Look, holders: &LockHolders) -> Check {
    const NAME: &str = "log";
    let (path, typed) = (look.path.display(), typed(&look.path));
    let size = match look.wal {
        None | Some(0) => return Check::new(Level::Ok, NAME, "there is none, or it is empty"),
        Some(size) => size,
    };
    let told = bytes(size);
    if size >= LARGE_LOG {
        let what = format!(
            "{path}-wal has grown to {told}: reading becomes slower, and the disk fills up"
        );
        let mut check = Check::new(Level::Advice, NAME, what);
        for reader in &holders.readers {
            check = check.advise(format!("end the snapshot of {}", reader.process));
        }
        return check.advise(format!("then carry it over: db-core checkpoint {typed}"));
    }
    if holders.is_told && holders.writers.is_empty() && holders.readers.is_empty() {
        let what = format!("{told} wait in {path}-wal to be carried into the database");
        return Check::new(Level::Note, NAME, what)
            .advise("nothing, if a program has the database open; never remove or separate the -wal file")
            .advise(format!("if it is left of a killed program: db-core checkpoint {typed}"));
    }
    Check::new(Level::Ok, NAME, format!("{told}, in use"))
}

fn locks(holders: &LockHolders) -> Vec<Check> {
    const NAME: &str = "locks";
    if !holders.is_told {
        return vec![Check::new(Level::Note, NAME, "this system does not tell who holds locks")];
    }
    let others = each_once(&holders.writers, &holders.readers);
    if others.is_empty() {
        return vec![Check::new(Level::Ok, NAME, "nobody holds any at this moment")];
    }
    others.into_iter().map(|holder| held(NAME, holder)).collect()
}

fn held(name: &'static str, holder: &LockHolder) -> Check {
    let process = &holder.process;
    let what = format!("{}: {}", who(holder), meaning(holder.lock));
    if process.stopped {
        return Check::new(Level::Problem, name, what)
            .advise(format!("let it go on: kill -CONT {}", process.id))
            .advise(format!("or end it: kill -KILL {} (its transaction is undone)", process.id));
    }
    let long = process.writer.as_ref().map(|writer| writer.held_for).filter(|held| *held >= LONG);
    match long {
        Some(held) => Check::new(Level::Advice, name, what).advise(format!(
            "it writes for {} already, and others wait: find out why, or end it: kill {}",
            time(held),
            process.id
        )),
        None => Check::new(Level::Note, name, what),
    }
}

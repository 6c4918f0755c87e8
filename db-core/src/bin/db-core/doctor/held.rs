//! Who holds locks at this moment, and whether the log can be reset.

use std::thread;
use std::time::{Duration, Instant};

use db_core::{LockHolder, LockHolders, SqliteLock};

use super::{Check, Level};
use crate::holder::{each_once, meaning, who};
use crate::human::{bytes, time, typed};
use crate::look::Look;

/// SQLite carries a log of four megabytes over by itself: one that is so much larger is kept
/// from being used again from its beginning.
const LARGE_LOG: u64 = 64_000_000;
/// How often it is looked whether the write lock is let go.
const PAUSE: Duration = Duration::from_millis(20);

/// Who has the write lock is waited for, as a writer would.
pub(super) fn checks(look: &Look, patience: Duration) -> Vec<Check> {
    let start = Instant::now();
    let mut holders = db_core::lock_holders(&look.path);
    let mut stays = holders.writers.clone();
    stays.retain(|holder| keeps_writers_out(holder) && !holder.process.stopped);
    while !stays.is_empty() && start.elapsed() < patience {
        thread::sleep(PAUSE.min(patience));
        holders = db_core::lock_holders(&look.path);
        stays.retain(|held| holders.writers.iter().any(|holder| is_still(held, holder)));
    }
    let waited = start.elapsed();
    let log = (!look.is_emptied()).then(|| log(look, &holders));
    let blocks = |holder: &LockHolder| {
        let stays = stays.iter().any(|held| is_still(held, holder));
        (stays && !patience.is_zero()).then_some(waited)
    };
    log.into_iter().chain(locks(&holders, blocks)).collect()
}

fn keeps_writers_out(holder: &LockHolder) -> bool {
    !holder.is_this && matches!(holder.lock, SqliteLock::Write | SqliteLock::Exclusive)
}

/// Whether a lock is still the one that was seen before, as far as that can be told: of a
/// program that writes little and often it would have been seen that it lets go.
fn is_still(before: &LockHolder, now: &LockHolder) -> bool {
    let is_another = match (&before.process.writer, &now.process.writer) {
        (Some(before), Some(now)) => before.since != now.since,
        _ => false,
    };
    keeps_writers_out(now) && before.process.id == now.process.id && !is_another
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

fn locks(holders: &LockHolders, blocks: impl Fn(&LockHolder) -> Option<Duration>) -> Vec<Check> {
    const NAME: &str = "locks";
    if !holders.is_told {
        return vec![Check::new(Level::Note, NAME, "this system does not tell who holds locks")];
    }
    let others = each_once(&holders.writers, &holders.readers);
    if others.is_empty() {
        return vec![Check::new(Level::Ok, NAME, "nobody holds any at this moment")];
    }
    others.into_iter().map(|holder| held(NAME, holder, blocks(holder))).collect()
}

/// `blocks` says for how long others have waited for it in vain.
fn held(name: &'static str, holder: &LockHolder, blocks: Option<Duration>) -> Check {
    let process = &holder.process;
    let what = format!("{}: {}", who(holder), meaning(holder.lock));
    if process.stopped {
        return Check::new(Level::Problem, name, what)
            .advise(format!("let it go on: kill -CONT {}", process.id))
            .advise(format!("or end it: kill -KILL {} (its transaction is undone)", process.id));
    }
    match blocks {
        Some(waited) => {
            let what = format!("{what}, and it did not let go within {}", time(waited));
            Check::new(Level::Problem, name, what)
                .advise(
                    "find out what it does: a long import ends, a forgotten transaction does not",
                )
                .advise(format!("or end it: kill {} (its transaction is undone)", process.id))
        }
        None => Check::new(Level::Note, name, what),
    }
}

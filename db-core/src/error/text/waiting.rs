//! Turns, guards and handles: who waited, for whom, and who may not.

use std::fmt::{self, Formatter};
use std::path::Path;

use super::{File, Text, told};
use crate::error::advice::{self, Advice};
use crate::error::kinds::{
    Again, BodyTimeout, Locked, NestedRead, NestedWrite, ReaderTimeout, WaitedFor, WriterTimeout,
};
use crate::file_system::Drive;
use crate::holder::{Holder, Unknown};
use crate::open_guard::{Kind, OpenGuard, Waiting};
use crate::units::{seconds, time_of_day};

fn attempts(n: u32) -> String {
    if n == 1 { "1 attempt".into() } else { format!("{n} attempts") }
}

impl Text for Locked {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (waited, attempts) = (seconds(self.waited), attempts(self.attempts));
        write!(f, "{} is locked by another connection: ", File(self.path.as_deref()))?;
        if let Some(site) = &self.site {
            write!(f, "{site} ")?;
        }
        write!(f, "gave up after {attempts} and {waited}{}", self.spent)?;
        match &self.holder {
            Holder::Processes(_) => write!(f, ", held by {}", self.holder),
            Holder::Unknown(_) => Ok(()),
        }
    }

    fn facts(&self) -> Vec<String> {
        let mut facts = vec![about(&self.holder)];
        facts.extend(network(&self.drive));
        facts
    }

    fn advice(&self) -> Advice {
        advice::locked(&self.drive)
    }
}

/// Why it can't be known who holds a lock, or when it will be free.
fn about(holder: &Holder) -> String {
    let Holder::Processes(holders) = holder else { return holder.to_string() };
    let others = holders.iter().filter(|holder| !holder.is_this);
    let others: Vec<_> = others.map(|holder| format!("process {}", holder.process.id)).collect();
    match others.as_slice() {
        [] => "it is free when that connection ends its transaction".to_owned(),
        [one] => format!("it is free when {one} ends its transaction, or ends"),
        all => format!("it is free when these end their transactions, or end: {}", all.join(", ")),
    }
}

fn network(drive: &Drive) -> Option<String> {
    let Drive::Network(kind) = drive else { return None };
    Some(format!("the file is on a network drive ({kind}), where locks need not work"))
}

/// Who waits, so many of them that it can be read.
fn queue(waiting: &[Waiting]) -> Option<String> {
    const TOLD: usize = 5;
    let writers = match waiting.len() {
        0 => return None,
        1 => "1 writer waits".to_owned(),
        n => format!("{n} writers wait"),
    };
    let told: Vec<_> = waiting.iter().take(TOLD).map(ToString::to_string).collect();
    let more = if waiting.len() > TOLD { "; .." } else { "" };
    Some(format!("{writers} as well: {}{more}", told.join("; ")))
}

impl Text for WriterTimeout {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (waited, spent) = (seconds(self.waited), self.spent);
        write!(f, "could not acquire the writer lock after {waited}{spent}: ")?;
        match &self.waited_for {
            WaitedFor::Writer(guard) => {
                write!(f, "held for {} by {guard}", seconds(guard.open_for))
            }
            WaitedFor::Process(Some(process)) => {
                write!(f, "{} is held by {process}", self.path.display())
            }
            WaitedFor::Process(None) => {
                write!(f, "{} is held by another process that uses db-core", self.path.display())
            }
            WaitedFor::OtherConnection(holder @ Holder::Processes(_)) => {
                write!(f, "{} is held by {holder}", self.path.display())
            }
            WaitedFor::OtherConnection(Holder::Unknown(_)) => {
                write!(f, "{} is held by another program or connection", self.path.display())
            }
            WaitedFor::Queue => write!(f, "other writers were served first"),
        }?;
        write!(f, "; asked for by {}", self.site)
    }

    fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        let behind = match &self.waited_for {
            WaitedFor::Writer(guard) => {
                let (since, path) = (time_of_day(guard.since), self.path.display());
                facts.push(format!("{path} is held since {since}"));
                if let Some(statement) = &guard.statement {
                    facts.push(format!("the holder is in the statement {statement}"));
                }
                &guard.behind
            }
            WaitedFor::Process(None) => {
                facts.push(Unknown::nobody_told().to_string());
                &self.queue
            }
            WaitedFor::OtherConnection(holder) => {
                facts.push(about(holder));
                &self.queue
            }
            _ => &self.queue,
        };
        facts.extend(queue(behind));
        facts.extend(network(&self.drive));
        facts
    }

    fn advice(&self) -> Advice {
        match self.waited_for {
            WaitedFor::OtherConnection(_) => advice::locked_for_the_turn(&self.drive),
            WaitedFor::Process(_) => advice::PROCESS_TIMEOUT,
            _ => advice::WRITER_TIMEOUT,
        }
    }
}

impl Text for BodyTimeout {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (site, limit, kind) = (self.site, seconds(self.limit), self.kind.word());
        let option = match self.kind {
            Kind::Reader => "read_timeout",
            Kind::Writer => "write_timeout",
        };
        write!(f, "{site} took too long: a {kind} may run for {limit} ({option})")?;
        match self.kind {
            Kind::Writer => f.write_str("; nothing of it is kept"),
            Kind::Reader => Ok(()),
        }
    }

    fn facts(&self) -> Vec<String> {
        let statement = self.statement.iter();
        let told = |statement| format!("it was interrupted in the statement {statement}");
        statement.map(told).collect()
    }

    fn advice(&self) -> Advice {
        advice::BODY_TIMEOUT
    }
}

impl Text for ReaderTimeout {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (waited, max) = (seconds(self.waited), self.max_readers);
        write!(f, "{} got no reader within {waited}: all {max} are in use", self.site)?;
        match self.in_use.first() {
            Some(oldest) => write!(f, ", the oldest for {} by {oldest}", seconds(oldest.open_for)),
            None => Ok(()),
        }
    }

    fn advice(&self) -> Advice {
        advice::READER_TIMEOUT
    }
}

impl Text for NestedWrite {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { inner, outer } = self;
        write!(
            f,
            "{inner} asks for a write transaction of its own, inside the one of {outer} on the same thread"
        )
    }

    fn advice(&self) -> Advice {
        advice::NESTED_WRITE
    }
}

impl Text for NestedRead {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { inner, outer, max_readers } = self;
        write!(
            f,
            "{inner} asks for another reader, but all {max_readers} are in use and {outer} holds one on this thread"
        )
    }

    fn advice(&self) -> Advice {
        advice::NESTED_READ
    }
}

impl Text for Again {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { inner, outer } = self;
        write!(
            f,
            "{inner} writes in a transaction that runs once only, and would do so each time {outer} runs again"
        )
    }

    fn advice(&self) -> Advice {
        advice::ONCE_IN_RETRIED
    }
}

pub(in crate::error) fn closed(path: &Path, f: &mut Formatter<'_>) -> fmt::Result {
    told(format_args!("{} is closed", path.display()), &advice::CLOSED, f)
}

pub(in crate::error) fn still_open(
    path: &Path,
    guards: &[OpenGuard],
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let list: Vec<_> = guards.iter().map(OpenGuard::sentence).collect();
    told(
        format_args!("{} is closed, but these are still open: {}", path.display(), list.join("; ")),
        &advice::STILL_OPEN,
        f,
    )
}

pub(in crate::error) fn forked(
    path: &Path,
    opened_by: &u32,
    process: &u32,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    told(
        format_args!(
            "{} was opened by process {opened_by}; process {process} is a fork of it and can't use it",
            path.display()
        ),
        &advice::FORKED,
        f,
    )
}

pub(in crate::error) fn no_global(f: &mut Formatter<'_>) -> fmt::Result {
    told(format_args!("no global database is installed"), &advice::NO_GLOBAL, f)
}

pub(in crate::error) fn second_global(installed: &Path, f: &mut Formatter<'_>) -> fmt::Result {
    told(
        format_args!("a global database is installed already: {}", installed.display()),
        &advice::SECOND_GLOBAL,
        f,
    )
}

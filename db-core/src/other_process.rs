//! Another process of this machine, as its users would recognise it.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::units::{seconds, time_of_day};

/// How much is told of what a process was started with.
#[cfg(target_os = "linux")]
const ARGUMENTS: usize = 60;

/// Another process that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherProcess {
    /// Its process id.
    pub id: u32,
    /// The name of its program, if it can be known.
    pub program: Option<String>,
    /// What it was started with, cut short; empty if that is nothing, or not to be known.
    pub arguments: String,
    /// Whether it is stopped: by SIGSTOP, by Ctrl-Z, or by a debugger.
    pub stopped: bool,
    /// Whether it has ended: then a process that was forked from it while it had the
    /// database open keeps its place, until that one ends too.
    pub ended: bool,
    /// What it says of its writer, if it uses db-core and that has held the lock for long.
    pub writer: Option<TheirWriter>,
}

/// A writer of another process that uses db-core, as that process says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TheirWriter {
    /// The function with its place and thread:
    /// `` `shop::import` (src/import.rs:42, thread worker-3) ``.
    pub place: String,
    /// Since when it holds the lock.
    pub since: SystemTime,
    /// How long it had held it when somebody looked.
    pub held_for: Duration,
}

impl TheirWriter {
    /// As it looks now.
    pub(crate) fn new(place: String, since: SystemTime) -> Self {
        Self { place, since, held_for: since.elapsed().unwrap_or_default() }
    }
}

impl OtherProcess {
    /// What the system tells of it: <https://man7.org/linux/man-pages/man5/proc.5.html>
    #[cfg(target_os = "linux")]
    pub(crate) fn describe(id: u32) -> Self {
        let read = |name: &str| std::fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
        let text = |name: &str| String::from_utf8_lossy(&read(name)).into_owned();
        let exe = std::fs::read_link(format!("/proc/{id}/exe")).ok();
        let program = exe.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let program = program.or_else(|| Some(text("comm").trim_end().to_owned()));
        // Each ends in a nul, the first is the program's name again.
        let started = text("cmdline");
        let arguments: Vec<_> = started.split('\0').skip(1).collect();
        // The state follows the name, which may have any character in it.
        let stat = text("stat");
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        Self {
            id,
            program: program.filter(|name| !name.is_empty()),
            arguments: crate::units::cut(&arguments.join(" "), ARGUMENTS),
            stopped: matches!(state, Some('T' | 't')),
            ended: state.map_or_else(|| is_gone(id), |state| matches!(state, 'Z' | 'X')),
            writer: None,
        }
    }

    /// What tells a process from an earlier one of the same number: the number that it has for
    /// itself, which in another pid namespace is another one, and when it was started.
    #[cfg(target_os = "linux")]
    pub(crate) fn identity(process: &str) -> Option<String> {
        let text = |name| {
            let read = std::fs::read(format!("/proc/{process}/{name}")).ok()?;
            Some(String::from_utf8_lossy(&read).into_owned())
        };
        let (stat, status) = (text("stat")?, text("status")?);
        let started = stat.rsplit_once(") ")?.1.split(' ').nth(19)?;
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
        Some(format!("{} {started}", numbers.split_whitespace().next_back()?))
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn identity(_process: &str) -> Option<String> {
        None
    }
}

/// Whether there is no process of that number; some systems show users only their own.
#[cfg(target_os = "linux")]
fn is_gone(id: u32) -> bool {
    let is_there = |id: u32| std::path::Path::new(&format!("/proc/{id}")).exists();
    !is_there(id) && is_there(1)
}

impl fmt::Display for OtherProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.id)?;
        match (&self.program, self.arguments.as_str()) {
            (Some(program), "") => write!(f, " (`{program}`)")?,
            (Some(program), arguments) => write!(f, " (`{program} {arguments}`)")?,
            (None, _) => {}
        }
        if let Some(writer) = &self.writer {
            let (since, time) = (time_of_day(writer.since), seconds(writer.held_for));
            write!(f, ", in {}, since {since} ({time})", writer.place)?;
        }
        if self.stopped {
            write!(f, ", which is stopped: `kill -CONT {}` lets it go on", self.id)?;
        }
        if self.ended {
            f.write_str(", which has ended, but was forked with the database open: a child of it keeps its place")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn process() -> OtherProcess {
        OtherProcess {
            id: 7,
            program: Some("shop".into()),
            arguments: String::new(),
            stopped: false,
            ended: false,
            writer: None,
        }
    }

    #[test]
    fn a_stopped_process_is_told_how_to_go_on() {
        let process = OtherProcess { stopped: true, ..process() };
        let text = "process 7 (`shop`), which is stopped: `kill -CONT 7` lets it go on";
        assert_eq!(process.to_string(), text);
    }

    #[test]
    fn what_a_process_says_of_its_writer_is_told() {
        let since = UNIX_EPOCH + Duration::from_secs(7);
        let writer = TheirWriter {
            place: "`shop::import` (src/import.rs:42)".into(),
            since,
            held_for: Duration::from_millis(12_300),
        };
        let process = OtherProcess { arguments: "--all".into(), writer: Some(writer), ..process() };
        let text = process.to_string();
        assert_eq!(
            text,
            "process 7 (`shop --all`), in `shop::import` (src/import.rs:42), since 00:00:07 UTC (12.3 s)"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_a_name_and_is_not_stopped() {
        let this = OtherProcess::describe(std::process::id());
        assert!(this.program.is_some() && !this.stopped && !this.ended, "{this}");
    }
}

//! Python's sqlite3: `record.py`, told what to do.

use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{ALL, ASKED, Case, Files, Program};
use crate::harness::{INSERT, Process, READ, settings};

pub struct Python(Process);

impl Python {
    /// `Err` says why it is left out.
    pub fn start() -> Result<(Self, String), &'static str> {
        const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/record.py");
        let mut command = Command::new("python3");
        command.args([SCRIPT, &settings("NORMAL"), ASKED, READ, ALL, INSERT]);
        let mut process = Process::start(&mut command).ok_or("skipped: no python3")?;
        let versions = process.hear().ok_or("skipped: python3 has no sqlite3")?;
        let (python, sqlite) = versions.split_once(' ').unwrap();
        let versions = format!("Python {python} with SQLite {sqlite}");
        Ok((Self(process), versions))
    }

    pub fn use_files(&mut self, files: &Files) {
        self.told(&format!("connect normal {}", files.normal.display()));
        self.told(&format!("connect full {}", files.full.display()));
        self.told("synchronous full FULL");
        self.told(&format!("connect lock {}", files.lock.display()));
        self.told(&format!("closed {}", files.closed.display()));
    }

    fn told(&mut self, line: &str) {
        assert_eq!(self.0.ask(line), "ok");
    }

    fn nanos(&mut self, line: &str) -> Duration {
        Duration::from_nanos(self.0.ask(line).parse().unwrap())
    }
}

impl Program for Python {
    fn settings(&mut self) -> [String; 2] {
        ["normal", "full"].map(|name| self.0.ask(&format!("settings {name}")))
    }

    fn time(&mut self, case: Case, calls: u32) -> Duration {
        self.nanos(&format!("time {} {calls}", case.word()))
    }

    fn lock(&mut self) -> SystemTime {
        UNIX_EPOCH + self.nanos("lock")
    }
}

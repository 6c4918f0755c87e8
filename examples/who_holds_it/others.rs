//! The other processes: one that uses db-core as well, and one that doesn't.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use db_core::rusqlite::Connection;
use db_core::{Options, Writer, writer};

pub const IMPORTER: &str = "--importer";
pub const SHELL: &str = "--shell";

/// Another process, that does its part until it is dropped.
pub struct Other(Child);

impl Other {
    /// Starts this program again in that part; returns when it says that it holds the lock.
    pub fn start(part: &str, file: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::wait_for(command.arg(part).arg(file))
    }

    /// Starts Python with its own SQLite, or, where there is none, this program.
    pub fn foreign(file: &Path) -> Result<Self> {
        const SCRIPT: &str = "import sqlite3, sys; conn = sqlite3.connect(sys.argv[1], isolation_level=None); \
             conn.execute('BEGIN IMMEDIATE'); print('holds', flush=True); sys.stdin.read()";
        let mut python = Command::new("python3");
        match Self::wait_for(python.args(["-c", SCRIPT]).arg(file)) {
            Ok(python) => Ok(python),
            Err(_no_python) => Self::start(SHELL, file),
        }
    }

    fn wait_for(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} does not start"))?;
        let stdout = child.stdout.take().context("it has no output")?;
        let other = Self(child);
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        anyhow::ensure!(said.trim() == "holds", "the other process has ended");
        Ok(other)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A part: a nightly import in a process of its own, which uses db-core.
pub fn import(file: &Path) -> Result<()> {
    #[writer]
    fn nightly(db: &Writer) -> db_core::Result<()> {
        db.execute("UPDATE stock SET qty = qty + 1", [])?;
        until_killed();
        Ok(())
    }

    Ok(nightly(&Options::new().open(file)?)?)
}

/// A part: somebody at a prompt, who has typed `BEGIN IMMEDIATE` and gone for lunch.
pub fn hold(file: &Path) -> Result<()> {
    Connection::open(file)?.execute_batch("BEGIN IMMEDIATE")?;
    until_killed();
    Ok(())
}

fn until_killed() {
    println!("holds");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

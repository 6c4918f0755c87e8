//! Runs the command, and checks what holds whatever it is asked.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// No command on a file of these tests may take longer.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Every subcommand.
pub const COMMANDS: [&str; 10] = [
    "verify",
    "backup",
    "restore",
    "vacuum",
    "reindex",
    "optimize",
    "checkpoint",
    "stats",
    "locks",
    "doctor",
];

/// How the command has ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(json) => json,
            Err(error) => panic!("not one JSON document: {error}\n{self:?}"),
        }
    }

    /// What is said to a person, wherever.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// The command, with nothing to read from and no terminal.
pub fn command<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_db-core"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the command to its end.
#[track_caller]
pub fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ran {
    end(command(args).spawn().unwrap())
}

/// As [`run`], in a folder.
#[track_caller]
pub fn run_in<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>) -> Ran {
    end(command(args).current_dir(folder).spawn().unwrap())
}

/// Waits for it, and checks that it has ended by itself, in time, as the help says it does.
#[track_caller]
pub fn end(mut child: Child) -> Ran {
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LIMIT {
            let _ = child.kill();
            panic!("it hangs: {}{}", stdout.join().unwrap(), stderr.join().unwrap());
        }
        thread::sleep(Duration::from_millis(1));
    };
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    let status = status.code().unwrap_or_else(|| panic!("killed: {status:?} {stdout}{stderr}"));
    let ran = Ran { status, stdout, stderr };
    assert!((0..=5).contains(&ran.status), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    ran
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    })
}

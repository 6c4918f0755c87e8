//! Another process, which knows nothing of db-core: Python's sqlite3 if there is one,
//! else the `sqlite3` shell, else this test binary run again with a bare connection.
//!
//! It is told each statement on its stdin and answers on its stdout when the
//! statement has run, so a test knows when a lock is held and when it is gone.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::signals::PATIENCE;

/// Which lock a foreign process holds.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    /// `BEGIN IMMEDIATE`, and this statement, uncommitted: it writes.
    Writing(&'a str),
    /// `BEGIN EXCLUSIVE`: with a rollback journal nobody else even reads.
    Exclusive,
    /// An open transaction that has read: it holds a snapshot.
    Reading,
}

/// A foreign process that holds a lock until it is told to let go, or dropped.
///
/// ```ignore
/// let lock = ForeignLock::take(db.path(), Lock::Writing("INSERT INTO item (name) VALUES ('x')"));
/// assert!(db.writer_within(Duration::ZERO).is_err());
/// lock.commit();
/// ```
pub struct ForeignLock(Foreign);

impl ForeignLock {
    /// Starts a process that takes the lock; returns when it holds it.
    #[track_caller]
    pub fn take(path: &Path, lock: Lock<'_>) -> Self {
        let mut process = Foreign::open(path);
        let statements = match lock {
            Lock::Writing(sql) => ["BEGIN IMMEDIATE", sql],
            Lock::Exclusive => ["BEGIN EXCLUSIVE", "SELECT 1"],
            Lock::Reading => ["BEGIN", "SELECT count(*) FROM sqlite_master"],
        };
        for sql in statements {
            process.run(sql).unwrap();
        }
        Self(process)
    }

    /// Rolls back; returns when the lock is gone.
    #[track_caller]
    pub fn release(mut self) {
        self.0.run("ROLLBACK").unwrap();
    }

    /// Commits; returns when it is done.
    #[track_caller]
    pub fn commit(mut self) {
        self.0.run("COMMIT").unwrap();
    }
}

/// A foreign process with an open connection. Dropping it kills it.
pub struct Foreign(Process);

impl Foreign {
    /// Opens the database at `path` in another process. It waits for locks up to 10 s.
    #[track_caller]
    pub fn open(path: &Path) -> Self {
        let process = match program() {
            Program::Python(python) => {
                let mut command = Command::new(python);
                command.arg("-c").arg(PYTHON).arg(path);
                Process::start(command)
            }
            Program::Shell => {
                let mut command = Command::new("sqlite3");
                command.args(["-batch", "-bail"]).arg(path);
                let mut process = Process::start(command);
                process.tell(".timeout 10000");
                process.tell(".print foreign: ok");
                process
            }
            Program::Ourselves => {
                let test = concat!(module_path!(), "::foreign_process");
                // Tests are named without their crate.
                let test = test.split_once("::").map_or(test, |(_crate, test)| test);
                Process::again(test, path)
            }
        };
        let mut foreign = Self(process);
        foreign.answer().expect("another process opens the file");
        foreign
    }

    /// Runs one statement to its end; a row that it returns is thrown away. After an
    /// error the process may be of no more use.
    #[track_caller]
    pub fn run(&mut self, sql: &str) -> Result<(), String> {
        let sql = sql.replace('\n', " ");
        if matches!(program(), Program::Shell) {
            self.0.tell(&format!("{sql};"));
            self.0.tell(".print foreign: ok");
        } else {
            self.0.tell(&sql);
        }
        self.answer()
    }

    #[track_caller]
    fn answer(&mut self) -> Result<(), String> {
        let answer = self.0.hear("foreign: ");
        match answer.as_deref() {
            Some("ok") => Ok(()),
            Some(error) => Err(error.to_owned()),
            None => Err("the foreign process has ended".to_owned()),
        }
    }
}

/// The foreign process when it is this binary: it answers as [`PYTHON`] does. In an
/// ordinary run of the tests there is nothing for it to do.
#[test]
fn foreign_process() {
    let Some(path) = Process::role() else { return };
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_secs(10)).unwrap();
    Process::say("foreign: ok");
    for sql in std::io::stdin().lines().map_while(Result::ok) {
        let run = || conn.prepare(&sql)?.query([])?.next().map(|_row| ());
        match run() {
            Ok(()) => Process::say("foreign: ok"),
            Err(error) => Process::say(&format!("foreign: error {error}")),
        }
    }
}

const PYTHON: &str = r#"
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
print("foreign: ok", flush=True)
for sql in sys.stdin:
    try:
        conn.execute(sql).fetchall()
        print("foreign: ok", flush=True)
    except sqlite3.Error as error:
        print("foreign: error", error, flush=True)
"#;

enum Program {
    Python(String),
    Shell,
    Ourselves,
}

/// What there is on this machine; the variable `DB_CORE_TEST_FOREIGN` (`python`,
/// `shell`, `self`) asks for one of them.
fn program() -> &'static Program {
    static FOUND: OnceLock<Program> = OnceLock::new();
    FOUND.get_or_init(|| {
        let asked = env::var("DB_CORE_TEST_FOREIGN").unwrap_or_default();
        let may_be = |name: &str| asked.is_empty() || asked == name;
        let output = |command: &mut Command| {
            let output = command.stdin(Stdio::null()).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().to_owned())
        };
        if may_be("python") {
            // `python3` may be a script that looks for the real one: ask for that once.
            let asks = "import sqlite3, sys; print(sys.executable)";
            for name in ["python3", "python"] {
                let found = output(Command::new(name).args(["-c", asks]));
                if let Some(path) = found.filter(|path| !path.is_empty()) {
                    return Program::Python(path);
                }
            }
        }
        if may_be("shell") && output(Command::new("sqlite3").arg("--version")).is_some() {
            return Program::Shell;
        }
        Program::Ourselves
    })
}

/// A child process that is told and answers in lines. Dropping it kills it.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

const ROLE: &str = "DB_CORE_TEST_ROLE";

impl Process {
    /// Runs `test`, and only that, in another process: this test binary again. There
    /// [`role`](Self::role) is `given`.
    pub fn again(test: &str, given: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(ROLE, given);
        Self::start(command)
    }

    /// In a process started by [`again`](Self::again): what it was given.
    pub fn role() -> Option<std::ffi::OsString> {
        env::var_os(ROLE)
    }

    /// In a child: tells the parent a line.
    pub fn say(line: &str) {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{line}").unwrap();
        stdout.flush().unwrap();
    }

    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { stdin: child.stdin.take(), child, lines }
    }

    /// The number that the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a line. One that has ended does not hear it.
    pub fn tell(&mut self, line: &str) {
        if let Some(stdin) = &mut self.stdin {
            let _ = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        }
    }

    /// What follows `mark` in the next line that has it; `None` if the process ends
    /// before.
    #[track_caller]
    pub fn hear(&self, mark: &str) -> Option<String> {
        loop {
            let line = match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the process says nothing"),
            };
            // The test harness may have begun the line.
            if let Some((_before, said)) = line.split_once(mark) {
                return Some(said.to_owned());
            }
        }
    }

    /// Kills it, as a crash would: it gets to clean up nothing.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn ended(&mut self) -> std::process::ExitStatus {
        self.stdin = None;
        while self.lines.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

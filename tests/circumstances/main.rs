//! What is looked at when a database is opened: circumstances under which it would work, and
//! not for long. Each is one warning, that says what to do; with `Options::strict` it is an
//! error.
//!
//! What the machine must have for it is staged in processes of their own, where they may have
//! mounts, rights and libraries of their own. Where a machine can't, a test says so.

#[path = "../common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod folder;
#[cfg(target_os = "linux")]
mod fuse;
mod listeners;
#[cfg(target_os = "linux")]
mod network;
mod ordinary;
mod rollback_mode;
#[cfg(target_os = "linux")]
mod second_sqlite;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use common::{ForeignLock, Lock, PATIENCE, TestDb, make_file, names, received};
use db_core::{Database, Error, JournalMode, OpenProblem, Options, Synchronous, Warning};
use rusqlite::Connection;
use tempfile::TempDir;

/// Ample for what is to come at once, and far from what `busy_timeout` (5 s) and
/// `writer_timeout` (10 s) would make of it.
const SOON: Duration = Duration::from_secs(3);

/// What a listener has heard.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Text>>>);

/// A warning: which one, in one line and as a whole.
#[derive(Clone, Debug)]
struct Text {
    kind: &'static str,
    line: String,
    whole: String,
}

impl Text {
    fn of(warning: &Warning) -> Self {
        let kind = match warning {
            Warning::NoGate { .. } => "no gate",
            Warning::WalResetBug { .. } => "WAL-reset bug",
            Warning::NetworkDrive { .. } => "network drive",
            Warning::ReadOnlyFolder { .. } => "read-only folder",
            Warning::HeldInRollbackMode { .. } => "held in rollback mode",
            Warning::SecondSqlite { .. } => "second SQLite",
            _ => "another",
        };
        Self { kind, line: format!("{warning}"), whole: format!("{warning:#}") }
    }

    /// It is in one line, which is the first of the whole, and that says what to do.
    #[track_caller]
    fn is_well_formed(&self) {
        assert_eq!(self.whole.lines().next(), Some(&*self.line), "{self:?}");
        assert!(!self.line.contains('\n') && !self.line.ends_with('.'), "{self:?}");
        assert!(self.whole.contains("\n\nAction:\n  - "), "{self:?}");
        // No name of a Rust type, nor a struct's text.
        for word in ["Warning", "Some(", "Os {", "PathBuf", "::{"] {
            assert!(!self.whole.contains(word), "{self:?}");
        }
    }
}

impl Heard {
    /// Listens to what these options warn of.
    fn listen(options: Options) -> (Options, Self) {
        let heard = Self::default();
        let own = heard.clone();
        let listen = move |warning: &Warning| own.0.lock().unwrap().push(Text::of(warning));
        (options.on_warning(listen), heard)
    }

    fn all(&self) -> Vec<Text> {
        let all = self.0.lock().unwrap().clone();
        all.iter().for_each(Text::is_well_formed);
        all
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.all().iter().map(|text| text.kind).collect()
    }

    /// The only one.
    #[track_caller]
    fn one(&self) -> Text {
        let all = self.all();
        let [one] = &all[..] else { panic!("{all:#?}") };
        one.clone()
    }
}

/// Opening at that path is refused at once, and by nothing but `strict`: the text is that of
/// the warning, with one more thing to do. Nobody is warned.
#[track_caller]
fn is_refused(options: Options, path: &Path, warning: &Text) {
    let (options, heard) = Heard::listen(options.strict());
    let start = Instant::now();
    let error = options.open(path).unwrap_err();
    assert!(start.elapsed() < SOON, "after {:?}: {error}", start.elapsed());
    let Error::Strict(refused) = &error else { panic!("{error:?}") };
    assert_eq!(Text::of(refused).kind, warning.kind);
    assert_eq!(
        error.to_string(),
        format!("not opened, as the option `strict` asks for: {}", warning.line)
    );
    assert_eq!(
        format!("{error:#}"),
        format!(
            "not opened, as the option `strict` asks for: {}\n  \
             - or open it without the option `strict`, and be only warned",
            warning.whole
        )
    );
    assert_eq!(error.report(), format!("{error:#}"));
    assert!(!error.is_locked(), "no retry would help");
    assert!(heard.all().is_empty());
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

fn add(db: &Database, name: &str) -> db_core::Result<()> {
    db.write(|w| w.execute("INSERT INTO item (name) VALUES (?1)", [name]).map(drop))?;
    Ok(())
}

fn count(db: &Database) -> db_core::Result<i64> {
    Ok(db.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)))?)
}

/// What a process that runs a test again was given.
const GIVEN: &str = "DB_CORE_TEST_GIVEN";

fn given() -> Option<OsString> {
    env::var_os(GIVEN)
}

/// This program, to run `test` again and only that, with something `given`. What is before it
/// on the command line is to run it: `unshare`, or nothing.
fn again(test: &str, before: &[&OsStr], given: impl AsRef<OsStr>) -> Command {
    let program = env::current_exe().unwrap().into_os_string();
    again_as(&program, test, before, given)
}

fn again_as(program: &OsStr, test: &str, before: &[&OsStr], given: impl AsRef<OsStr>) -> Command {
    let mut words = before.iter().copied().chain([program]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(GIVEN, given);
    command
}

/// The test has run and passed in that process.
#[track_caller]
fn passed(told: &Output) {
    let text = String::from_utf8_lossy(&told.stdout);
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "{text}\n{errors}");
}

/// Where mounts are seen by this process only, and go with it; also for who is not root, if
/// the system lets them.
#[cfg(target_os = "linux")]
fn unshared() -> Vec<&'static OsStr> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout == b"0\n");
    let options = if is_root { "-m" } else { "-rm" };
    ["unshare", options, "--"].map(OsStr::new).to_vec()
}

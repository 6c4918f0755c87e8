//! Opening a database so that the command changes nothing that it was not asked to change.
//!
//! Readers leave the file's bytes as they are, and no files beside it: whoever closes a
//! database last carries its log into it, and a writer's connection undoes what a killed
//! program has left. So where there is a log or a journal, reading is done by connections
//! that can't write.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use db_core::rusqlite::config::DbConfig;
use db_core::rusqlite::{Connection, ErrorCode, OpenFlags};
use db_core::{Database, Error, JournalMode, OpenProblem, Options};

use crate::exit::Status;
use crate::failure::Failure;
use crate::look::Look;

/// A warning of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The sentence.
    pub(crate) what: String,
    /// What to do, as far as that is said.
    pub(crate) advice: Vec<String>,
}

/// A database that is open for reading.
pub(crate) struct Reading {
    db: Option<Database>,
    look: Look,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Reading {
    /// Opens the file of `look`.
    pub(crate) fn open(look: &Look, timeout: Duration) -> Result<Self, Failure> {
        refuse_emptied(look)?;
        let told = Arc::new(Mutex::new(Vec::new()));
        let options = || options(timeout, &told);
        let opened = if look.has_log() || look.journal {
            options().read_only(true).open(&look.path)
        } else {
            // With these SQLite removes the empty log that it makes.
            match options().open(&look.path) {
                Err(error) if can_only_be_read(&error) => {
                    options().read_only(true).open(&look.path)
                }
                opened => opened,
            }
        };
        let reading = |db| Self { db: Some(db), look: look.clone(), told: Arc::clone(&told) };
        opened.map(reading).map_err(|error| match failure(look, error) {
            // Nothing was to be written but what SQLite needs beside the file.
            failure if failure.kind == "denied" => Failure::unwritable_folder(&look.path),
            failure => failure,
        })
    }

    pub(crate) fn database(&self) -> Result<&Database, Failure> {
        // It is taken only when this is dropped.
        self.db.as_ref().ok_or_else(|| Failure::missing(&self.look.path))
    }

    /// Runs `read`, with everything from one moment.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> db_core::rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        let read = self.database()?.read(|reader| read(reader).map_err(Error::from));
        read.map_err(|error| failure(&self.look, error))
    }

    /// What the library has warned of.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        drop(self.db.take());
        if self.look.has_log() && !self.look.shm {
            let _ = remove_shared_memory(&self.look);
        }
    }
}

/// Opens the file for a command that changes it, and does that.
pub(crate) fn change<T>(
    look: &Look,
    timeout: Duration,
    work: impl FnOnce(&Database) -> Result<T, Error>,
) -> Result<T, Failure> {
    refuse_emptied(look)?;
    let told = Arc::new(Mutex::new(Vec::new()));
    let options = || options(timeout, &told);
    // Else a command that fails would carry over what others have left in the log.
    let kept = if look.has_log() { options().on_connect(keep_log) } else { options() };
    let explained = |error| failure(look, error);
    let db = kept.open(&look.path).map_err(explained)?;
    let done = work(&db).map_err(explained)?;
    drop(db);
    if look.has_log() {
        // Whoever closes it last removes the log: now that may be this one.
        drop(options().open(&look.path));
    }
    Ok(done)
}

/// Even a connection that only reads deletes the log of an empty file.
fn refuse_emptied(look: &Look) -> Result<(), Failure> {
    let beside = if look.journal { "-journal" } else { "-wal" };
    if look.is_emptied() {
        return Err(Failure::emptied(&look.path, beside));
    }
    Ok(())
}

fn options(timeout: Duration, told: &Arc<Mutex<Vec<Told>>>) -> Options {
    let told = Arc::clone(told);
    Options::new()
        .create(false)
        .journal_mode(JournalMode::Keep)
        .journal_size_limit(None)
        .busy_timeout(timeout)
        .writer_timeout(timeout)
        .reader_timeout(timeout)
        // What the command does may take its time.
        .leak_after(Duration::MAX)
        .on_warning(move |warning| {
            let report = format!("{warning:#}");
            let advice = report.split("Action:").nth(1).unwrap_or_default();
            let lines = advice.lines().map(|line| line.trim().trim_start_matches("- "));
            let advice = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
            let warning = Told { what: warning.to_string(), advice };
            told.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
        })
}

/// <https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfignockptonclose>
fn keep_log(conn: &mut Connection) -> db_core::rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
}

fn can_only_be_read(error: &Error) -> bool {
    match error {
        Error::Open(failed) => failed.problem == OpenProblem::Denied && failed.readable,
        Error::ReadOnly { readable, .. } => *readable,
        _ => false,
    }
}

/// What an error means, with what is known of the file.
pub(crate) fn failure(look: &Look, error: Error) -> Failure {
    // Reading it takes undoing what is half done, for which a reader has no right.
    let half_done = match &error {
        Error::ReadOnly { .. } => true,
        Error::Open(failed) => failed.problem == OpenProblem::Denied,
        Error::Sqlite(error) => {
            matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
        }
        _ => false,
    };
    if half_done && look.journal {
        return Failure::unfinished(&look.path);
    }
    let failure = Failure::of(&look.path, error);
    match look.cut_from {
        Some(told) if failure.status == Status::Damaged => {
            Failure::cut(&look.path, look.bytes, told)
        }
        _ => failure,
    }
}

/// Reading a log has made the file `-shm`, which was not there. It may go only if nobody has
/// the database open: everybody who uses a log has a shared lock on it, so whoever gets the
/// exclusive one is alone. In that locking mode SQLite keeps what would be in the file in
/// memory: <https://sqlite.org/wal.html#use_of_wal_without_shared_memory>
fn remove_shared_memory(look: &Look) -> db_core::rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(&look.file, flags)?;
    keep_log(&mut conn)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.pragma_query_value(None, "schema_version", |_| Ok(()))?;
    let _ = fs::remove_file(look.beside("-shm"));
    Ok(())
}

/// Whether two paths are one file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

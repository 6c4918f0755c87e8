//! Raw statements: transaction control prepared once for each connection, and the
//! few calls of SQLite's C interface that rusqlite does not offer; `callbacks` are those
//! that SQLite makes.
//!
//! Through rusqlite's `prepare_cached` a BEGIN costs a third more, and its cache
//! evicts it. This is one of the few places where `unsafe` is allowed. What all of
//! it rests on: a [`Session`] owns its connection and the statements prepared on it,
//! finalizes the statements before the connection is closed, and is used by one
//! thread at a time, because it is not `Sync`.
#![allow(unsafe_code)]

mod callbacks;

pub(crate) use callbacks::Checkpoint;

use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::io;
use std::path::PathBuf;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::{Connection, Error, ffi};

use super::watchdog::Watchdog;
use callbacks::Callbacks;

/// The statements that only the engine runs.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(crate) enum Control {
    Begin,
    BeginImmediate,
    Commit,
    Rollback,
    Savepoint,
    Release,
    RollbackTo,
}

const CONTROLS: usize = 7;

impl Control {
    fn sql(self) -> &'static CStr {
        match self {
            Self::Begin => c"BEGIN",
            Self::BeginImmediate => c"BEGIN IMMEDIATE",
            Self::Commit => c"COMMIT",
            Self::Rollback => c"ROLLBACK",
            // One name serves all depths: SQLite takes the innermost of that name.
            // https://sqlite.org/lang_savepoint.html
            Self::Savepoint => c"SAVEPOINT db_core",
            Self::Release => c"RELEASE db_core",
            Self::RollbackTo => c"ROLLBACK TO db_core",
        }
    }
}

/// A connection with its control statements.
pub(crate) struct Session {
    controls: [Cell<Option<NonNull<ffi::sqlite3_stmt>>>; CONTROLS],
    /// SQLite refers to them until they are taken off, which is before `conn` is closed.
    callbacks: Option<Rc<Callbacks>>,
    conn: Connection,
}

// SAFETY: the statements belong to `conn`, which is `Send`, and go where it goes.
// SQLite is built with SQLITE_THREADSAFE=1 or refused by rusqlite's open, so a
// connection and its statements may move between threads.
unsafe impl Send for Session {}

impl Session {
    /// Has SQLite ask `watchdog` while statements run.
    pub(crate) fn new(conn: Connection, watchdog: Arc<Watchdog>) -> Self {
        let callbacks = Some(Callbacks::install(&conn, watchdog));
        Self { controls: Default::default(), callbacks, conn }
    }

    /// Makes checkpoints after commits as the connection is set to. What they came to,
    /// [`take_checkpoint`](Self::take_checkpoint) tells.
    pub(crate) fn make_checkpoints(&self) -> Result<(), Error> {
        match &self.callbacks {
            Some(callbacks) => callbacks.make_checkpoints(&self.conn),
            None => Ok(()),
        }
    }

    /// The checkpoint that the last commit has made, if it has; told once.
    pub(crate) fn take_checkpoint(&self) -> Option<Checkpoint> {
        self.callbacks.as_ref()?.checkpoint.take()
    }

    pub(crate) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Lends the connection itself, with checkpoints left to SQLite; `None` if what came back
    /// is another one.
    pub(crate) fn lend<T>(&mut self, borrow: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        // They must not outlive a connection that the borrower exchanges.
        self.finalize_controls();
        if let Some(callbacks) = &self.callbacks {
            callbacks.leave_checkpoints();
        }
        let result = lend(&mut self.conn, borrow);
        if result.is_none() {
            // Whoever has the connection now may use it, and SQLite them with it.
            std::mem::forget(self.callbacks.take());
        }
        result
    }

    fn finalize_controls(&mut self) {
        for slot in &self.controls {
            if let Some(statement) = slot.take() {
                // SAFETY: prepared on `conn`, which is still open; taken out of its
                // slot, so finalized once.
                unsafe { ffi::sqlite3_finalize(statement.as_ptr()) };
            }
        }
    }

    /// Runs one control statement.
    pub(crate) fn run(&self, control: Control) -> Result<(), Error> {
        let statement = self.prepared(control)?;
        // SAFETY: `statement` was prepared on this connection and is finalized only
        // in `drop`. Control statements return no rows, so a step ends them.
        let code = unsafe {
            ffi::sqlite3_step(statement.as_ptr());
            // The reset repeats the step's code; the step alone may hide it:
            // https://sqlite.org/c3ref/step.html
            ffi::sqlite3_reset(statement.as_ptr())
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.error(code)) }
    }

    fn prepared(&self, control: Control) -> Result<NonNull<ffi::sqlite3_stmt>, Error> {
        let slot = &self.controls[control as usize];
        if let Some(statement) = slot.get() {
            return Ok(statement);
        }
        let mut statement = ptr::null_mut();
        // SAFETY: the handle is that of an open connection, the SQL ends with a nul,
        // and `statement` is a place to write to.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(
                self.conn.handle(),
                control.sql().as_ptr(),
                -1,
                ffi::SQLITE_PREPARE_PERSISTENT as std::ffi::c_uint,
                &raw mut statement,
                ptr::null_mut(),
            )
        };
        match NonNull::new(statement) {
            Some(statement) if code == ffi::SQLITE_OK => {
                slot.set(Some(statement));
                Ok(statement)
            }
            _ => Err(self.error(code)),
        }
    }

    fn error(&self, code: c_int) -> Error {
        // SAFETY: the handle is that of an open connection; the text lives until the
        // next call on it, and is copied before.
        let text = unsafe {
            let text = ffi::sqlite3_errmsg(self.conn.handle());
            CStr::from_ptr(text).to_string_lossy().into_owned()
        };
        Error::SqliteFailure(ffi::Error::new(code), Some(text))
    }

    /// Whether neither a transaction nor a statement that reads is open; this also sees
    /// a SELECT that pins a snapshot.
    pub(crate) fn is_idle(&self) -> bool {
        // SAFETY: the handle is that of an open connection; a null name means all its
        // databases.
        unsafe {
            let handle = self.conn.handle();
            ffi::sqlite3_get_autocommit(handle) != 0
                && ffi::sqlite3_txn_state(handle, ptr::null()) == ffi::SQLITE_TXN_NONE
        }
    }

    /// Whether foreign keys are left for the COMMIT to refuse, as things are.
    /// <https://sqlite.org/c3ref/c_dbstatus_options.html>
    pub(crate) fn has_unsettled_keys(&self) -> bool {
        let (mut unsettled, mut highest) = (0, 0);
        // SAFETY: the handle is that of an open connection, and the two numbers are
        // places to write to.
        let code = unsafe {
            ffi::sqlite3_db_status(
                self.conn.handle(),
                ffi::SQLITE_DBSTATUS_DEFERRED_FKS,
                &raw mut unsettled,
                &raw mut highest,
                0,
            )
        };
        // What can't be known is taken for the worse.
        code != ffi::SQLITE_OK || unsettled != 0
    }

    /// The name by which SQLite opens the WAL of this connection.
    pub(crate) fn wal_path(&self) -> io::Result<PathBuf> {
        let none = || io::Error::new(io::ErrorKind::NotFound, "the connection has no WAL");
        // SAFETY: the handle is that of an open connection. The name of its main database
        // is SQLite's own, as `sqlite3_filename_wal` asks for, and lives as long as the
        // connection; it is copied.
        let name = unsafe {
            let database = ffi::sqlite3_db_filename(self.conn.handle(), c"main".as_ptr());
            if database.is_null() {
                return Err(none());
            }
            let wal = ffi::sqlite3_filename_wal(database);
            if wal.is_null() {
                return Err(none());
            }
            CStr::from_ptr(wal)
        };
        path(name).ok_or_else(none)
    }

    /// Sets how long SQLite waits for other connections, in milliseconds.
    pub(crate) fn set_busy_timeout(&self, millis: c_int) -> bool {
        // SAFETY: the handle is that of an open connection.
        unsafe { ffi::sqlite3_busy_timeout(self.conn.handle(), millis) == ffi::SQLITE_OK }
    }

    /// The SQL of a writing statement that has begun and not ended, if there is one.
    pub(crate) fn unfinished_write(&self) -> Option<String> {
        self.unfinished().find_map(|statement| {
            // SAFETY: `unfinished` yields statements of this open connection, and
            // nothing finalizes them here.
            unsafe {
                let writes = ffi::sqlite3_stmt_readonly(statement) == 0;
                writes.then(|| sql_of(statement)).flatten()
            }
        })
    }

    /// Resets every statement that has begun and not ended. Only leaked ones can be:
    /// the others ended with the body.
    pub(crate) fn reset_unfinished(&self) {
        for statement in self.unfinished() {
            // SAFETY: a statement of this open connection. Whoever leaked it has no
            // reference left: it borrowed the connection for no longer than the body.
            unsafe { ffi::sqlite3_reset(statement) };
        }
    }

    fn unfinished(&self) -> impl Iterator<Item = *mut ffi::sqlite3_stmt> {
        // SAFETY: the handle is that of an open connection, whose statements are not
        // finalized while they are gone through.
        unsafe { unfinished(self.conn.handle()) }
    }
}

/// The SQL of a statement.
///
/// # Safety
///
/// The statement must not be finalized.
unsafe fn sql_of(statement: *mut ffi::sqlite3_stmt) -> Option<String> {
    // SAFETY: by this function's contract; the text lives as long as its statement, and is
    // copied.
    unsafe {
        let sql = ffi::sqlite3_sql(statement);
        (!sql.is_null()).then(|| CStr::from_ptr(sql).to_string_lossy().into_owned())
    }
}

/// The statements that have begun and not ended, the one that was prepared last first.
///
/// # Safety
///
/// The connection must be open, and none of its statements be finalized, for as long as
/// the iterator is used.
unsafe fn unfinished(db: *mut ffi::sqlite3) -> impl Iterator<Item = *mut ffi::sqlite3_stmt> {
    let mut last = ptr::null_mut();
    std::iter::from_fn(move || {
        loop {
            // SAFETY: by this function's contract; `last` is null or one of the statements.
            unsafe {
                last = ffi::sqlite3_next_stmt(db, last);
                if last.is_null() {
                    return None;
                }
                if ffi::sqlite3_stmt_busy(last) != 0 {
                    return Some(last);
                }
            }
        }
    })
}

#[cfg(unix)]
fn path(name: &CStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(name.to_bytes()).into())
}

/// Elsewhere SQLite's names are UTF-8.
#[cfg(not(unix))]
fn path(name: &CStr) -> Option<PathBuf> {
    name.to_str().ok().map(PathBuf::from)
}

/// Lends a connection; `None` if the borrower has put another one in its place.
fn lend<T>(conn: &mut Connection, borrow: impl FnOnce(&mut Connection) -> T) -> Option<T> {
    // SAFETY: the handle is only compared.
    let before = unsafe { conn.handle() };
    let result = borrow(conn);
    // SAFETY: as above.
    (before == unsafe { conn.handle() }).then_some(result)
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing a connection rolls back, and would run a hook that rusqlite has freed
        // by then.
        let _ = self.conn.rollback_hook(None::<fn()>);
        let _ = self.conn.commit_hook(None::<fn() -> bool>);
        if let Some(callbacks) = self.callbacks.take() {
            callbacks.remove();
        }
        // An interrupt of the last body is still in force until a statement begins with none
        // running, and would stop the checkpoint of the last connection to close
        // (`sqlite3WalCheckpoint` in wal.c): the WAL would stay.
        // SAFETY: the handle is that of an open connection.
        if unsafe { ffi::sqlite3_is_interrupted(self.conn.handle()) } != 0 {
            let _ = self.run(Control::Begin);
            let _ = self.run(Control::Rollback);
        }
        self.finalize_controls();
    }
}

//! What SQLite calls while a statement runs, and after a commit to the WAL.
//!
//! Both are given one pointer, to the [`Callbacks`] of the connection. That is valid for as
//! long as SQLite may use it: the session keeps them alive, and takes both off before it
//! lets them go. SQLite calls them on the thread that uses the connection, so the cells in
//! them are used by one thread at a time. They don't panic: what they do is copy and store.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ffi};

use super::{sql_of, unfinished};
use crate::engine::watchdog::Watchdog;
use crate::units::cut;

/// After how many steps of SQLite's machine it asks: 20 to 100 us, and no cost to be seen.
const STEPS: c_int = 1000;

/// How much of a statement is told.
const STATEMENT: usize = 200;

pub(super) struct Callbacks {
    db: *mut ffi::sqlite3,
    watchdog: Arc<Watchdog>,
    /// From how many pages on the WAL is carried into the database after a commit; 0 if that
    /// is not done here.
    pages: Cell<c_int>,
    pub(super) checkpoint: Cell<Option<Checkpoint>>,
}

/// What a checkpoint came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoint {
    /// How many pages the WAL held.
    pub(crate) pages: u32,
    /// How many of them are in the database now: fewer if a reader still needs the others.
    pub(crate) carried: u32,
    pub(crate) time: Duration,
}

impl Callbacks {
    /// Has SQLite ask `watchdog` while a statement runs. A handler that the program sets
    /// later takes its place.
    pub(super) fn install(conn: &Connection, watchdog: Arc<Watchdog>) -> Rc<Self> {
        // SAFETY: the handle is that of an open connection, and is kept no longer than that.
        let db = unsafe { conn.handle() };
        let callbacks =
            Rc::new(Self { db, watchdog, pages: Cell::new(0), checkpoint: Cell::new(None) });
        // SAFETY: the connection is open; the function has the type that is asked for, and
        // what it is given is valid until `remove`: see the head of this file.
        unsafe { ffi::sqlite3_progress_handler(db, STEPS, Some(progress), callbacks.given()) };
        callbacks
    }

    /// Makes checkpoints when SQLite would, unless the program has a hook of its own there,
    /// or wants none.
    pub(super) fn make_checkpoints(self: &Rc<Self>, conn: &Connection) -> rusqlite::Result<()> {
        let pages = conn.pragma_query_value(None, "wal_autocheckpoint", |row| row.get(0))?;
        if pages > 0 {
            self.pages.set(pages);
            // SAFETY: as in `install`.
            unsafe { ffi::sqlite3_wal_hook(self.db, Some(committed), self.given()) };
        }
        Ok(())
    }

    /// Leaves checkpoints to SQLite's own hook again.
    pub(super) fn leave_checkpoints(&self) {
        let pages = self.pages.replace(0);
        if pages > 0 {
            // SAFETY: whoever has these has the connection open.
            unsafe { ffi::sqlite3_wal_autocheckpoint(self.db, pages) };
        }
    }

    /// Takes all off, before these go.
    pub(super) fn remove(&self) {
        self.leave_checkpoints();
        // SAFETY: whoever has these has the connection open.
        unsafe { ffi::sqlite3_progress_handler(self.db, 0, None, ptr::null_mut()) };
    }

    fn given(self: &Rc<Self>) -> *mut c_void {
        Rc::as_ptr(self).cast_mut().cast()
    }
}

/// <https://sqlite.org/c3ref/progress_handler.html>
unsafe extern "C" fn progress(given: *mut c_void) -> c_int {
    // SAFETY: what `install` gave.
    let callbacks = unsafe { &*given.cast::<Callbacks>() };
    let watchdog = &callbacks.watchdog;
    let interrupts = watchdog.interrupts();
    if interrupts || watchdog.take_question() {
        // SAFETY: SQLite runs a statement of this connection, which is open, and finalizes
        // none while it waits for this answer.
        let sql = unsafe { unfinished(callbacks.db).find_map(|statement| sql_of(statement)) };
        watchdog.answer(sql.map(|sql| cut(&sql, STATEMENT)));
    }
    c_int::from(interrupts)
}

/// Does what `sqlite3WalDefaultHook` in main.c does, and keeps what that came to.
/// <https://sqlite.org/c3ref/wal_hook.html>
unsafe extern "C" fn committed(
    given: *mut c_void,
    db: *mut ffi::sqlite3,
    name: *const c_char,
    pages: c_int,
) -> c_int {
    // SAFETY: what `install` gave.
    let callbacks = unsafe { &*given.cast::<Callbacks>() };
    if pages < callbacks.pages.get() {
        return ffi::SQLITE_OK;
    }
    let start = Instant::now();
    let (mut log, mut carried) = (0, 0);
    // SAFETY: SQLite gave the connection and the name; the numbers are places to write to.
    let code = unsafe {
        let passive = ffi::SQLITE_CHECKPOINT_PASSIVE;
        ffi::sqlite3_wal_checkpoint_v2(db, name, passive, &raw mut log, &raw mut carried)
    };
    if code == ffi::SQLITE_OK {
        let number = |pages: c_int| u32::try_from(pages).unwrap_or(0);
        let (pages, carried) = (number(log), number(carried));
        callbacks.checkpoint.set(Some(Checkpoint { pages, carried, time: start.elapsed() }));
    }
    // The commit is made; a checkpoint that could not be is for the next one.
    ffi::SQLITE_OK
}

//! Counting the statements of a body, and arming a fault for one of them.
//!
//! SQLite tells when a statement begins. For the one that is to fail, its pages are first
//! written out and forgotten, so that it has to read the file; and the file then can't be
//! read (`vfs`). So the error comes from SQLite, out of the statement itself. A COMMIT has
//! nothing to read: there the file can't be written.
//!
//! What the `unsafe` in here rests on: SQLite calls [`told`] on the thread that uses a
//! connection, while that is open, with what [`trace`] gave for it, and with what
//! <https://sqlite.org/c3ref/c_trace.html> says for each event.
#![allow(unsafe_code, reason = "SQLite's trace is a C function")]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr;

use rusqlite::{Connection, ffi};

use super::Faults;
use super::fault::Place;
use super::vfs;
use crate::site::Site;

/// A body that runs, or a guard that is open.
struct Body {
    number: u64,
    site: Site,
    /// Of a guard: it counts the statements of its own connection only, as it is open beside
    /// others. Only compared.
    conn: Option<*mut ffi::sqlite3>,
    statements: u32,
}

thread_local! {
    /// Those of this thread, the innermost last.
    static BODIES: RefCell<Vec<Body>> = const { RefCell::new(Vec::new()) };
    static NEWEST: Cell<u64> = const { Cell::new(0) };
}

/// The statements of a body or a guard are counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Counting {
    number: u64,
    /// On the thread where it began.
    not_send: PhantomData<*const ()>,
}

impl Counting {
    fn begin(site: Site, conn: Option<*mut ffi::sqlite3>) -> Self {
        let number = NEWEST.get() + 1;
        NEWEST.set(number);
        let body = Body { number, site, conn, statements: 0 };
        // What a thread runs at its very end is not counted.
        let _ = BODIES.try_with(|bodies| bodies.borrow_mut().push(body));
        Self { number, not_send: PhantomData }
    }

    /// From now on, for a body.
    pub(super) fn of_body(site: Site) -> Self {
        Self::begin(site, None)
    }

    /// From now on, for a guard on that connection.
    pub(super) fn of_guard(site: Site, conn: &Connection) -> Self {
        // SAFETY: the handle is only compared.
        Self::begin(site, Some(unsafe { conn.handle() }))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        put_back_unmet(|_| true);
        let _ =
            BODIES.try_with(|bodies| bodies.borrow_mut().retain(|body| body.number != self.number));
    }
}

/// Whose connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The engine's, and so are the statements that end transactions on it.
    Engine,
    /// The caller's of a function with `#[retry_on_locked]` alone.
    Caller,
}

/// What SQLite is given for a connection.
struct Given {
    faults: Faults,
    owner: Owner,
    /// What the busy timeout was before a statement was to fail.
    timeout: Cell<Option<c_int>>,
}

/// Has SQLite tell of each statement of a connection, in the place of a trace that was set
/// before.
pub(super) fn trace(conn: &Connection, faults: Faults, owner: Owner) {
    let given = Box::into_raw(Box::new(Given { faults, owner, timeout: Cell::new(None) }));
    let events = ffi::SQLITE_TRACE_STMT | ffi::SQLITE_TRACE_PROFILE | ffi::SQLITE_TRACE_CLOSE;
    // SAFETY: the handle is that of an open connection; the function has the type that is
    // asked for, and what it is given is valid until SQLite has told of the end (`told`).
    // Should another trace take the place of this one, it is leaked.
    unsafe { ffi::sqlite3_trace_v2(conn.handle(), events, Some(told), given.cast()) };
}

/// What SQLite calls.
unsafe extern "C" fn told(
    event: c_uint,
    given: *mut c_void,
    subject: *mut c_void,
    text: *mut c_void,
) -> c_int {
    let given = given.cast::<Given>();
    match event {
        // SAFETY: `given` is what `trace` gave, and is freed below and nowhere else; for this
        // event the others are a statement that runs and its text.
        ffi::SQLITE_TRACE_STMT => unsafe { started(&*given, subject.cast(), text.cast()) },
        // SAFETY: as above, with a statement that has just ended.
        ffi::SQLITE_TRACE_PROFILE => unsafe { ended(&*given, subject.cast()) },
        // SAFETY: for this event the subject is the connection. It may be told of its end
        // more than once, if statements keep it from that, and it may run statements
        // afterwards: so SQLite is to forget `given` before that is freed.
        ffi::SQLITE_TRACE_CLOSE => unsafe {
            ffi::sqlite3_trace_v2(subject.cast(), 0, None, ptr::null_mut());
            drop(Box::from_raw(given));
        },
        _ => {}
    }
    0
}

/// # Safety
///
/// The statement must be one that runs, and the text end in a nul.
unsafe fn started(given: &Given, statement: *mut ffi::sqlite3_stmt, text: *const std::ffi::c_char) {
    // SAFETY: by this function's contract; the SQL of a statement, if it has any, ends in a
    // nul, and lives as long as it does.
    let (text, sql, db) = unsafe {
        let sql = ffi::sqlite3_sql(statement);
        let sql = if sql.is_null() { c"" } else { CStr::from_ptr(sql) };
        (CStr::from_ptr(text), sql, ffi::sqlite3_db_handle(statement))
    };
    // Of a trigger, or of a statement inside another, it is a comment. Of those by which
    // SQLite reads the schema it does not tell (`db->init.busy` in `sqlite3Prepare`).
    if text != sql || (given.owner == Owner::Engine && ENGINE.contains(&sql)) {
        return;
    }
    put_back_unmet(|_| true);
    // SAFETY: it is the connection of a running statement, so it is open.
    unsafe { given.restore_timeout(db) };
    let Some((site, number)) = counted(db) else { return };
    let ends = given.owner == Owner::Caller && commits(sql);
    let take = |place| given.faults.take(place, site.function());
    let at_commit = ends.then(|| take(Place::Commit)).flatten();
    let Some(met) = at_commit.or_else(|| take(Place::Statement(number))) else { return };
    if !ends {
        // SAFETY: as above. Nothing of this changes data: dirty pages that nobody uses are
        // written into the transaction, and those that nobody uses are forgotten.
        unsafe {
            given.suspend_timeout(db);
            ffi::sqlite3_db_cacheflush(db);
            ffi::sqlite3_db_release_memory(db);
        }
    }
    vfs::arm(vfs::Armed { met, statement });
}

/// # Safety
///
/// The statement must not be finalized yet.
unsafe fn ended(given: &Given, statement: *mut ffi::sqlite3_stmt) {
    put_back_unmet(|armed| armed == statement);
    // SAFETY: by this function's contract, so its connection is open.
    unsafe { given.restore_timeout(ffi::sqlite3_db_handle(statement)) };
}

impl Given {
    /// Lets SQLite not wait for the lock that it is going to be told of. A busy handler of
    /// the program's own can't be put back, and stays: it is asked, and if it wants to try
    /// again, the lock is gone.
    ///
    /// # Safety
    ///
    /// The connection must be open.
    unsafe fn suspend_timeout(&self, db: *mut ffi::sqlite3) {
        // SAFETY: by this function's contract.
        unsafe {
            let timeout = busy_timeout(db);
            if timeout > 0 {
                self.timeout.set(Some(timeout));
                ffi::sqlite3_busy_timeout(db, 0);
            }
        }
    }

    /// # Safety
    ///
    /// The connection must be open.
    unsafe fn restore_timeout(&self, db: *mut ffi::sqlite3) {
        if let Some(timeout) = self.timeout.take() {
            // SAFETY: by this function's contract.
            unsafe { ffi::sqlite3_busy_timeout(db, timeout) };
        }
    }
}

/// How long a connection waits for locks, in milliseconds; 0 if it has a handler of its own.
///
/// # Safety
///
/// The connection must be open.
unsafe fn busy_timeout(db: *mut ffi::sqlite3) -> c_int {
    let mut asks = ptr::null_mut();
    // SAFETY: the connection is open; the text ends in a nul, and `asks` is a place to write
    // to. What comes of it is null or a statement, which is finalized here; null is a value
    // that all of these take.
    unsafe {
        let sql = c"PRAGMA busy_timeout".as_ptr();
        ffi::sqlite3_prepare_v2(db, sql, -1, &raw mut asks, ptr::null_mut());
        let has_row = !asks.is_null() && ffi::sqlite3_step(asks) == ffi::SQLITE_ROW;
        let timeout = if has_row { ffi::sqlite3_column_int(asks, 0) } else { 0 };
        ffi::sqlite3_finalize(asks);
        timeout
    }
}

/// Whose statement on that connection has begun, and which of his it is.
fn counted(db: *mut ffi::sqlite3) -> Option<(Site, u32)> {
    let count = |bodies: &RefCell<Vec<Body>>| {
        let mut bodies = bodies.borrow_mut();
        let counts = |body: &&mut Body| body.conn.is_none_or(|conn| conn == db);
        let body = bodies.iter_mut().rev().find(counts)?;
        body.statements += 1;
        Some((body.site, body.statements))
    };
    BODIES.try_with(count).ok().flatten()
}

/// A statement that read nothing can't fail.
fn put_back_unmet(of: impl FnOnce(*mut ffi::sqlite3_stmt) -> bool) {
    if let Some(armed) = vfs::disarm(|armed| of(armed.statement)) {
        armed.met.put_back();
    }
}

/// Statements that are the engine's (`Control` in engine/raw). No body may run them there.
const ENGINE: &[&CStr] = &[
    c"BEGIN",
    c"BEGIN IMMEDIATE",
    c"COMMIT",
    c"ROLLBACK",
    c"SAVEPOINT db_core",
    c"RELEASE db_core",
    c"ROLLBACK TO db_core",
];

/// Whether it ends a transaction well.
fn commits(sql: &CStr) -> bool {
    let sql = sql.to_bytes().trim_ascii();
    let end = sql.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(sql.len());
    let word = &sql[..end];
    word.eq_ignore_ascii_case(b"COMMIT") || word.eq_ignore_ascii_case(b"END")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_told_from_others() {
        for sql in [c"COMMIT", c" commit;", c"END TRANSACTION"] {
            assert!(commits(sql), "{sql:?}");
        }
        for sql in [c"ROLLBACK", c"ENDING", c"RELEASE a", c"", c"BEGIN"] {
            assert!(!commits(sql), "{sql:?}");
        }
    }
}

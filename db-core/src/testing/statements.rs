//! Counting the statements of a body, and arming a fault for one of them.
//!
//! SQLite tells when a statement begins. For the one that is to fail, its pages are first
//! written out and forgotten, so that it has to read the file; and the file then can't be
//! read (`vfs`). So the error comes from SQLite, out of the statement itself.
#![allow(unsafe_code, reason = "SQLite's trace is a C function; see `started`")]

use std::cell::RefCell;
use std::ffi::{CStr, c_int, c_uint, c_void};

use rusqlite::{Connection, ffi};

use super::Faults;
use super::fault::Place;
use super::vfs;
use crate::site::Site;

struct Body {
    site: Site,
    statements: u32,
}

thread_local! {
    /// The bodies that run on this thread, the innermost last.
    static BODIES: RefCell<Vec<Body>> = const { RefCell::new(Vec::new()) };
}

/// Statements that are the engine's (`Control` in engine/raw).
const ENGINE: &[&CStr] = &[
    c"BEGIN",
    c"BEGIN IMMEDIATE",
    c"COMMIT",
    c"ROLLBACK",
    c"SAVEPOINT db_core",
    c"RELEASE db_core",
    c"ROLLBACK TO db_core",
];

/// Runs a body of `site`, whose statements are counted from 1.
pub(super) fn count<T>(site: Site, body: impl FnOnce() -> T) -> T {
    struct Leave;

    impl Drop for Leave {
        fn drop(&mut self) {
            put_back_unmet();
            BODIES.with_borrow_mut(Vec::pop);
        }
    }

    BODIES.with_borrow_mut(|bodies| bodies.push(Body { site, statements: 0 }));
    let _leave = Leave;
    body()
}

/// Has SQLite tell of each statement of a connection.
pub(super) fn trace(conn: &Connection, faults: Faults) {
    // Of a test, and given to SQLite for as long as the connection is open: never freed.
    let given = Box::into_raw(Box::new(faults)).cast::<c_void>();
    let events = ffi::SQLITE_TRACE_STMT as c_uint;
    // SAFETY: the handle is that of an open connection; the function has the type that is
    // asked for, and what it is given is never freed.
    unsafe { ffi::sqlite3_trace_v2(conn.handle(), events, Some(started), given) };
}

/// <https://sqlite.org/c3ref/c_trace.html>: a statement is given with its text, of a trigger
/// with a comment.
unsafe extern "C" fn started(
    _event: c_uint,
    given: *mut c_void,
    statement: *mut c_void,
    text: *mut c_void,
) -> c_int {
    // SAFETY: what `trace` gave.
    let faults = unsafe { &*given.cast::<Faults>() };
    // SAFETY: SQLite gives a text that ends in a nul.
    let text = unsafe { CStr::from_ptr(text.cast()) };
    if text.to_bytes().starts_with(b"--") || ENGINE.contains(&text) {
        return 0;
    }
    put_back_unmet();
    let counted = BODIES.with_borrow_mut(|bodies| {
        let body = bodies.last_mut()?;
        body.statements += 1;
        Some((body.site, body.statements))
    });
    if let Some((site, number)) = counted
        && let place = Place::Statement(number)
        && let Some(fault) = faults.take(place, site.function())
    {
        // SAFETY: SQLite runs a statement of an open connection. Writing out its pages and
        // forgetting those that nobody uses is allowed at any time, and changes no data.
        unsafe {
            let db = ffi::sqlite3_db_handle(statement.cast());
            ffi::sqlite3_busy_timeout(db, 0);
            ffi::sqlite3_db_cacheflush(db);
            ffi::sqlite3_db_release_memory(db);
        }
        vfs::arm(vfs::Armed { faults: faults.clone(), fault, place, function: site.function() });
    }
    0
}

/// A statement that read nothing can't fail.
fn put_back_unmet() {
    if let Some(armed) = vfs::disarm() {
        armed.faults.put_back(armed.fault, armed.place, armed.function);
    }
}

//! The faults that a test asks for, and the calls that it sees.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use super::call::Call;
use super::fault::{Fault, Injection, Place};
use super::{OnThisThread, statements, vfs};

thread_local! {
    static CURRENT: RefCell<Option<Faults>> = const { RefCell::new(None) };
}

/// Faults that a test asks for, and the calls that have ended meanwhile.
///
/// Clones are the same faults. Calls of all databases that were opened with them count.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    due: Vec<Injection>,
    calls: Vec<Call>,
    /// The sync after the commit of now is to fail.
    fails_sync: bool,
}

impl Faults {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a call fail. Those that were asked for first are met first.
    pub fn inject(&self, injection: Injection) {
        self.state.lock().due.push(injection);
    }

    /// The faults that no call has met yet.
    #[must_use]
    pub fn pending(&self) -> Vec<Injection> {
        self.state.lock().due.clone()
    }

    /// Takes back the faults that no call has met yet.
    pub fn clear(&self) {
        self.state.lock().due.clear();
    }

    /// # Panics
    ///
    /// If a fault was not met: the function was not called, or not so often, or the
    /// statement reads nothing.
    #[track_caller]
    pub fn assert_all_met(&self) {
        let pending = self.pending();
        let list: Vec<_> = pending.iter().map(ToString::to_string).collect();
        assert!(pending.is_empty(), "faults that no call has met: {}", list.join("; "));
    }

    /// The calls that have ended, in the order in which they did. Calls with a `&Reader` or a
    /// `&Writer` are a part of their caller's.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.clone()
    }

    /// The call that has ended last.
    #[must_use]
    pub fn last_call(&self) -> Option<Call> {
        self.state.lock().calls.last().cloned()
    }

    /// Also for functions with `#[retry_on_locked]` alone, which have a connection of the
    /// caller's and no [`Options`](crate::Options): those that this thread calls, until what is returned is
    /// dropped. Their statements fail on a connection from [`connect`](Self::connect).
    pub fn on_this_thread(&self) -> OnThisThread {
        CURRENT.set(Some(self.clone()));
        OnThisThread::new(|| CURRENT.set(None))
    }

    /// Opens a connection of rusqlite's whose statements can fail.
    ///
    /// # Errors
    ///
    /// As [`Connection::open`].
    pub fn connect(&self, path: impl AsRef<Path>) -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), vfs::install())?;
        statements::trace(&conn, self.clone());
        Ok(conn)
    }

    pub(super) fn of_this_thread() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    pub(super) fn ended(&self, call: Call) {
        self.state.lock().calls.push(call);
    }

    /// Lets the next sync outside of the lock fail.
    pub(super) fn fail_sync(&self) {
        self.state.lock().fails_sync = true;
    }

    /// Whether that is now.
    pub(super) fn fails_sync(&self) -> bool {
        std::mem::take(&mut self.state.lock().fails_sync)
    }

    /// The fault that is due there for a call of that function, which has now met it.
    pub(super) fn take(&self, place: Place, function: Option<&'static str>) -> Option<Fault> {
        let mut state = self.state.lock();
        let is_due = |due: &Injection| due.place == place && due.is_for(function);
        let at = state.due.iter().position(is_due)?;
        let due = &mut state.due[at];
        let fault = due.fault;
        due.times = due.times.saturating_sub(1);
        if due.times == 0 {
            drop(state.due.remove(at));
        }
        Some(fault)
    }

    /// Puts back a fault that could not be met.
    pub(super) fn put_back(&self, fault: Fault, place: Place, function: Option<&'static str>) {
        let function = function.map(str::to_owned);
        self.state.lock().due.insert(0, Injection { fault, place, function, times: 1 });
    }
}

//! The faults that a test asks for, and the calls that it sees.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use super::call::Call;
use super::fault::{Fault, Injection, Place, is_named};
use super::statements::Owner;
use super::{OnThisThread, statements, vfs};

thread_local! {
    static CURRENT: RefCell<Option<Faults>> = const { RefCell::new(None) };
}

/// Faults that a test asks for, and the calls that have ended meanwhile.
///
/// A database has them by [`Options::faults`](crate::Options::faults), a thread by
/// [`on_this_thread`](Self::on_this_thread), a connection by [`connect`](Self::connect).
/// Clones are the same faults: what is given to two databases is met by whichever call comes
/// first. Databases, and with them tests, that have none of these are not touched.
///
/// ```
/// use db_core::testing::{Fault, Faults};
/// use db_core::{Error, Options};
///
/// let faults = Faults::new();
/// let db = Options::new().faults(&faults).open_in_memory()?;
///
/// faults.inject(Fault::DiskFull.at_commit());
/// let error = db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT)")).unwrap_err();
/// assert!(matches!(Error::from(error), Error::Full(_)));
/// assert!(!faults.last_call().unwrap().is_ok);
/// faults.assert_all_met();
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    due: Vec<Due>,
    /// The number that was given last.
    newest: u64,
    /// The last number of those that were taken back.
    cleared: u64,
    calls: Vec<Call>,
    /// Of which databases the next sync is to fail.
    fails_sync: Vec<usize>,
}

#[derive(Debug)]
struct Due {
    number: u64,
    injection: Injection,
}

/// A fault that was due, once, and has been met, unless it is put back.
pub(super) struct Met {
    faults: Faults,
    number: u64,
    injection: Injection,
}

impl Faults {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a call fail. Of several that are for the same place of the same call, the one that
    /// was asked for first is met first.
    pub fn inject(&self, injection: Injection) {
        if injection.times == 0 {
            return;
        }
        let mut state = self.state.lock();
        state.newest += 1;
        let number = state.newest;
        state.due.push(Due { number, injection });
    }

    /// The faults that no call has met yet.
    #[must_use]
    pub fn pending(&self) -> Vec<Injection> {
        self.state.lock().due.iter().map(|due| due.injection.clone()).collect()
    }

    /// Takes back the faults that no call has met yet.
    pub fn clear(&self) {
        let mut state = self.state.lock();
        state.cleared = state.newest;
        state.due.clear();
        state.fails_sync.clear();
    }

    /// Says that every fault was met; best said at the end of a test, as a fault that was not
    /// met has tested nothing.
    ///
    /// # Panics
    ///
    /// If a fault was not met, with which: the function was not called, or not so often; it
    /// has another name, or fewer statements; or the statement reads nothing.
    #[track_caller]
    pub fn assert_all_met(&self) {
        let pending = self.pending();
        let list: Vec<_> = pending.iter().map(ToString::to_string).collect();
        assert!(pending.is_empty(), "faults that no call has met: {}", list.join("; "));
    }

    /// The calls that have ended, in the order in which they did.
    ///
    /// Calls inside another one's transaction, with a `&Reader`, a `&Writer` or a connection
    /// that is in a transaction already, are a part of their caller's. Guards
    /// ([`Database::writer`](crate::Database::writer)) are no calls.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.clone()
    }

    /// The call that has ended last.
    #[must_use]
    pub fn last_call(&self) -> Option<Call> {
        self.state.lock().calls.last().cloned()
    }

    /// The call of that function that has ended last, named as in [`Injection::of`].
    #[must_use]
    pub fn last_call_of(&self, function: &str) -> Option<Call> {
        let state = self.state.lock();
        let mut calls = state.calls.iter().rev();
        calls.find(|call| is_named(call.function, function)).cloned()
    }

    /// Puts them in effect for the functions with `#[retry_on_locked]` alone that this thread
    /// calls, until what is returned is dropped. Those have a connection of the caller's, and
    /// no [`Options`](crate::Options).
    ///
    /// It lets their turn fail, before the body, and lists their calls. For their statements
    /// and their COMMIT the connection has to be one of [`connect`](Self::connect).
    ///
    /// ```
    /// use db_core::testing::{Fault, Faults, FakeClock};
    /// use rusqlite::Connection;
    /// # use db_core::rusqlite;
    ///
    /// #[db_core::retry_on_locked(max_attempts = 3, idempotent)]
    /// fn clear(conn: &Connection) -> rusqlite::Result<()> {
    ///     let transaction = conn.unchecked_transaction()?;
    ///     transaction.execute("DELETE FROM stock", [])?;
    ///     transaction.commit()
    /// }
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("shop.db");
    /// let (faults, clock) = (Faults::new(), FakeClock::new());
    /// let (_faults, _clock) = (faults.on_this_thread(), clock.on_this_thread());
    /// let conn = faults.connect(&path)?;
    /// conn.execute_batch("CREATE TABLE stock (sku TEXT); INSERT INTO stock VALUES ('A-1')")?;
    ///
    /// faults.inject(Fault::Busy.at_statement(2).of("clear")); // the DELETE, after BEGIN
    /// faults.inject(Fault::Busy.at_commit().of("clear"));
    /// clear(&conn)?;
    /// assert_eq!(faults.last_call().unwrap().attempts, 3);
    /// faults.assert_all_met();
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_this_thread(&self) -> OnThisThread {
        let before = CURRENT.replace(Some(self.clone()));
        OnThisThread::new(move || drop(CURRENT.replace(before)))
    }

    /// Opens a connection of rusqlite's whose statements can fail, for functions with
    /// `#[retry_on_locked]` alone; a database's own connections are opened by it.
    ///
    /// As [`Connection::open`], but there is nothing to read, and so to fail, in memory. It
    /// takes the connection's trace; one that is set later takes its place, and the faults'.
    ///
    /// # Errors
    ///
    /// As [`Connection::open`].
    pub fn connect(&self, path: impl AsRef<Path>) -> rusqlite::Result<Connection> {
        self.connect_with_flags(path, OpenFlags::default())
    }

    /// As [`connect`](Self::connect), with the flags of
    /// [`Connection::open_with_flags`].
    ///
    /// # Errors
    ///
    /// As [`Connection::open_with_flags`].
    pub fn connect_with_flags(
        &self,
        path: impl AsRef<Path>,
        flags: OpenFlags,
    ) -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags_and_vfs(path, flags, vfs::install())?;
        statements::trace(&conn, self.clone(), Owner::Caller);
        Ok(conn)
    }

    pub(super) fn of_this_thread() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    pub(super) fn ended(&self, call: Call) {
        self.state.lock().calls.push(call);
    }

    /// Lets the next sync of a database fail.
    pub(super) fn fail_sync(&self, database: usize) {
        self.state.lock().fails_sync.push(database);
    }

    /// Whether that is now.
    pub(super) fn fails_sync(&self, database: usize) -> bool {
        let fails = &mut self.state.lock().fails_sync;
        let at = fails.iter().position(|fails| *fails == database);
        at.map(|at| fails.swap_remove(at)).is_some()
    }

    /// The fault that is due there for a call of that function, which has now met it.
    pub(super) fn take(&self, place: Place, function: Option<&'static str>) -> Option<Met> {
        self.take_if(place, function, |_| true)
    }

    /// As [`take`](Self::take), if it is `wanted`; another one is not looked for.
    pub(super) fn take_if(
        &self,
        place: Place,
        function: Option<&'static str>,
        wanted: impl FnOnce(Fault) -> bool,
    ) -> Option<Met> {
        let mut state = self.state.lock();
        let is_due = |due: &Due| due.injection.place == place && due.injection.is_for(function);
        let at = state.due.iter().position(is_due)?;
        let Due { number, injection } = &mut state.due[at];
        if !wanted(injection.fault) {
            return None;
        }
        injection.times -= 1;
        let met = Met {
            faults: self.clone(),
            number: *number,
            injection: Injection { times: 1, ..injection.clone() },
        };
        if injection.times == 0 {
            drop(state.due.remove(at));
        }
        Some(met)
    }
}

impl Met {
    pub(super) fn fault(&self) -> Fault {
        self.injection.fault
    }

    /// It could not be met after all: it is due as before.
    pub(super) fn put_back(self) {
        let Self { faults, number, injection } = self;
        let mut state = faults.state.lock();
        if number <= state.cleared {
            return;
        }
        let at = state.due.partition_point(|due| due.number < number);
        match state.due.get_mut(at) {
            Some(due) if due.number == number => due.injection.times += 1,
            _ => state.due.insert(at, Due { number, injection }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(faults: &Faults) -> Vec<String> {
        faults.pending().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_put_back_is_as_it_was() {
        let faults = Faults::new();
        faults.inject(Fault::Busy.at_statement(1).times(2));
        faults.inject(Fault::Locked.at_statement(1).of("sell"));
        let before = told(&faults);
        let take = || faults.take(Place::Statement(1), Some("shop::sell")).unwrap();
        let (first, second, third) = (take(), take(), take());
        assert_eq!(third.fault(), Fault::Locked);
        assert!(told(&faults).is_empty());
        second.put_back();
        third.put_back();
        first.put_back();
        assert_eq!(told(&faults), before);
    }

    #[test]
    fn what_is_taken_back_stays_so() {
        let faults = Faults::new();
        faults.inject(Fault::Busy.at_turn());
        let met = faults.take(Place::Turn, None).unwrap();
        faults.clear();
        met.put_back();
        assert!(faults.pending().is_empty());
        faults.inject(Fault::Busy.at_turn());
        assert_eq!(told(&faults), ["Busy at the turn of any call, once"]);
    }

    #[test]
    fn what_a_connection_has_of_them_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let faults = Faults::new();
        let connect = || faults.connect(folder.path().join("shop.db")).unwrap();
        let held = || Arc::strong_count(&faults.state) - 1;
        let all = [(); 3].map(|()| connect());
        assert_eq!(held(), 3);
        drop(all);
        assert_eq!(held(), 0);
        // A statement that was leaked keeps it from being closed, and it can go on.
        let conn = connect();
        std::mem::forget(conn.prepare("SELECT 1").unwrap());
        let (conn, _) = conn.close().unwrap_err();
        assert_eq!(held(), 0);
        conn.execute_batch("CREATE TABLE stock (sku TEXT)").unwrap();
        conn.close().unwrap_err();
        assert_eq!(held(), 0);
    }

    #[test]
    fn never_is_no_time() {
        let faults = Faults::new();
        faults.inject(Fault::Busy.at_turn().times(0));
        faults.assert_all_met();
        assert!(faults.take(Place::Turn, None).is_none());
    }
}

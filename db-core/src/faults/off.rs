//! Without the feature `testing`: no faults.

use std::ffi::CStr;
use std::io;
use std::marker::PhantomData;

use rusqlite::Connection;

use crate::site::Site;

/// The faults of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults;

impl Faults {
    pub(crate) const NONE: Self = Self;

    /// Those of this thread, for calls that belong to no database.
    #[inline]
    pub(crate) fn of_this_thread() -> Self {
        Self
    }

    /// Whether there may be any.
    #[inline]
    pub(crate) fn are_there(&self) -> bool {
        false
    }

    /// What a call meets where it begins: at `BEGIN IMMEDIATE`, a reader at its `BEGIN`.
    #[inline]
    pub(crate) fn at_turn(&self, _site: Site) -> Option<rusqlite::Error> {
        None
    }

    /// What the commit of a call meets; `shared` if it is synced only after it.
    #[inline]
    pub(crate) fn at_commit(&self, _site: Site, _shared: bool) -> Option<rusqlite::Error> {
        None
    }

    /// A call has committed that is yet to be synced, in that database.
    #[inline]
    pub(crate) fn committed(&self, _site: Site, _database: usize) {}

    /// What a sync outside of the lock meets.
    #[inline]
    pub(crate) fn at_sync(&self, _database: usize) -> Option<io::Error> {
        None
    }

    /// The VFS to open connections through, if there is to be another.
    #[inline]
    pub(crate) fn vfs(&self) -> Option<&'static CStr> {
        None
    }

    /// A connection was opened, whose statements may meet something.
    #[inline]
    pub(crate) fn connected(&self, _conn: &Connection) {}

    /// Runs a body, whose statements are counted.
    #[inline]
    pub(crate) fn in_body<T>(&self, _site: Site, body: impl FnOnce() -> T) -> T {
        body()
    }

    /// Counts the statements of a guard, as long as it has what is returned.
    #[inline]
    pub(crate) fn in_guard(&self, _site: Site, _conn: &Connection) -> Counting {
        Counting
    }

    /// A call has begun.
    #[inline]
    pub(crate) fn call(&self, _site: Site) -> Calling<'_> {
        Calling(PhantomData)
    }
}

/// Of a guard.
#[derive(Debug)]
pub(crate) struct Counting;

/// A call that has begun.
pub(crate) struct Calling<'f>(PhantomData<&'f Faults>);

impl Calling<'_> {
    /// Its newest attempt.
    #[inline]
    pub(crate) fn attempt(&self, _number: u32) {}

    /// It has ended. One that is only dropped has panicked.
    #[inline]
    pub(crate) fn ended(self, _is_ok: bool) {}
}

//! Without the feature `testing`: no faults.

use std::ffi::CStr;
use std::io;

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

    /// What a call meets where it begins: at `BEGIN IMMEDIATE`, a reader at its `BEGIN`.
    #[inline]
    pub(crate) fn at_turn(&self, _site: Site) -> Option<rusqlite::Error> {
        None
    }

    /// What a commit meets; `shared` if it is synced only after it.
    #[inline]
    pub(crate) fn at_commit(&self, _site: Site, _shared: bool) -> Option<rusqlite::Error> {
        None
    }

    /// What a sync outside of the lock meets.
    #[inline]
    pub(crate) fn at_sync(&self) -> Option<io::Error> {
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

    /// A call has ended.
    #[inline]
    pub(crate) fn ended(&self, _site: Site, _attempts: u32, _is_ok: bool) {}
}

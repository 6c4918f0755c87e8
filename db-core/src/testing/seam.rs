//! What the rest of the crate asks: whether a fault is due. The same functions are in
//! `faults/off.rs`, without the feature.

use std::cell::Cell;
use std::ffi::CStr;
use std::io;

use rusqlite::Connection;

use super::call::Call;
use super::fault::{Fault, Place};
pub(crate) use super::statements::Counting;
use super::statements::Owner;
use super::{statements, vfs};
use crate::site::Site;

/// The faults of a database, if there are any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Option<super::Faults>);

impl Faults {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(faults: super::Faults) -> Self {
        Self(Some(faults))
    }

    pub(crate) fn of_this_thread() -> Self {
        Self(super::Faults::of_this_thread())
    }

    pub(crate) fn are_there(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn at_turn(&self, site: Site) -> Option<rusqlite::Error> {
        let met = self.0.as_ref()?.take(Place::Turn, site.function())?;
        Some(met.fault().error())
    }

    pub(crate) fn at_commit(&self, site: Site, shared: bool) -> Option<rusqlite::Error> {
        let wanted = |fault| !(shared && fault == Fault::FailedSync);
        let met = self.0.as_ref()?.take_if(Place::Commit, site.function(), wanted)?;
        Some(met.fault().error())
    }

    pub(crate) fn committed(&self, site: Site, database: usize) {
        if let Some(faults) = &self.0 {
            let wanted = |fault| fault == Fault::FailedSync;
            if faults.take_if(Place::Commit, site.function(), wanted).is_some() {
                faults.fail_sync(database);
            }
        }
    }

    pub(crate) fn at_sync(&self, database: usize) -> Option<io::Error> {
        let fails = self.0.as_ref()?.fails_sync(database);
        fails.then(|| io::Error::other("a fault that a test asked for"))
    }

    pub(crate) fn vfs(&self) -> Option<&'static CStr> {
        self.0.as_ref().map(|_| vfs::install())
    }

    pub(crate) fn connected(&self, conn: &Connection) {
        if let Some(faults) = &self.0 {
            statements::trace(conn, faults.clone(), Owner::Engine);
        }
    }

    /// Runs a body, whose statements are counted: whether its own database has faults or not,
    /// as they may be those of another one's connection.
    pub(crate) fn in_body<T>(&self, site: Site, body: impl FnOnce() -> T) -> T {
        let _counting = Counting::of_body(site);
        body()
    }

    pub(crate) fn in_guard(&self, site: Site, conn: &Connection) -> Counting {
        Counting::of_guard(site, conn)
    }

    pub(crate) fn call(&self, site: Site) -> Calling<'_> {
        Calling { faults: self.0.as_ref(), site, attempts: Cell::new(1), is_ok: false }
    }
}

/// A call that has begun. It ends when this is dropped.
pub(crate) struct Calling<'f> {
    faults: Option<&'f super::Faults>,
    site: Site,
    attempts: Cell<u32>,
    is_ok: bool,
}

impl Calling<'_> {
    pub(crate) fn attempt(&self, number: u32) {
        self.attempts.set(number);
    }

    pub(crate) fn ended(mut self, is_ok: bool) {
        self.is_ok = is_ok;
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        if let Some(faults) = self.faults {
            let Self { site, attempts, is_ok, .. } = self;
            faults.ended(Call {
                function: site.function(),
                attempts: attempts.get(),
                is_ok: *is_ok,
            });
        }
    }
}

//! What the rest of the crate asks: whether a fault is due. The same functions are in
//! `faults/off.rs`, without the feature.

use std::ffi::CStr;
use std::io;

use rusqlite::Connection;

use super::call::Call;
use super::fault::{Fault, Place};
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

    pub(crate) fn at_turn(&self, site: Site) -> Option<rusqlite::Error> {
        let fault = self.0.as_ref()?.take(Place::Turn, site.function())?;
        Some(fault.error())
    }

    pub(crate) fn at_commit(&self, site: Site, shared: bool) -> Option<rusqlite::Error> {
        let faults = self.0.as_ref()?;
        let fault = faults.take(Place::Commit, site.function())?;
        if shared && fault == Fault::FailedSync {
            faults.fail_sync();
            return None;
        }
        Some(fault.error())
    }

    pub(crate) fn at_sync(&self) -> Option<io::Error> {
        self.0.as_ref()?.fails_sync().then(|| io::Error::other("a fault that a test asked for"))
    }

    pub(crate) fn vfs(&self) -> Option<&'static CStr> {
        self.0.as_ref().map(|_| vfs::install())
    }

    pub(crate) fn connected(&self, conn: &Connection) {
        if let Some(faults) = &self.0 {
            statements::trace(conn, faults.clone());
        }
    }

    /// Runs a body, whose statements are counted.
    pub(crate) fn in_body<T>(&self, site: Site, body: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(_) => statements::count(site, body),
            None => body(),
        }
    }

    pub(crate) fn ended(&self, site: Site, attempts: u32, is_ok: bool) {
        if let Some(faults) = &self.0 {
            faults.ended(Call { function: site.function(), attempts, is_ok });
        }
    }
}

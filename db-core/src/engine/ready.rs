//! A connection that is set up, and how it is left clean.

use std::cell::Cell;
use std::sync::Arc;

use rusqlite::config::DbConfig;

use super::raw::{Control, Session};
use super::watchdog::Watchdog;

/// A connection with its hooks, set up and ready for bodies.
pub(crate) struct Ready {
    pub(crate) session: Session,
    pub(crate) watchdog: Arc<Watchdog>,
    /// The shared sync knows this connection's WAL.
    pub(super) wal_followed: Cell<bool>,
}

impl Ready {
    /// Leaves the connection without a transaction; `false` if it can't be, so that
    /// it must be closed.
    pub(super) fn end_transaction(&self) -> bool {
        if self.watchdog.rolled_back() && self.watchdog.take_deferring() {
            // Of a body that went on after its transaction: it lasts until the end of the
            // next one.
            if self.session.conn().execute_batch("PRAGMA defer_foreign_keys = OFF").is_err() {
                return false;
            }
        }
        if self.session.is_idle() {
            return true;
        }
        if !self.session.conn().is_autocommit() && self.session.run(Control::Rollback).is_err() {
            // A statement that was leaked may keep it from that.
            self.session.reset_unfinished();
            if self.session.run(Control::Rollback).is_err() {
                return false;
            }
        }
        if !self.session.is_idle() {
            self.session.reset_unfinished();
        }
        self.session.is_idle()
    }

    /// Undoes what a body may have done by `set_db_config`, which no authorizer sees;
    /// `false` if it can't be.
    pub(super) fn enforce_foreign_keys(&self, on: bool) -> bool {
        let conn = self.session.conn();
        let option = DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;
        conn.db_config(option).is_ok_and(|now| now == on) || conn.set_db_config(option, on).is_ok()
    }
}

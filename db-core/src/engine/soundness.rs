//! Whether the database is sound: what is checked when it is opened, and before a commit.

use std::time::Instant;

use rusqlite::Connection;

use super::raw::Control;
use super::ready::Ready;
use super::watchdog::Mode;
use super::writer::WriteTx;
use super::{Engine, open};
use crate::check;
use crate::error::{Error, InvariantBroken, Result, Spent, is_lock};
use crate::finding::Finding;
use crate::invariant::Invariant;
use crate::options::IntegrityCheck;
use crate::retry::Exhausted;
use crate::site::Site;

impl Engine {
    /// Before anything is written to the file: a damaged one is left as it is, and so is one of
    /// another version, unless the program's own set-up may be what brings it up to date.
    pub(super) fn check_as_found(&self, first: &Ready) -> Result<()> {
        let (conn, options) = (first.session.conn(), &self.options);
        let found = || {
            let may_be_raised = options.setup.is_some() && !check::is_newer(conn, options)?;
            let version = if may_be_raised { Vec::new() } else { check::version(conn, options)? };
            if version.is_empty() {
                check::structure(conn, options.startup_check)
            } else {
                Ok(version)
            }
        };
        self.refuse_unsound(found())
    }

    /// After migrations and set-up: they may have mended it.
    pub(super) fn check_content(&self, first: &Ready) -> Result<()> {
        let found = match self.options.startup_check {
            IntegrityCheck::None => only_reading(first, |conn| {
                let mut findings = check::version(conn, &self.options)?;
                // A slip in a query is better told now than at the first commit.
                let all = self.options.all_invariants();
                findings.extend(check::that_cant_be_run(conn, &all)?);
                Ok(findings)
            }),
            // The structure is checked already.
            _ => self.content(first, true),
        };
        self.refuse_unsound(found)
    }

    /// Foreign keys, if they are asked for, settings, version, and what always holds.
    fn content(&self, ready: &Ready, foreign_keys: bool) -> rusqlite::Result<Vec<Finding>> {
        let (conn, options) = (ready.session.conn(), &self.options);
        let mut findings = Vec::new();
        if foreign_keys {
            findings.extend(check::foreign_keys(conn)?);
        }
        findings.extend(check::settings(conn, options)?);
        findings.extend(check::version(conn, options)?);
        findings.extend(only_reading(ready, |conn| {
            check::invariants(conn, &options.all_invariants())
        })?);
        Ok(findings)
    }

    /// All that is wrong with the database.
    pub(crate) fn verify(&self, check: IntegrityCheck, site: Site) -> Result<Vec<Finding>> {
        self.look(site, |ready| {
            let mut findings = check::structure(ready.session.conn(), check)?;
            let content = self.content(ready, check != IntegrityCheck::None);
            let content = content.map(|more| findings.extend(more));
            check::damage_or(content, &mut findings)?;
            Ok(findings)
        })
    }

    pub(crate) fn broken(&self, invariants: &[Invariant], site: Site) -> Result<Vec<Finding>> {
        self.look(site, |ready| only_reading(ready, |conn| check::invariants(conn, invariants)))
    }

    /// Looks at one moment of the database, through a connection of its own. It is one that
    /// may write where that is possible, and is told not to: SQLite forgets the CHECKs of one
    /// that may not.
    fn look(
        &self,
        site: Site,
        look: impl FnOnce(&Ready) -> rusqlite::Result<Vec<Finding>>,
    ) -> Result<Vec<Finding>> {
        self.usable()?;
        let start = Instant::now();
        let open = if self.options.read_only { open::reader } else { open::writer };
        let looked = self.open_another(open, &self.options).and_then(|ready| {
            let looked =
                ready.session.conn().execute_batch("PRAGMA query_only = ON").and_then(|()| {
                    ready.session.run(Control::Begin)?;
                    let looked = look(&ready);
                    ready.end_transaction();
                    looked
                });
            looked.map_err(|error| open::explain(&self.path, error))
        });
        looked.map_err(|mut error| match error {
            Error::Sqlite(busy) if is_lock(&busy) => {
                let exhausted = Exhausted { attempts: 1, waited: start.elapsed() };
                self.locked(site, exhausted, Spent::default())
            }
            _ => {
                self.tell_of_file(&mut error);
                error
            }
        })
    }

    fn refuse_unsound(&self, found: rusqlite::Result<Vec<Finding>>) -> Result<()> {
        match found {
            Ok(findings) if findings.is_empty() => Ok(()),
            Ok(findings) => Err(Error::of_findings(&self.path, findings)),
            Err(error) => Err(open::explain(&self.path, error)),
        }
    }

    /// Adds to an error of the file what only the engine knows of it.
    pub(crate) fn tell_of_file(&self, error: &mut Error) {
        error.add_file(&self.path, || self.options.newest_backup(&self.path));
    }
}

/// Runs queries of the program's, which may neither write nor set anything.
fn only_reading<T>(ready: &Ready, look: impl FnOnce(&Connection) -> T) -> T {
    let Ready { session, watchdog, .. } = ready;
    let mode = watchdog.mode();
    watchdog.set_mode(Mode::ReaderOnWriter);
    let looked = look(session.conn());
    watchdog.set_mode(mode);
    looked
}

impl WriteTx<'_> {
    /// What the transaction has written must not break what always holds.
    pub(super) fn check_before_commit(&self) -> Result<()> {
        let invariants = &self.engine().options().before_commit;
        if invariants.is_empty() {
            return Ok(());
        }
        // As a part of the body: it counts to the body's time, and is interrupted with it.
        match check::invariants(self.ready().session.conn(), invariants) {
            Ok(findings) if findings.is_empty() => Ok(()),
            Ok(findings) => {
                let (path, site) = (self.engine().path().to_owned(), self.site());
                Err(Error::InvariantBroken(Box::new(InvariantBroken { path, site, findings })))
            }
            Err(error) => {
                // An interrupt may be the end of the body's own time.
                self.in_time()?;
                Err(open::explain(self.engine().path(), error))
            }
        }
    }
}

//! Whether the database is sound: what is checked when it is opened, and before a commit.

use super::ready::Ready;
use super::writer::WriteTx;
use super::{Engine, open};
use crate::check;
use crate::error::{Error, InvariantBroken, Result};
use crate::finding::Finding;
use crate::options::IntegrityCheck;

impl Engine {
    /// Before anything is written to the file: a damaged one is left as it is.
    pub(super) fn check_structure(&self, first: &Ready) -> Result<()> {
        let check = self.options.startup_check;
        let found = check::structure(first.session.conn(), check);
        self.refuse_unsound(found)
    }

    /// After migrations and set-up: they may have mended it.
    pub(super) fn check_content(&self, first: &Ready) -> Result<()> {
        let (conn, options) = (first.session.conn(), &self.options);
        let found = || {
            let mut findings = check::version(conn, options)?;
            if options.startup_check != IntegrityCheck::None {
                findings.extend(check::settings(conn, options)?);
                findings.extend(check::foreign_keys(conn)?);
                findings.extend(check::invariants(conn, &options.all_invariants())?);
            }
            Ok(findings)
        };
        self.refuse_unsound(found())
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

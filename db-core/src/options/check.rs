//! Options that make no sense are refused when the database is opened.

use super::{JournalMode, Options, Synchronous};
use crate::error::{Error, Result};

impl Options {
    pub(crate) fn check(&self) -> Result<()> {
        if self.max_readers == Some(0) {
            return Err(Error::invalid_option(
                "max_readers",
                "is 0, so nothing could ever be read; leave it out for no limit",
            ));
        }
        if self.max_group_size == 0 {
            return Err(Error::invalid_option(
                "max_group_size",
                "is 0, so nothing could ever be written; 1 means: each call by itself",
            ));
        }
        self.check_journal()?;
        if self.read_only && self.setup.is_some() {
            return Err(Error::invalid_option(
                "setup",
                "can't run on a database that is opened read_only; leave one of the two out",
            ));
        }
        if self.schema_version.is_some() && !self.migrations.is_empty() {
            return Err(Error::invalid_option(
                "schema_version",
                "is what migrations see to already; leave one of the two out",
            ));
        }
        if self.backups.as_ref().is_some_and(|dir| dir.as_os_str().is_empty()) {
            return Err(Error::invalid_option("backups", "is empty; name a folder"));
        }
        if self.keep_backups == Some(0) {
            return Err(Error::invalid_option(
                "keep_backups",
                "is 0, so no backup would be left; leave it out to keep all",
            ));
        }
        if self.leak_after.is_zero() {
            return Err(Error::invalid_option(
                "leak_after",
                "is 0, so every call would be reported; Duration::MAX means: never",
            ));
        }
        for (option, limit) in
            [("read_timeout", self.read_timeout), ("write_timeout", self.write_timeout)]
        {
            if limit.is_some_and(|limit| limit.is_zero()) {
                return Err(Error::invalid_option(
                    option,
                    "is 0, so nothing could ever be done; leave it out for no limit",
                ));
            }
        }
        Ok(())
    }

    /// Which journal mode is kept is known only when the file is open; then it is asked again.
    pub(crate) fn check_journal(&self) -> Result<()> {
        let has_log = matches!(self.journal_mode, JournalMode::Wal | JournalMode::Keep);
        if self.synchronous == Synchronous::Shared && !has_log {
            return Err(Error::invalid_option(
                "synchronous",
                "can be Shared only with JournalMode::Wal; take Full with another mode",
            ));
        }
        Ok(())
    }
}

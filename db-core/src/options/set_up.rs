//! What the program brings along: its schema, its connections' set-up, its ear for warnings.

use std::sync::Arc;

use rusqlite::Connection;

use super::Options;
use crate::error::Warning;
use crate::trace;

impl Options {
    /// The scripts that bring the schema up to date, oldest first.
    ///
    /// The file's `user_version` says how many of them it has had; the missing ones
    /// run at open, in one write transaction, and then it is raised. So scripts are
    /// only ever added at the end. A script can't contain transactions, settings or
    /// VACUUM; see [`setup`](Self::setup) for those.
    ///
    /// For a file that has tables already let the first script say `CREATE TABLE IF NOT
    /// EXISTS`. If another tool has numbered the file by `user_version`, run that tool in
    /// `setup`: its number would be taken for one of these.
    pub fn migrations(mut self, scripts: &[impl AsRef<str>]) -> Self {
        self.migrations = scripts.iter().map(|sql| sql.as_ref().to_owned()).collect();
        self
    }

    /// The program's own set-up of each connection: functions, extensions, a key.
    ///
    /// It runs first on every connection that is opened, also later, from whichever
    /// thread needs one. Commit hook, rollback hook, authorizer and the settings
    /// above are the engine's, and are set after it.
    ///
    /// ```no_run
    /// # use db_core::Options;
    /// let db = Options::new()
    ///     .on_connect(|conn| conn.pragma_update(None, "mmap_size", 256 << 20))
    ///     .open("shop.db")?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    ///
    /// A `PRAGMA key` belongs here too, but needs an SQLite that is built with
    /// SQLCipher: the one that is compiled in ignores it, and encrypts nothing.
    pub fn on_connect(
        mut self,
        connect: impl Fn(&mut Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_connect = Some(Arc::new(connect));
        self
    }

    /// The program's own set-up of the database, for whoever brings a migration
    /// library. Runs once at open, after [`migrations`](Self::migrations), on the
    /// writer's connection: no other writer of this process runs meanwhile, and no
    /// transaction is open.
    pub fn setup(
        mut self,
        setup: impl Fn(&mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.setup = Some(Arc::new(setup));
        self
    }

    /// What is done with what stops nothing but should be known. Default: it is written to
    /// stderr, unless it goes to a log by the feature `tracing`. Each is said once for each
    /// opened file; what is about a guard or a call, once for each of those.
    ///
    /// What is said of guards and calls is said on a thread of db-core's own, and several may
    /// be said at once. Don't write to this database there: it may be the lock that is told of.
    ///
    /// ```no_run
    /// # use db_core::Options;
    /// let db = Options::new().on_warning(|warning| eprintln!("{warning:#}")).open("shop.db")?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn on_warning(mut self, warn: impl Fn(&Warning) + Send + Sync + 'static) -> Self {
        self.on_warning = Some(Arc::new(warn));
        self
    }

    /// Makes errors ([`Error::Strict`](crate::Error::Strict)) of what is otherwise a
    /// warning when a database is opened: an SQLite with a bug that damages files, a
    /// network drive, a folder that can't be written, a file in rollback mode that somebody
    /// else holds, a second SQLite in the process.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    #[allow(clippy::print_stderr, reason = "documented, and another place can be given")]
    pub(crate) fn warn(&self, warning: &Warning) {
        trace::warned(warning);
        match &self.on_warning {
            Some(warn) => warn(warning),
            None if trace::hears_warnings() => {}
            None => eprintln!("db-core: warning: {warning:#}"),
        }
    }
}

//! Bringing a file into shape when it is opened: journal mode, migrations, set-up.
//!
//! Only what needs the writer's lock takes it. A file from the future is refused
//! before anything is changed.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::Engine;
use super::hooks::Mode;
use super::open;
use super::raw::Control;
use super::ready::Ready;
use crate::error::{Error, Migration, Result, SqliteCode};
use crate::retry::Deadline;
use crate::site::Site;

impl Engine {
    /// Prepares the file with its first connection, and keeps that.
    pub(super) fn prepare_file(&self, mut first: Ready, site: Site) -> Result<()> {
        let explained = |error| open::explain(&self.path, error);
        let known = self.options.migrations.len();
        let version = user_version(first.session.conn()).map_err(explained)?;
        self.check_version(version, known)?;
        let mode = journal_mode(first.session.conn()).map_err(explained)?;
        if self.options.read_only {
            self.readers.keep(first);
            return Ok(());
        }
        let converts = !mode.eq_ignore_ascii_case(self.options.journal_mode.word());
        let migrates = usize::try_from(version).is_ok_and(|version| version < known);
        let setup = self.options.setup.clone();
        if converts || migrates || setup.is_some() {
            let asked = Instant::now();
            let deadline = Deadline::after(asked, self.options.writer_timeout);
            let note = self.note(site);
            let _turn = self
                .lane
                .acquire(note, deadline)
                .map_err(|out| self.lane_missed(site, asked, out))?;
            if converts {
                self.convert(first.session.conn())?;
            }
            if migrates {
                self.migrate(&first, site)?;
            }
            if let Some(setup) = setup {
                let conn = first.session.conn_mut();
                setup(conn).map_err(Error::Setup)?;
                // It may have left a transaction open, or changed a setting.
                if !conn.is_autocommit() {
                    return Err(Error::Setup("it left a transaction open".into()));
                }
                self.options.apply(conn).map_err(explained)?;
            }
        }
        *self.writer.lock() = Some(Box::new(first));
        Ok(())
    }

    fn check_version(&self, version: i64, known: usize) -> Result<()> {
        let known = i64::try_from(known).unwrap_or(i64::MAX);
        // Without migrations `user_version` is the program's own.
        let newer = known > 0 && !(0..=known).contains(&version);
        let older = version < known && self.options.read_only;
        if newer || older {
            return Err(Error::SchemaVersion { path: self.path.clone(), file: version, known });
        }
        Ok(())
    }

    /// Changes the journal mode. SQLite does not call the busy handler here, so the
    /// waiting is ours: <https://sqlite.org/wal.html#persistence_of_wal_mode>
    fn convert(&self, conn: &Connection) -> Result<()> {
        let wanted = self.options.journal_mode.word();
        let deadline = Deadline::after(Instant::now(), self.options.busy_timeout);
        loop {
            let got = conn.pragma_update_and_check(None, "journal_mode", wanted, |row| {
                row.get::<_, String>(0)
            });
            match got {
                Ok(got) if got.eq_ignore_ascii_case(wanted) => return Ok(()),
                Ok(got) => {
                    return Err(Error::JournalMode { path: self.path.clone(), wanted, got });
                }
                Err(error)
                    if SqliteCode::find(&error).is_some_and(|code| code.is_busy())
                        && !deadline.passed(Instant::now()) =>
                {
                    self.counters.locks_met.add();
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(open::explain(&self.path, error)),
            }
        }
    }

    /// Runs the scripts that the file has not had, all in one transaction.
    fn migrate(&self, first: &Ready, site: Site) -> Result<()> {
        let Ready { session, watchdog, .. } = first;
        let explained = |error| open::explain(&self.path, error);
        session.run(Control::BeginImmediate).map_err(explained)?;
        watchdog.forget();
        let result = self
            .run_scripts(first, site)
            .and_then(|()| session.run(Control::Commit).map_err(explained));
        watchdog.set_mode(Mode::Engine);
        if result.is_err() {
            first.end_transaction();
        }
        result
    }

    fn run_scripts(&self, Ready { session, watchdog, .. }: &Ready, site: Site) -> Result<()> {
        let conn = session.conn();
        let scripts = &self.options.migrations;
        // Another process may have migrated it since it was looked at.
        let version = user_version(conn).map_err(|error| open::explain(&self.path, error))?;
        self.check_version(version, scripts.len())?;
        let had = usize::try_from(version).unwrap_or(0);
        for (at, script) in scripts.iter().enumerate().skip(had) {
            watchdog.set_mode(Mode::Body);
            let ran = conn.execute_batch(script);
            watchdog.set_mode(Mode::Engine);
            let failed = |source: Error| {
                Err(Error::Migration(Box::new(Migration {
                    path: self.path.clone(),
                    number: at + 1,
                    total: scripts.len(),
                    source: Box::new(source),
                })))
            };
            if let Err(error) = ran {
                return failed(error.into());
            }
            if watchdog.rolled_back() || conn.is_autocommit() {
                return failed(Error::RolledBack { site });
            }
        }
        conn.pragma_update(None, "user_version", i64::try_from(scripts.len()).unwrap_or(i64::MAX))?;
        Ok(())
    }
}

fn user_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn journal_mode(conn: &Connection) -> rusqlite::Result<String> {
    conn.pragma_query_value(None, "journal_mode", |row| row.get(0))
}

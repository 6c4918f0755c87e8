//! Bringing a file into shape when it is opened: journal mode, migrations, set-up, with the
//! checks that were asked for before and after.
//!
//! Only what needs the writer's lock takes it. A file from the future is refused
//! before anything is changed.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::durable::Patience;
use super::open;
use super::raw::Control;
use super::ready::Ready;
use super::turn::{Busy, WriteTurn, is_busy};
use super::wait::Wait;
use super::watchdog::Mode;
use super::{Engine, checks};
use crate::error::{Error, Migration, Result};
use crate::options::{JournalMode, Options, Setup};
use crate::site::Site;
use crate::trace::Span;

/// Somebody who has the file for no longer than this is passing by: another one who opens it,
/// and looks which journal it has.
const PASSING: Duration = Duration::from_millis(250);

/// The options for that file: a journal mode that is kept is the file's from here on.
pub(super) fn with_journal_of(first: &Ready, path: &Path, mut options: Options) -> Result<Options> {
    if options.journal_mode == JournalMode::Keep {
        let conn = first.session.conn();
        // Before anything is read a connection knows of no log.
        let found = user_version(conn).and_then(|_| journal_mode(conn));
        let found = found.map_err(|error| open::explain(path, error))?;
        options.journal_mode = JournalMode::kept(&found);
        options.check_journal()?;
        checks::journal(&options)?;
    }
    Ok(options)
}

impl Engine {
    /// Prepares the file with its first connection, and keeps that.
    pub(super) fn prepare_file(&self, mut first: Ready, site: Site) -> Result<()> {
        let prepared = self.bring_into_shape(&mut first, site);
        if let Err(Error::Corrupt(_)) = &prepared {
            // As the last connection it would carry the log into the damaged file.
            let option = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            let _ = first.session.conn().set_db_config(option, true);
        }
        prepared?;
        if self.options.read_only {
            self.readers.keep(first);
        } else {
            *self.writer.lock() = Some(Box::new(first));
        }
        Ok(())
    }

    fn bring_into_shape(&self, first: &mut Ready, site: Site) -> Result<()> {
        let explained = |error| open::explain(&self.path, error);
        let known = self.options.migrations.len();
        let version = user_version(first.session.conn()).map_err(explained)?;
        self.check_version(version, known)?;
        let mode = journal_mode(first.session.conn()).map_err(explained)?;
        self.check_as_found(first)?;
        if self.options.read_only {
            return self.check_content(first);
        }
        let converts = !mode.eq_ignore_ascii_case(self.options.journal_mode.word());
        let migrates = usize::try_from(version).is_ok_and(|version| version < known);
        let setup = self.options.setup.clone();
        let hole = self.shares_syncs() && self.may_have_hole(first);
        if converts || migrates || setup.is_some() || hole {
            self.refuse_inside_writer(site)?;
            let wait = Wait::begin(site, Span::NONE, self.options.writer_timeout);
            let turn = self.acquire(&wait)?;
            if converts {
                self.convert(first.session.conn(), &wait)?;
            }
            if self.shares_syncs() {
                self.open_log(first)?;
                self.carry_over(first, &wait)?;
            }
            if migrates {
                self.migrate(first, &turn, &wait)?;
            }
            if let Some(setup) = setup {
                self.set_up(first, &*setup)?;
                self.convert(first.session.conn(), &wait)?;
            }
            if self.shares_syncs() {
                self.sync_all(first, &wait)?;
            }
        }
        self.check_content(first)
    }

    /// Runs the program's own set-up, and makes the connection the engine's again.
    fn set_up(&self, first: &mut Ready, setup: &Setup) -> Result<()> {
        // Its statements wait for other connections, as on any connection.
        first.session.set_busy_timeout(self.busy_millis);
        let done = first.session.lend(|conn| setup(conn));
        done.unwrap_or_else(|| Err("it put another connection in the place of this one".into()))
            .map_err(Error::Setup)?;
        if !first.session.conn().is_autocommit() {
            return Err(Error::Setup("it left a transaction open".into()));
        }
        // It may have set other hooks, and other settings.
        let watchdog = Arc::clone(&first.watchdog);
        let explained = |error| open::explain(&self.path, error);
        if let Some(guarded) = first.session.lend(|conn| watchdog.guard(conn)) {
            guarded.map_err(explained)?;
        }
        first.session.make_checkpoints().map_err(explained)?;
        self.options.apply(first.session.conn()).map_err(explained)
    }

    /// A connection that has not read since it was converted has no WAL yet.
    fn open_log(&self, first: &Ready) -> Result<()> {
        let read = user_version(first.session.conn());
        read.map(drop).map_err(|error| open::explain(&self.path, error))
    }

    /// Sees to it that what was set up is on the disk.
    pub(super) fn sync_all(&self, first: &Ready, wait: &Wait) -> Result<()> {
        self.open_log(first)?;
        self.follow_wal(first, wait.site)?;
        self.wait_for_disk(wait.site, self.count_commit(), &Patience::after(wait, Instant::now()))
    }

    fn check_version(&self, version: i64, known: usize) -> Result<()> {
        let known = i64::try_from(known).unwrap_or(i64::MAX);
        // Without migrations `user_version` is the program's own.
        let newer = known > 0 && !(0..=known).contains(&version);
        let older = self.options.read_only && (0..known).contains(&version);
        if newer || older {
            return Err(Error::SchemaVersion { path: self.path.clone(), file: version, known });
        }
        Ok(())
    }

    /// Changes the journal mode if it is another. SQLite does not call the busy handler
    /// here, so the waiting is ours:
    /// <https://sqlite.org/wal.html#persistence_of_wal_mode>
    fn convert(&self, conn: &Connection, wait: &Wait) -> Result<()> {
        let wanted = self.options.journal_mode.word();
        let answer = RefCell::new(String::new());
        let (met, told, refused) = (Cell::new(None), Cell::new(false), RefCell::new(None));
        let tell = || {
            if self.options.journal_mode == JournalMode::Wal && !told.replace(true) {
                *refused.borrow_mut() = self.held_in_rollback_mode(wait.site).err();
            }
        };
        let ask = || {
            let text = |row: &rusqlite::Row<'_>| row.get(0);
            let asked = conn.pragma_update_and_check(None, "journal_mode", wanted, text);
            if asked.as_ref().is_err_and(is_busy) {
                let now = Instant::now();
                let since = met.get().unwrap_or(now);
                met.set(Some(since));
                if now.saturating_duration_since(since) >= PASSING {
                    tell();
                }
            }
            if refused.borrow().is_some() {
                // Ends the wait.
                return Err(rusqlite::Error::InvalidQuery);
            }
            answer.replace(asked?);
            Ok(())
        };
        // Or SQLite would wait as well, and the two waits would add up.
        conn.busy_timeout(Duration::ZERO)?;
        let asked = self.while_busy(wait.deadline, ask, || true);
        if let Err(Busy::Deadline(error) | Busy::Error(error)) = &asked
            && is_busy(error)
        {
            tell();
        }
        if let Some(error) = refused.into_inner() {
            return Err(error);
        }
        conn.busy_timeout(self.options.busy_timeout_for_sqlite())?;
        asked.map_err(|busy| self.busy_error(busy, wait))?;
        let got = answer.into_inner();
        if got.eq_ignore_ascii_case(wanted) {
            Ok(())
        } else {
            Err(Error::JournalMode { path: self.path.clone(), wanted, got })
        }
    }

    /// Runs the scripts that the file has not had, all in one transaction.
    fn migrate(&self, first: &Ready, turn: &WriteTurn<'_>, wait: &Wait) -> Result<()> {
        let Ready { session, watchdog, .. } = first;
        self.begin_immediate(first, turn, wait)?;
        watchdog.forget();
        let commit = || {
            let committed =
                self.while_busy(wait.deadline, || session.run(Control::Commit), || true);
            committed.map_err(|busy| self.busy_error(busy, wait))
        };
        let result = self.run_scripts(first, wait.site).and_then(|()| commit());
        watchdog.set_mode(Mode::Engine);
        // Or it would be taken for that of the first writer.
        self.note_checkpoint(session);
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

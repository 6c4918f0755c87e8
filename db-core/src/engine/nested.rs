//! Calls inside a write transaction: a writer in a savepoint, a reader on the
//! writer's connection.

use super::raw::Control;
use super::ready::Ready;
use super::watchdog::Mode;
use super::writer::{Doom, WriteTx};
use crate::error::{Error, Result};
use crate::site::Site;

impl WriteTx<'_> {
    /// Begins a savepoint for a nested call.
    pub(crate) fn savepoint(&self, site: Site) -> Result<Savepoint<'_>> {
        self.still_open()?;
        self.refuse_repeated(site)?;
        self.control(Control::Savepoint).map_err(|error| self.unfinished_or(error, site))?;
        Ok(Savepoint { tx: self, site, callbacks: self.on_commit.borrow().len(), released: false })
    }

    /// SQLite calls it BUSY that a statement has not ended.
    pub(super) fn unfinished_or(&self, error: Error, site: Site) -> Error {
        match self.ready().session.unfinished_write() {
            Some(sql) => Error::UnfinishedStatement { site, sql },
            None => error,
        }
    }

    /// Runs a reader's body on this transaction; a write by it dooms the transaction.
    pub(crate) fn read<T>(&self, site: Site, body: impl FnOnce() -> T) -> Result<T> {
        let reading = Reading::begin(self, site);
        let result = body();
        if reading.end() { Err(Error::ReaderWrote { site }) } else { Ok(result) }
    }
}

/// A nested call's part of the transaction. Dropped without `release`: undone.
pub(crate) struct Savepoint<'t> {
    tx: &'t WriteTx<'t>,
    site: Site,
    callbacks: usize,
    released: bool,
}

impl Savepoint<'_> {
    pub(crate) fn release(mut self) -> Result<()> {
        self.tx.still_open()?;
        let released = self.tx.control(Control::Release);
        released.map_err(|error| self.tx.unfinished_or(error, self.site))?;
        self.released = true;
        Ok(())
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        // Dropped last: what they own may panic when it is dropped.
        let _lost = self.tx.on_commit.borrow_mut().split_off(self.callbacks);
        if self.tx.still_open().is_err() {
            return;
        }
        let undone =
            self.tx.control(Control::RollbackTo).and_then(|()| self.tx.control(Control::Release));
        if undone.is_err() {
            self.tx.doom.set(Some(Doom::Lost));
        }
    }
}

/// A reader's body at work on a writer's connection. Its end is also reached by
/// unwinding, in case the writer's body catches the panic and goes on.
struct Reading<'t> {
    tx: &'t WriteTx<'t>,
    site: Site,
    mode: Mode,
    changes: u64,
}

impl<'t> Reading<'t> {
    fn begin(tx: &'t WriteTx<'t>, site: Site) -> Self {
        let Ready { session, watchdog, .. } = tx.ready();
        if watchdog.take_uncounted() {
            session.conn().flush_prepared_statement_cache();
        }
        let mode = watchdog.mode();
        watchdog.set_mode(Mode::ReaderOnWriter);
        Self { tx, site, mode, changes: session.conn().total_changes() }
    }

    /// Whether the body wrote.
    fn end(self) -> bool {
        self.wrote()
    }

    fn wrote(&self) -> bool {
        self.tx.ready().session.conn().total_changes() != self.changes
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.tx.ready().watchdog.set_mode(self.mode);
        if self.wrote() {
            self.tx.doom.set(Some(Doom::ReaderWrote(self.site)));
        }
    }
}

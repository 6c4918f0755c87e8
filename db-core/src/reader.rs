//! What a reader's body reads through.

use std::fmt;
use std::ops::Deref;

use rusqlite::Connection;

use crate::engine::{Engine, ReadTx, Ready};

/// A read-only view of the database at one moment: that of its first query.
///
/// It derefs to rusqlite's [`Connection`], so everything that reads there reads here.
/// A `#[reader]` that is called with a `&Reader` reads the same moment. It stays on the
/// thread of its body, and statements and rows can't leave that. Made by
/// `#[reader]`, [`Database::read`](crate::Database::read) and
/// [`Database::reader`](crate::Database::reader).
pub struct Reader<'c> {
    source: Source<'c>,
}

enum Source<'c> {
    /// A connection of the pool.
    Pool(ReadTx<'c>),
    /// The transaction of whoever called: another reader, or a writer.
    Caller(&'c Ready, &'c Engine),
}

impl<'c> Reader<'c> {
    pub(crate) fn pooled(tx: ReadTx<'c>) -> Self {
        Self { source: Source::Pool(tx) }
    }

    pub(crate) fn joined(ready: &'c Ready, engine: &'c Engine) -> Self {
        Self { source: Source::Caller(ready, engine) }
    }

    pub(crate) fn ready(&self) -> &Ready {
        match &self.source {
            Source::Pool(tx) => tx.ready(),
            Source::Caller(ready, _) => ready,
        }
    }

    /// See [`ReadTx::is_whole`].
    pub(crate) fn is_whole(&self) -> bool {
        match &self.source {
            Source::Pool(tx) => tx.is_whole(),
            Source::Caller(..) => true,
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        match &self.source {
            Source::Pool(tx) => tx.engine(),
            Source::Caller(_, engine) => engine,
        }
    }
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.ready().session.conn()
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("path", &self.engine().path()).finish_non_exhaustive()
    }
}

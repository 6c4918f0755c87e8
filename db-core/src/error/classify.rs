//! Which errors are locks, whatever type they come in.
//!
//! The chain of `source()` is walked to rusqlite's `ffi::Error`: an enum variant
//! that is `transparent` hides the `rusqlite::Error` itself, but not that. See
//! <https://sqlite.org/rescode.html> for the codes.

use std::error::Error as StdError;
use std::ops::Deref;

use rusqlite::ffi;

use super::Error;

/// An error that can be looked into for a lock error of SQLite.
///
/// Implemented for every [`std::error::Error`], and for what derefs to one:
/// `anyhow::Error`, `Box<dyn Error>`, `Box<dyn Error + Send + Sync>`. `Kind` is
/// found by the compiler and never written.
#[diagnostic::on_unimplemented(
    message = "a retried function can't return `{Self}` as its error: lock errors could not be told from others",
    label = "neither `std::error::Error` nor a box of one",
    note = "implement `std::error::Error` for it, or return `db_core::Error`, `rusqlite::Error`, `anyhow::Error` or `Box<dyn Error + Send + Sync>`"
)]
pub trait Classify<Kind> {
    /// The error as a trait object.
    #[doc(hidden)]
    fn as_error(&self) -> &(dyn StdError + 'static);
}

#[doc(hidden)]
pub enum ByError {}
#[doc(hidden)]
pub enum ByDeref {}
#[doc(hidden)]
pub enum ByDerefSend {}
#[doc(hidden)]
pub enum ByDerefLocal {}

impl<E: StdError + 'static> Classify<ByError> for E {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl<E: Deref<Target = dyn StdError + Send + Sync + 'static>> Classify<ByDeref> for E {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        &**self
    }
}

impl<E: Deref<Target = dyn StdError + Send + 'static>> Classify<ByDerefSend> for E {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        &**self
    }
}

impl<E: Deref<Target = dyn StdError + 'static>> Classify<ByDerefLocal> for E {
    fn as_error(&self) -> &(dyn StdError + 'static) {
        &**self
    }
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (**error).source())
}

/// Whether it is one of ours that no outer retry may repeat.
fn is_final(error: &(dyn StdError + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(Error::Locked(_) | Error::WriterTimeout(_)))
}

/// The SQLite code at the end of the chain, unless a final error of ours comes first.
pub(crate) struct SqliteCode(pub(crate) i32);

impl SqliteCode {
    pub(crate) fn find(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut before = chain(error).take_while(|error| !is_final(*error));
        let code = before.find_map(|error| error.downcast_ref::<ffi::Error>())?;
        Some(Self(code.extended_code))
    }

    fn primary(&self) -> i32 {
        self.0 & 0xff
    }

    pub(crate) fn is_lock(&self) -> bool {
        matches!(self.primary(), ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.primary() == ffi::SQLITE_BUSY
    }

    /// The authorizer or the commit hook said no.
    pub(crate) fn is_refusal(&self) -> bool {
        self.primary() == ffi::SQLITE_AUTH || self.0 == ffi::SQLITE_CONSTRAINT_COMMITHOOK
    }

    /// What need not be the fault of the statement that met it: the disk, the memory, an
    /// interrupt. SQLite may have rolled the transaction back
    /// (<https://sqlite.org/lang_transaction.html>, section 3.1).
    pub(crate) fn is_circumstance(&self) -> bool {
        matches!(
            self.primary(),
            ffi::SQLITE_FULL | ffi::SQLITE_IOERR | ffi::SQLITE_NOMEM | ffi::SQLITE_INTERRUPT
        )
    }

    pub(crate) fn is_interrupt(&self) -> bool {
        self.primary() == ffi::SQLITE_INTERRUPT
    }

    pub(crate) fn is_read_only(&self) -> bool {
        // The extended codes are about the file, not about the statement.
        self.0 == ffi::SQLITE_READONLY
    }
}

pub(crate) fn is_lock(error: &(dyn StdError + 'static)) -> bool {
    SqliteCode::find(error).is_some_and(|code| code.is_lock())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[derive(Debug, thiserror::Error)]
    enum Shop {
        #[error("database")]
        Wrapped(#[from] rusqlite::Error),
        #[error(transparent)]
        Transparent(Error),
        #[error("no stock")]
        NoStock,
    }

    fn seen<E: Classify<K>, K>(error: E) -> bool {
        is_lock(error.as_error())
    }

    #[test]
    fn every_lock_code_is_seen() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_RECOVERY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_BUSY_TIMEOUT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_LOCKED_SHAREDCACHE,
            ffi::SQLITE_PROTOCOL,
        ] {
            assert!(is_lock(&sqlite(code)), "{code}");
        }
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_LOCK, ffi::SQLITE_INTERRUPT] {
            assert!(!is_lock(&sqlite(code)), "{code}");
        }
    }

    #[test]
    fn wrapped_errors_are_seen_through() {
        let busy = || sqlite(ffi::SQLITE_BUSY);
        assert!(seen(Shop::from(busy())));
        assert!(seen(Shop::Transparent(busy().into())));
        assert!(seen(Error::from(busy())));
        assert!(seen(anyhow::Error::from(busy()).context("while selling")));
        assert!(seen(Box::<dyn StdError + Send + Sync>::from(busy())));
        assert!(seen(Box::<dyn StdError>::from(Shop::from(busy()))));
        assert!(seen(std::io::Error::other(busy())));
        assert!(!seen(Shop::NoStock));
        assert!(!seen(anyhow::anyhow!("database is locked, says this text")));
    }
}

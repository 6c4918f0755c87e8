//! Looking into an error whose type says nothing: which statement was refused shows in
//! the SQLite code at the end of its chain.

use std::any::Any;
use std::error::Error as StdError;
use std::ops::Deref;

use super::Error;

/// The error as one that has a chain, if it can be seen as one.
pub(crate) type See<E> = fn(&E) -> Option<&(dyn StdError + 'static)>;

/// Sees the types that closures return most often; others may say more than these
/// bounds let us know.
pub(crate) fn known<E: 'static>(error: &E) -> Option<&(dyn StdError + 'static)> {
    let any: &dyn Any = error;
    if let Some(ours) = any.downcast_ref::<Error>() {
        Some(ours)
    } else if let Some(theirs) = any.downcast_ref::<rusqlite::Error>() {
        Some(theirs)
    } else {
        let boxed = any.downcast_ref::<Box<dyn StdError + Send + Sync>>();
        boxed.map(|boxed| &**boxed as &(dyn StdError + 'static))
    }
}

/// An error in an expansion, by whose traits the compiler chooses
/// the way in: an expansion knows the type, but not what it implements.
#[derive(Debug)]
pub struct Seen<'e, E>(pub &'e E);

/// By `std::error::Error`.
pub trait AsError<'e> {
    /// The error.
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)>;
}

impl<'e, E: StdError + 'static> AsError<'e> for &&Seen<'e, E> {
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)> {
        Some(self.0)
    }
}

/// By a `Deref` to a trait object, as `anyhow::Error` has.
pub trait ThroughDeref<'e> {
    /// The error.
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)>;
}

impl<'e, E: Deref<Target: Chained>> ThroughDeref<'e> for &Seen<'e, E> {
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)> {
        Some(self.0.deref().chained())
    }
}

/// Not at all.
pub trait Unseen<'e> {
    /// Nothing.
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)>;
}

impl<'e, E> Unseen<'e> for Seen<'e, E> {
    fn __see(&self) -> Option<&'e (dyn StdError + 'static)> {
        None
    }
}

/// The trait objects of errors.
pub trait Chained {
    /// Without the auto traits.
    fn chained(&self) -> &(dyn StdError + 'static);
}

/// Looks into an error of an expansion: `look!(error)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __look {
    ($error:ident) => {{
        // By a glob, of which one is used: no `allow`, which a user's `forbid` would refuse.
        use $crate::__private::see::*;
        (&&&Seen($error)).__see()
    }};
}

macro_rules! chained {
    ($($object:ty),*) => {$(
        impl Chained for $object {
            fn chained(&self) -> &(dyn StdError + 'static) {
                self
            }
        }
    )*};
}

chained!(dyn StdError, dyn StdError + Send, dyn StdError + Send + Sync);

#[cfg(test)]
mod tests {
    use crate::error::SqliteCode;

    use std::error::Error as StdError;

    use super::See;

    macro_rules! see {
        () => {
            |error| crate::__private::look!(error)
        };
    }

    fn code<E: 'static>(error: E, see: See<E>) -> Option<i32> {
        see(&error).and_then(SqliteCode::find).map(|code| code.0)
    }

    #[test]
    fn an_expansion_sees_into_every_kind_of_error() {
        use rusqlite::ffi;
        let auth = || rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_AUTH), None);
        assert_eq!(code(auth(), see!()), Some(ffi::SQLITE_AUTH));
        assert_eq!(code(std::io::Error::other(auth()), see!()), Some(ffi::SQLITE_AUTH));
        assert_eq!(code(anyhow::Error::from(auth()), see!()), Some(ffi::SQLITE_AUTH));
        let boxed: Box<dyn StdError> = auth().into();
        assert_eq!(code(boxed, see!()), Some(ffi::SQLITE_AUTH));
        assert_eq!(code("no error at all", see!()), None);
    }
}

//! A body's error with what only the engine knows of it: the statement that was
//! refused, the reader that wrote, the file that is damaged.

use std::any::Any;
use std::path::Path;

use super::ready::Ready;
use crate::error::see::See;
use crate::error::{Error, SqliteCode, refusal};
use crate::site::{Kind, Site};

impl Ready {
    /// Explains an error that the body of `site` returned.
    pub(crate) fn explain<E: From<Error> + 'static>(
        &self,
        mut error: E,
        see: See<E>,
        kind: Kind,
        site: Site,
        path: &Path,
    ) -> E {
        let any: &mut dyn Any = &mut error;
        if let Some(ours) = any.downcast_mut::<Error>() {
            ours.add_path(path);
        }
        let Some(code) = see(&error).and_then(SqliteCode::find) else { return error };
        if code.is_refusal()
            && let Some(refused) = refusal::take()
        {
            return Error::Refused(Box::new(refused)).into();
        }
        if code.is_read_only() && kind == Kind::Reader {
            return Error::ReaderWrote { site }.into();
        }
        error
    }
}

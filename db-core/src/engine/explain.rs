//! A body's error with what only the engine knows of it: the statement that was
//! refused, the reader that wrote, the lock that nobody will try again, the file that
//! is damaged.

use std::any::Any;
use std::path::Path;

use super::ready::Ready;
use crate::error::{Error, Locked, SqliteCode, refusal};
use crate::site::{Kind, Site};
use crate::watch::Inside;

impl Ready {
    /// Explains an error that the body of `site` returned.
    ///
    /// What it is can be seen in our own type and in rusqlite's. In any other it is
    /// told by the connection: its last call failed with the code of a refusal.
    pub(crate) fn explain<E: From<Error> + 'static>(
        &self,
        mut error: E,
        kind: Kind,
        site: Site,
        path: &Path,
    ) -> E {
        let any: &mut dyn Any = &mut error;
        let code = if let Some(ours) = any.downcast_mut::<Error>() {
            ours.add_path(path);
            let code = SqliteCode::find(ours);
            if code.as_ref().is_some_and(SqliteCode::is_outside_lock)
                && !Inside::a_repeatable_body()
            {
                *ours = Error::Locked(Box::new(Locked {
                    path: Some(path.to_owned()),
                    site: Some(site),
                    attempts: 1,
                    waited: self.busy_timeout,
                    holder: None,
                }));
                return error;
            }
            code
        } else if let Some(theirs) = any.downcast_ref::<rusqlite::Error>() {
            SqliteCode::find(theirs)
        } else {
            Some(SqliteCode(self.session.last_code()))
        };
        let Some(code) = code else { return error };
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

//! A body's error with what only the engine knows of it: the statement that was
//! refused, the reader that wrote, the file that is damaged.

use std::any::Any;

use super::Engine;
use super::ready::Ready;
use crate::error::see::See;
use crate::error::{BodyTimeout, Error, SqliteCode, refusal};
use crate::open_guard::Kind;
use crate::options::Options;
use crate::site::Site;
use crate::trace;

impl Ready {
    /// Explains an error that the body of `site` returned.
    pub(crate) fn explain<E: From<Error> + 'static>(
        &self,
        mut error: E,
        see: See<E>,
        kind: Kind,
        site: Site,
        engine: &Engine,
    ) -> E {
        let any: &mut dyn Any = &mut error;
        if let Some(ours) = any.downcast_mut::<Error>() {
            engine.tell_of_file(ours);
        }
        let Some(code) = see(&error).and_then(SqliteCode::find) else { return error };
        if code.is_interrupt()
            && let Some(late) = self.late(kind, site, engine.options())
        {
            return late.into();
        }
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

    /// The error of a body that has taken too long, if it has.
    pub(crate) fn late(&self, kind: Kind, site: Site, options: &Options) -> Option<Error> {
        if !self.watchdog.is_overdue() {
            return None;
        }
        let limit = match kind {
            Kind::Reader => options.read_timeout,
            Kind::Writer => options.write_timeout,
        };
        let statement = self.watchdog.statement();
        let limit = limit.unwrap_or_default();
        let late = Error::BodyTimeout(Box::new(BodyTimeout { kind, site, limit, statement }));
        trace::interrupted(site, &late);
        Some(late)
    }
}

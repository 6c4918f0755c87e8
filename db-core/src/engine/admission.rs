//! Who may not even wait for a turn: what would wait for itself, or be done twice.

use super::Engine;
use crate::error::{Again, Error, NestedWrite, Result};
use crate::site::Site;
use crate::watch::{Body, Inside};

/// Refuses what can be refused before the wait; also what types can't see, a captured
/// `Database` used inside a body of this thread.
pub(super) fn may_write(engine: &Engine, site: Site, repeatable: bool) -> Result<()> {
    engine.usable()?;
    if engine.options.read_only {
        let path = engine.path.clone();
        return Err(Error::ReadOnly { path, asked: true, readable: true });
    }
    engine.refuse_inside_writer(site)?;
    refuse_in_repeatable(site, repeatable)?;
    engine.refuse_undurable(site)
}

pub(super) fn refuse_in_repeatable(site: Site, repeatable: bool) -> Result<()> {
    // Asked first, as it costs nothing.
    if !repeatable && let Some(outer) = Inside::find(|frame| frame.repeatable) {
        return Err(Error::OnceInRetried(Box::new(Again { inner: site, outer: outer.site })));
    }
    Ok(())
}

impl Engine {
    /// Refuses what would wait for a turn that this very thread has.
    pub(super) fn refuse_inside_writer(&self, site: Site) -> Result<()> {
        let lane = self.lane_key();
        match Inside::find(|frame| frame.body == Body::Writer && frame.place == lane) {
            None => Ok(()),
            Some(outer) => {
                let outer = outer.site;
                Err(Error::NestedWrite(Box::new(NestedWrite { inner: site, outer })))
            }
        }
    }
}

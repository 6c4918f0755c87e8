//! The connection of whoever has the turn: taken where it is kept, or opened anew.
//!
//! Invariant: while the program's own set-up of a connection runs in a turn, this thread is
//! known to be inside of a writer: what it would write has to wait for that very turn.

use std::time::{Duration, Instant};

use super::ready::Ready;
use super::turn::Busy;
use super::wait::Wait;
use super::{Engine, Open, open};
use crate::error::{Error, Result, is_lock};
use crate::watch::{Body, Frame, Inside};

impl Engine {
    /// To be kept while something is done in the turn outside of a body: the program's own
    /// functions may be called by it, and are not to write.
    pub(super) fn inside_turn(&self, wait: &Wait) -> Inside {
        let (place, site) = (self.lane_key(), wait.site);
        Inside::enter(Frame { place, body: Body::Writer, repeatable: false, site })
    }

    /// Takes the writer's connection, for who has the turn.
    pub(super) fn take_writer(&self, wait: &Wait) -> Result<Box<Ready>> {
        let kept = self.writer.lock().take();
        match kept {
            Some(ready) => Ok(ready),
            // The one before was given up.
            None => self.open_in_turn(wait).map(Box::new),
        }
    }

    /// Opens another connection that writes, for who has the turn.
    pub(super) fn open_in_turn(&self, wait: &Wait) -> Result<Ready> {
        let _inside = self.inside_turn(wait);
        match self.open_within(open::writer, wait) {
            Err(Error::Sqlite(busy)) if wait.is_patient() && is_lock(&busy) => {
                wait.spend(|spent| &mut spent.outsiders);
                Err(self.busy_error(Busy::Deadline(busy), wait))
            }
            opened => opened,
        }
    }

    /// Opens another connection. A wait for all until its deadline is one for whoever keeps
    /// SQLite from reading the schema too.
    pub(super) fn open_within(&self, open: Open, wait: &Wait) -> Result<Ready> {
        if !wait.is_patient() {
            return self.open_another(open, &self.options);
        }
        let left = wait.deadline.left(Instant::now()).unwrap_or(Duration::MAX);
        let mut options = self.options.clone();
        options.busy_timeout = left;
        self.open_another(open, &options)
    }
}

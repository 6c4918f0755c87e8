//! Where a process stands at the gate, and the steps from one place to another.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::Entered;
use super::note;
use super::turnstile::Turnstile;
use crate::sidecar;

pub(super) struct State {
    /// `None` until the first writer comes: who only reads makes no files.
    pub(super) turnstile: Option<Arc<Turnstile>>,
    pub(super) place: Place,
    /// Somebody waits for the helper to get it.
    pub(super) wanted: bool,
    /// When the process got it, or last saw that nobody else wants it.
    pub(super) since: Instant,
    pub(super) left: Instant,
    pub(super) streak: u8,
    /// Entered since the helper last looked.
    pub(super) used: bool,
    /// The helper looks whether it is still used.
    pub(super) watched: bool,
    pub(super) closed: bool,
    /// When another process was last seen to want the gate.
    pub(super) met: Option<Instant>,
    /// Why the helper could not wait, until that is told.
    pub(super) trouble: Option<io::Error>,
    /// It was told that there is no gate.
    pub(super) told: bool,
    /// There is a note of this process's.
    pub(super) noted: bool,
}

/// Where this process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Outside,
    /// The helper waits to be the next.
    AtNext,
    /// The next, and whoever wants to enter tries to.
    Next,
    /// The next, and the helper waits for whoever is inside.
    AtWriter,
    /// Inside, and at work.
    Inside,
    /// Inside, and nobody is at work.
    Kept,
    /// There is no gate.
    Without,
}

impl State {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            turnstile: None,
            place: Place::Outside,
            wanted: false,
            since: now,
            left: now,
            streak: 0,
            used: false,
            watched: false,
            closed: false,
            met: None,
            trouble: None,
            told: false,
            noted: false,
        }
    }

    pub(super) fn turnstile(&self) -> &Turnstile {
        match &self.turnstile {
            Some(turnstile) => turnstile,
            None => unreachable!("opened before the gate is entered"),
        }
    }

    /// For the next one. It stays the next if somebody is inside.
    pub(super) fn try_writer(&self) -> io::Result<bool> {
        self.turnstile().try_writer()
    }

    /// The next one, who has got `writer`, is inside.
    pub(super) fn enter(&mut self, now: Instant) {
        self.turnstile().release_next();
        self.place = Place::Inside;
        self.since = now;
        self.used = true;
    }

    pub(super) fn leave_next(&mut self) {
        self.turnstile().release_next();
        self.place = Place::Outside;
    }

    pub(super) fn clear_note(&mut self) {
        if std::mem::replace(&mut self.noted, false) {
            note::clear(self.turnstile().writer());
        }
    }

    pub(super) fn let_go(&mut self) {
        self.clear_note();
        self.turnstile().release_writer();
        self.place = Place::Outside;
    }

    /// What entering comes to without a gate.
    pub(super) fn without(&mut self) -> Entered {
        self.trouble.take().map_or(Entered::Inside, Entered::NoGate)
    }

    /// Goes on without a gate: from now on, or this time if what is short may be there the
    /// next time.
    pub(super) fn go_without(&mut self, trouble: io::Error) -> Entered {
        if matches!(self.place, Place::Next | Place::AtWriter) {
            self.turnstile().release_next();
        }
        let passing = sidecar::is_passing(&trouble);
        self.place = if passing { Place::Outside } else { Place::Without };
        match std::mem::replace(&mut self.told, true) {
            true => Entered::Inside,
            false => Entered::NoGate(trouble),
        }
    }
}

//! Two files beside the database, whose locks make a turnstile: take `next`, then
//! `writer`, then let `next` go.
//!
//! With a single lock the kernel wakes all who wait for it, and the process that has
//! just let go mostly gets it again. Whoever has `next` is the only one that waits for
//! `writer`.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::sidecar::{self, Use};

/// What the name of the file ends in whose holder is inside.
pub(super) const WRITER: &str = "-writer";

#[derive(Debug)]
pub(super) struct Turnstile {
    next: File,
    writer: File,
}

impl Turnstile {
    /// Opens the two files beside the database, and makes them if they are not there.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        Ok(Self {
            next: sidecar::open(database, "-next", Use::Lock)?,
            writer: sidecar::open(database, WRITER, Use::Lock)?,
        })
    }

    pub(super) fn try_next(&self) -> io::Result<bool> {
        sidecar::try_lock(&self.next)
    }

    /// For whoever has `next`.
    pub(super) fn try_writer(&self) -> io::Result<bool> {
        sidecar::try_lock(&self.writer)
    }

    pub(super) fn wait_for_next(&self) -> io::Result<()> {
        sidecar::lock(&self.next)
    }

    pub(super) fn wait_for_writer(&self) -> io::Result<()> {
        sidecar::lock(&self.writer)
    }

    /// Whether another process is the next. Asked by whoever is inside.
    pub(super) fn somebody_waits(&self) -> bool {
        match sidecar::try_lock(&self.next) {
            Ok(true) => {
                self.release_next();
                false
            }
            Ok(false) => true,
            Err(_) => false,
        }
    }

    pub(super) fn release_next(&self) {
        // A lock that is held can be let go; if not, it goes with the process.
        let _ = self.next.unlock();
    }

    pub(super) fn release_writer(&self) {
        let _ = self.writer.unlock();
    }

    /// The file whose holder is inside, for the note in it.
    pub(super) fn writer(&self) -> &File {
        &self.writer
    }

    /// The file whose holder is the next, for whoever wants to know who that is.
    pub(super) fn next(&self) -> &File {
        &self.next
    }
}

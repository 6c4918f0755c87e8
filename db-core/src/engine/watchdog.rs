//! Who may end a transaction: only the engine.
//!
//! Hooks, installed once on each connection and driven by its [`Watchdog`] (setting an
//! authorizer for each body would prepare every statement anew): the authorizer refuses
//! what a body may not prepare (`rules`), the commit hook refuses every
//! commit that the engine did not start (a COMMIT prepared before the body, or a
//! statement that goes on in autocommit after a rollback), and the rollback hook
//! notes that the transaction is gone. A fourth, the progress handler, is asked every so
//! often while a statement runs (`raw`): it interrupts what has taken too long, and says
//! which statement it is in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use parking_lot::Mutex;
use rusqlite::hooks::{AuthContext, Authorization};
use rusqlite::{Connection, InterruptHandle};

use super::rules::{END, defers, is_uncounted, refused_in_body, refused_in_reader};
use crate::error::{Refused, refusal};
use crate::watch::Inside;

/// Whose statements the connection is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// The engine's own: anything goes.
    Engine,
    /// A body's: no transactions, settings, attached databases, temporary objects.
    Body,
    /// A reader's body on a writer's connection: no writes either.
    ReaderOnWriter,
}

/// Nobody has asked which statement the body is in, so none is told.
const NOT_ASKED: u8 = 0;
const ASKED: u8 = 1;
const ANSWERED: u8 = 2;

/// What the hooks of one connection see and say.
pub(crate) struct Watchdog {
    interrupt: InterruptHandle,
    mode: AtomicU8,
    rolled_back: AtomicBool,
    /// A body has prepared what changes the schema, and what no count of changes would
    /// show if a reader took it from the statement cache.
    uncounted: AtomicBool,
    /// A body has asked for all foreign keys to be deferred.
    deferring: AtomicBool,
    /// The body has taken too long, and is to end.
    overdue: AtomicBool,
    /// Whether somebody wants to know the statement that the body is in.
    question: AtomicU8,
    statement: Mutex<Option<String>>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").field("mode", &self.mode()).finish_non_exhaustive()
    }
}

impl Watchdog {
    /// Of a connection.
    pub(crate) fn new(conn: &Connection) -> Self {
        Self {
            interrupt: conn.get_interrupt_handle(),
            mode: AtomicU8::new(Mode::Engine as u8),
            rolled_back: AtomicBool::new(false),
            uncounted: AtomicBool::new(false),
            deferring: AtomicBool::new(false),
            overdue: AtomicBool::new(false),
            question: AtomicU8::new(NOT_ASKED),
            statement: Mutex::new(None),
        }
    }

    /// Installs the hooks on its connection, in the place of those that are there.
    pub(crate) fn guard(self: &Arc<Self>, conn: &mut Connection) -> rusqlite::Result<()> {
        let dog = Arc::clone(self);
        conn.authorizer(Some(move |context: AuthContext<'_>| dog.authorize(&context)))?;
        let dog = Arc::clone(self);
        conn.commit_hook(Some(move || dog.refuses_commit()))?;
        let dog = Arc::clone(self);
        conn.rollback_hook(Some(move || dog.rolled_back.store(true, Ordering::Relaxed)))
    }

    // Relaxed is enough: hooks run on the thread that runs the statement.
    pub(crate) fn mode(&self) -> Mode {
        match self.mode.load(Ordering::Relaxed) {
            0 => Mode::Engine,
            1 => Mode::Body,
            _ => Mode::ReaderOnWriter,
        }
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::Relaxed);
    }

    /// A new transaction: nothing is rolled back, nothing refused.
    pub(crate) fn forget(&self) {
        self.rolled_back.store(false, Ordering::Relaxed);
        self.deferring.store(false, Ordering::Relaxed);
        self.overdue.store(false, Ordering::Relaxed);
        self.forget_statement();
        refusal::take();
    }

    /// Another body: it is in none of the statements of the one before.
    pub(super) fn forget_statement(&self) {
        if self.question.load(Ordering::Relaxed) != NOT_ASKED {
            self.question.store(NOT_ASKED, Ordering::Relaxed);
            *self.statement.lock() = None;
        }
    }

    /// Says that the body has taken too long. A statement that runs ends by itself then, and
    /// says which one it was; only one that does not ask is interrupted, the next time. For
    /// whoever sees to it that the body is still the one that is meant, until this returns.
    pub(super) fn is_late(&self) {
        if !self.is_overdue() {
            // From now on it is the one that was interrupted.
            self.forget_statement();
            self.overdue.store(true, Ordering::Relaxed);
        } else if self.mode() != Mode::Engine {
            self.interrupt.interrupt();
        }
    }

    /// Whether the body has taken too long.
    pub(super) fn is_overdue(&self) -> bool {
        self.overdue.load(Ordering::Relaxed)
    }

    /// Whether a statement that runs now is to end: one of the engine's own is not.
    pub(super) fn interrupts(&self) -> bool {
        self.is_overdue() && self.mode() != Mode::Engine
    }

    /// Asks which statement the body is in. It answers if it is in one for long enough; if
    /// it has not answered since it was asked last, it is in none.
    pub(super) fn ask(&self) {
        if self.question.swap(ASKED, Ordering::AcqRel) == ASKED {
            *self.statement.lock() = None;
        }
    }

    /// Whether it was asked; whoever is told so answers by [`answer`](Self::answer).
    pub(super) fn take_question(&self) -> bool {
        self.question.load(Ordering::Relaxed) == ASKED && self.mode() != Mode::Engine
    }

    pub(super) fn answer(&self, statement: Option<String>) {
        *self.statement.lock() = statement;
        self.question.store(ANSWERED, Ordering::Release);
    }

    /// The statement that it was in when it was asked last.
    pub(super) fn statement(&self) -> Option<String> {
        self.statement.lock().clone()
    }

    /// Whether the transaction ended by a rollback since [`forget`](Self::forget).
    pub(crate) fn rolled_back(&self) -> bool {
        self.rolled_back.load(Ordering::Relaxed)
    }

    /// Whether the statement cache may hold what a reader must not find there; asked
    /// once, before it is emptied.
    pub(crate) fn take_uncounted(&self) -> bool {
        self.uncounted.swap(false, Ordering::Relaxed)
    }

    /// Whether a body may have set `PRAGMA defer_foreign_keys`, which lasts until the end
    /// of the transaction; asked once, before that is taken back.
    pub(crate) fn take_deferring(&self) -> bool {
        // Read first, as it is seldom set.
        self.deferring.load(Ordering::Relaxed) && self.deferring.swap(false, Ordering::Relaxed)
    }

    fn refuses_commit(&self) -> bool {
        let refuses = self.mode() != Mode::Engine;
        if refuses && !self.rolled_back() {
            note("COMMIT", END);
        }
        refuses
    }

    fn authorize(&self, context: &AuthContext<'_>) -> Authorization {
        let mode = self.mode();
        if mode == Mode::Engine {
            return Authorization::Allow;
        }
        let refusal = match refused_in_body(context) {
            None if mode == Mode::ReaderOnWriter => refused_in_reader(&context.action),
            refusal => refusal,
        };
        match refusal {
            None => {
                if is_uncounted(&context.action) {
                    self.uncounted.store(true, Ordering::Relaxed);
                }
                if defers(&context.action) {
                    self.deferring.store(true, Ordering::Relaxed);
                }
                Authorization::Allow
            }
            Some((statement, instead)) => {
                note(statement, instead);
                Authorization::Deny
            }
        }
    }
}

/// Notes what was refused, for the error that the body will see as "not authorized".
fn note(statement: impl Into<String>, instead: &'static str) {
    let site = Inside::find(|_| true).map(|frame| frame.site);
    refusal::note(Refused { site, statement: statement.into(), instead });
}

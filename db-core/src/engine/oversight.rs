//! What stays open for long: it is reported once, interrupted where a limit says so, and
//! named for other processes to read.
//!
//! The watcher looks through an [`Oversight`], which knows the [seats](super::seat) of an
//! engine and never its connections: those close where the last handle is dropped, and not on
//! the watcher's thread. What is decided of a guard is decided under the lock that it has to
//! take to leave, so nothing meant for one reaches the next.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::raw::{Checkpoint, Session};
use super::readers::Readers;
use super::wal;
use super::{Engine, Queue};
use crate::error::{PinnedBy, Warning};
use crate::locks;
use crate::open_guard::OpenGuard;
use crate::options::Options;
use crate::other_process::TheirWriter;
use crate::trace::{self, Span};
use crate::watch::{Say, TICK, Watched, moment};

/// How often a limit is looked for within itself, if that is more often than the tick.
const WITHIN: u32 = 4;

/// No limit is looked for more often than this.
const SHORTEST: Duration = Duration::from_millis(2);

/// For how long after a checkpoint it is looked who kept it from its end.
const JUST_NOW: Duration = Duration::from_secs(1);

/// How the checkpoints of an engine end.
#[derive(Debug, Default)]
pub(super) struct Log {
    pinned: Mutex<Option<Pinned>>,
}

/// A reader needed what is in the WAL, so checkpoints have left it there.
#[derive(Clone, Copy, Debug)]
struct Pinned {
    first: Instant,
    last: Instant,
}

impl Log {
    pub(super) fn checkpointed(&self, checkpoint: &Checkpoint) {
        let mut pinned = self.pinned.lock();
        *pinned = (checkpoint.carried < checkpoint.pages).then(|| {
            let last = Instant::now();
            Pinned { first: pinned.map_or(last, |pinned| pinned.first), last }
        });
    }
}

impl Engine {
    /// Takes note of the checkpoint that the last commit of a connection has made, if it has.
    pub(super) fn note_checkpoint(&self, session: &Session) {
        if let Some(made) = session.take_checkpoint() {
            self.counters.checkpoints.add();
            self.log.checkpointed(&made);
            trace::checkpoint(&self.path, made.pages, made.carried, made.time);
        }
    }
}

/// An engine, as far as the watcher knows it.
pub(super) struct Oversight {
    pub(super) engine: u64,
    pub(super) path: PathBuf,
    /// The file that SQLite knows.
    pub(super) file: PathBuf,
    pub(super) options: Options,
    pub(super) queue: Arc<Queue>,
    pub(super) readers: Arc<Readers>,
    pub(super) log: Arc<Log>,
    /// Whether it is reported that other processes pin the log, as they still do.
    pub(super) others_told: AtomicBool,
}

impl Watched for Oversight {
    fn look(&self, now: Instant, say: &mut Vec<Say>) -> bool {
        let writes = self.look_at_writer(now, say);
        let reads = self.look_at_readers(now, say);
        self.look_at_others(now, reads, say);
        writes || reads
    }

    fn tick(&self) -> Duration {
        let limits = [self.options.read_timeout, self.options.write_timeout];
        let leak = Some(self.options.leak_after);
        let shortest = limits.into_iter().chain([leak]).flatten().min();
        shortest.map_or(TICK, |limit| (limit / WITHIN).clamp(SHORTEST, TICK))
    }
}

impl Oversight {
    fn look_at_writer(&self, now: Instant, say: &mut Vec<Say>) -> bool {
        let (mut leak, mut note) = (None, None);
        let open = self.queue.lane.with_holder(|held| {
            if !held.is_writing_for(self.engine) {
                return held.note.engine == self.engine;
            }
            let (seat, age) = (&mut held.note.seat, now.saturating_duration_since(held.since));
            if seat.look(age, self.options.write_timeout, &self.options) {
                leak = Some((seat.opener.span().clone(), seat.seen(held.since)));
            }
            if age >= TICK && seat.take_note() {
                note = Some((seat.opener.place(), held.since));
            }
            true
        });
        if let Some((span, guard)) = leak {
            self.say_leak(say, span, guard);
        }
        if let Some((place, since)) = note {
            self.leave_note(place, since);
        }
        open.unwrap_or(false)
    }

    fn leave_note(&self, place: String, since: Instant) {
        let Queue { lane, gate } = &*self.queue;
        gate.leave_note(&TheirWriter::new(place, moment(since)));
        // It may have left before, and then would not take the note along.
        if lane.with_holder(|held| held.since == since) != Some(true) {
            gate.take_back_note();
        }
    }

    fn look_at_readers(&self, now: Instant, say: &mut Vec<Say>) -> bool {
        let pinned = *self.log.pinned.lock();
        let (mut leaks, mut pins) = (Vec::new(), Vec::new());
        let mut open = false;
        self.readers.each(|seat, since| {
            open = true;
            let age = now.saturating_duration_since(since);
            let leaks_now = seat.look(age, self.options.read_timeout, &self.options);
            let is_old = age >= self.options.leak_after;
            let pins_log = is_old && pinned.is_some_and(|pinned| since <= pinned.last);
            if pins_log && seat.tell_that_it_pins() {
                pins.push((seat.opener.span().clone(), seat.seen(since)));
            } else if leaks_now {
                leaks.push((seat.opener.span().clone(), seat.seen(since)));
            }
        });
        for (span, guard) in leaks {
            self.say_leak(say, span, guard);
        }
        for (span, guard) in pins {
            self.say_pinned(say, span, PinnedBy::Guard(Box::new(guard)));
        }
        open
    }

    /// Readers of other processes, if no own one can be what pins the log.
    fn look_at_others(&self, now: Instant, reads: bool, say: &mut Vec<Say>) {
        let pinned = *self.log.pinned.lock();
        let Some(pinned) = pinned else {
            self.others_told.store(false, Ordering::Relaxed);
            return;
        };
        let long = now.saturating_duration_since(pinned.first) >= self.options.leak_after;
        // Whoever reads later may have begun after all that was in the log.
        let just_now = now.saturating_duration_since(pinned.last) < JUST_NOW;
        let told = self.others_told.load(Ordering::Relaxed);
        if !long || !just_now || told || (reads && self.has_old_reader(now)) {
            return;
        }
        let readers = locks::of_database(&self.file).readers;
        let others: Vec<_> = readers.into_iter().filter(|reader| !reader.is_this).collect();
        if !others.is_empty() {
            self.others_told.store(true, Ordering::Relaxed);
            self.say_pinned(say, Span::NONE, PinnedBy::Processes(others));
        }
    }

    fn has_old_reader(&self, now: Instant) -> bool {
        let mut old = false;
        self.readers.each(|_seat, since| {
            old |= now.saturating_duration_since(since) >= self.options.leak_after;
        });
        old
    }

    fn say_leak(&self, say: &mut Vec<Say>, span: Span, guard: OpenGuard) {
        let guard = Box::new(guard);
        self.say(say, span, Warning::Leak { path: self.path.clone(), guard });
    }

    fn say_pinned(&self, say: &mut Vec<Say>, span: Span, by: PinnedBy) {
        let wal_bytes = wal::size(&self.file);
        self.say(say, span, Warning::WalPinned { path: self.path.clone(), wal_bytes, by });
    }

    /// Says it inside of the span of the call that it is about.
    fn say(&self, say: &mut Vec<Say>, span: Span, warning: Warning) {
        let options = self.options.clone();
        say.push(Box::new(move || span.in_scope(|| options.warn(&warning))));
    }
}

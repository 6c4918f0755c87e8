//! The gate: processes that write to the same file queue here, instead of asking
//! SQLite's lock again and again.
//!
//! `turnstile` are the two files whose locks it is made of, `state` is where the process
//! stands, `helper` the thread that waits where waiting has no deadline, `note` what a
//! process leaves there for others when it stays long.
//!
//! SQLite's own lock is what keeps two writers apart; the gate only brings order, so a
//! gate that can't be made costs fairness and nothing else. Inside the process whoever
//! has the lane may enter, so there is never more than one. Invariants, under the one
//! mutex: the process has the lock of `writer` while its place is `Inside` or `Kept`, and
//! that of `next` while it is `Next` or `AtWriter`; the helper alone works on the locks
//! while the place is `AtNext` or `AtWriter`; who leaves it `Kept` knows of somebody who
//! will come or look: a waiter in the lane, or the helper.

mod helper;
mod note;
mod state;
mod turnstile;

pub(crate) use note::note_beside;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::locks;
use crate::other_process::{OtherProcess, TheirWriter};
use crate::retry::Deadline;
use state::{Place, State};
use turnstile::Turnstile;

/// For how long a process keeps the gate over its own transactions while other
/// processes wait. Handing it over takes two context switches, less than a tenth of this;
/// with 5 ms each wait of eight processes was three times as long, for nothing.
const KEEP: Duration = Duration::from_millis(1);

/// For how long a process that was met counts as company.
const JUST_NOW: Duration = Duration::from_millis(100);

/// A thread that comes back sooner than this after it left is worth waiting for.
const SOON: Duration = Duration::from_micros(50);

/// How often in a row it must have done so.
const STREAK: u8 = 4;

/// For how long the next one tries by itself, awake, before it lets the helper wait. A
/// short transaction ends sooner than a thread is woken, and there is only one next one.
const TRY: Duration = Duration::from_micros(200);

/// The gate of one file.
pub(crate) struct Gate {
    /// The database file.
    file: PathBuf,
    shared: Arc<Shared>,
    helper: Mutex<Option<JoinHandle<()>>>,
}

/// What the helper knows too.
struct Shared {
    state: Mutex<State>,
    /// There is work for the helper.
    work: Condvar,
    /// The helper has got somewhere.
    moved: Condvar,
}

/// What entering came to.
#[derive(Debug)]
pub(crate) enum Entered {
    Inside,
    /// There can be no gate, and this is the first time that it was found out.
    NoGate(io::Error),
}

/// What is to be done after leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing.
    Outside,
    /// To look whether the others for whom it is kept are still there.
    ForOthers,
}

/// The deadline came first.
#[derive(Debug)]
pub(crate) struct Missed;

impl Gate {
    pub(crate) fn new(file: PathBuf) -> Self {
        let shared =
            Shared { state: Mutex::new(State::new()), work: Condvar::new(), moved: Condvar::new() };
        Self { file, shared: Arc::new(shared), helper: Mutex::new(None) }
    }

    /// Enters, for whoever has the lane. `waiting` is told when it does not go at once.
    pub(crate) fn enter(
        &self,
        deadline: Deadline,
        waiting: impl FnOnce(),
    ) -> Result<Entered, Missed> {
        let mut state = self.shared.state.lock();
        let now = Instant::now();
        state.streak = match now.saturating_duration_since(state.left) < SOON {
            true => state.streak.saturating_add(1),
            false => 0,
        };
        if state.place == Place::Outside {
            match self.try_next(&mut state) {
                Ok(true) => state.place = Place::Next,
                // Whoever asks only in passing takes no place in the queue.
                Ok(false) if deadline.passed(now) => return Err(Missed),
                Ok(false) => state.place = Place::AtNext,
                Err(error) => return Ok(state.go_without(error)),
            }
            if state.place == Place::Next {
                match state.try_writer() {
                    Ok(true) => {
                        state.enter(now);
                        return Ok(Entered::Inside);
                    }
                    Ok(false) => {}
                    Err(error) => return Ok(state.go_without(error)),
                }
            }
        }
        match state.place {
            Place::Kept | Place::Inside => {
                state.place = Place::Inside;
                state.used = true;
                return Ok(Entered::Inside);
            }
            Place::Without => return Ok(state.without()),
            _ => {}
        }
        state.wanted = true;
        state.met = Some(now);
        waiting();
        let entered = self.wait(&mut state, deadline);
        state.wanted = false;
        if entered.is_err() && state.place == Place::Next {
            state.leave_next();
        }
        entered
    }

    fn wait(
        &self,
        state: &mut MutexGuard<'_, State>,
        deadline: Deadline,
    ) -> Result<Entered, Missed> {
        if state.place == Place::AtNext
            && let Err(error) = self.wake_helper()
        {
            return Ok(state.go_without(error));
        }
        let mut tries_until = Deadline::after(Instant::now(), TRY).earlier(deadline);
        loop {
            match state.place {
                Place::Inside => return Ok(Entered::Inside),
                // Outside again: the helper could not wait, this time.
                Place::Without | Place::Outside => return Ok(state.without()),
                Place::Next => {
                    let now = Instant::now();
                    match state.try_writer() {
                        Ok(true) => state.enter(now),
                        Ok(false) if deadline.passed(now) => return Err(Missed),
                        Ok(false) if !tries_until.passed(now) => thread::yield_now(),
                        Ok(false) => {
                            state.place = Place::AtWriter;
                            if let Err(error) = self.wake_helper() {
                                return Ok(state.go_without(error));
                            }
                        }
                        Err(error) => return Ok(state.go_without(error)),
                    }
                }
                _ => {
                    if deadline.passed(Instant::now()) {
                        return Err(Missed);
                    }
                    match deadline.instant() {
                        Some(end) => drop(self.shared.moved.wait_until(state, end)),
                        None => self.shared.moved.wait(state),
                    }
                    tries_until = Deadline::after(Instant::now(), TRY).earlier(deadline);
                }
            }
        }
    }

    /// Leaves, for whoever entered and still has the lane. `others` tells whether more of
    /// this process wait for the lane. If it is kept for them, they may be gone by the time
    /// that the lane is free: then [`leave_unused`](Self::leave_unused) is to be called.
    pub(crate) fn leave(&self, others: impl FnOnce() -> bool) -> Left {
        let mut state = self.shared.state.lock();
        if state.place != Place::Inside {
            return Left::Outside;
        }
        let now = Instant::now();
        state.left = now;
        state.clear_note();
        let others = others();
        if !others && state.streak < STREAK {
            state.let_go();
            return Left::Outside;
        }
        if now.saturating_duration_since(state.since) >= KEEP {
            if state.turnstile().somebody_waits() {
                state.met = Some(now);
                state.let_go();
                return Left::Outside;
            }
            state.since = now;
        }
        state.place = Place::Kept;
        if others {
            return Left::ForOthers;
        }
        if !state.watched {
            state.watched = true;
            if self.wake_helper().is_err() {
                state.watched = false;
                state.let_go();
            }
        }
        Left::Outside
    }

    /// Lets go what was kept for somebody in the lane who has left it. `others` tells
    /// whether more wait there, or somebody has it, who will leave through the gate.
    pub(crate) fn leave_unused(&self, others: impl FnOnce() -> bool) {
        let mut state = self.shared.state.lock();
        if state.place == Place::Kept && !others() {
            state.let_go();
        }
    }

    /// Whether another process has wanted to write just now.
    pub(crate) fn has_company(&self) -> bool {
        let met = self.shared.state.lock().met;
        met.is_some_and(|met| met.elapsed() < JUST_NOW)
    }

    /// Closes the two files while nobody of this process needs them; whoever comes next
    /// opens them anew.
    pub(crate) fn close_files(&self) {
        let mut state = self.shared.state.lock();
        if state.place == Place::Kept {
            state.let_go();
        }
        if state.place == Place::Outside {
            state.turnstile = None;
        }
    }

    /// Who is inside, or lets nobody in as the next one, as far as it can be known.
    pub(crate) fn holder(&self) -> Option<OtherProcess> {
        let turnstile = self.shared.state.lock().turnstile.clone()?;
        let inside = || locks::of_file(turnstile.writer());
        let found = inside().or_else(|| self.next_of_nobody(&turnstile));
        // Somebody may have entered meanwhile.
        let mut process = found.or_else(inside)?;
        process.writer = note::read(turnstile.writer(), process.id);
        Some(process)
    }

    /// Another process that is the next while nobody is inside: it does not go in, and is
    /// what is waited for. If somebody is, who can't be seen from here, it only waits too.
    fn next_of_nobody(&self, turnstile: &Turnstile) -> Option<OtherProcess> {
        let next = locks::of_file(turnstile.next())?;
        // Only the next one works on `writer`, and this process is not. Should the other one
        // want it just now, it waits for no longer than this takes.
        let _state = self.shared.state.lock();
        let free = turnstile.try_writer().is_ok_and(|got| got);
        if free {
            turnstile.release_writer();
        }
        free.then_some(next)
    }

    /// What a process says of its writer, if it is known to be inside.
    pub(crate) fn note_of(&self, process: u32) -> Option<TheirWriter> {
        let turnstile = self.shared.state.lock().turnstile.clone();
        match turnstile {
            Some(turnstile) => note::read(turnstile.writer(), process),
            // Nobody of this process has written yet.
            None => note_beside(&self.file, process),
        }
    }

    /// Leaves a note of who has been inside for long, for other processes to read. It goes
    /// with the leaving.
    pub(crate) fn leave_note(&self, writer: &TheirWriter) {
        let mut state = self.shared.state.lock();
        if state.place == Place::Inside {
            state.noted = true;
            note::write(state.turnstile().writer(), writer);
        }
    }

    /// Takes back a note of somebody who had left meanwhile.
    pub(crate) fn take_back_note(&self) {
        self.shared.state.lock().clear_note();
    }

    fn try_next(&self, state: &mut State) -> io::Result<bool> {
        if state.turnstile.is_none() {
            state.turnstile = Some(Arc::new(Turnstile::open(&self.file)?));
        }
        state.turnstile().try_next()
    }

    fn wake_helper(&self) -> io::Result<()> {
        let mut helper = self.helper.lock();
        if helper.is_none() {
            *helper = Some(helper::start(Arc::clone(&self.shared))?);
        }
        self.shared.work.notify_one();
        Ok(())
    }
}

impl Drop for Gate {
    /// Does not wait for a helper that waits for another process: it holds on to the
    /// files until then, and lets go at once.
    fn drop(&mut self) {
        let idle = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            if matches!(state.place, Place::Inside | Place::Kept) {
                state.let_go();
            }
            state.place == Place::Outside
        };
        self.shared.work.notify_one();
        if let Some(helper) = self.helper.get_mut().take()
            && idle
        {
            let _ = helper.join();
        }
    }
}

#[cfg(test)]
mod tests;

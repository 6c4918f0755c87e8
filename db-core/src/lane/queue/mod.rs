//! A fair lock with deadlines, and with a short window in which a running thread
//! may pass a sleeping one.
//!
//! Waking a parked thread takes a context switch. If the lane stood empty for each,
//! its throughput would be that of the scheduler. So a free lane goes to whoever
//! asks first, until [`WINDOW`] after it was first free for the head of the queue;
//! from then on it is handed to the head directly. Meanwhile the head, once woken,
//! looks by itself every [`LOOK`], so that no release pays for waking it again, and
//! shortly before the window ends it stands by, awake, so that the lane is not empty
//! while it is handed over.
//!
//! Who waits may leave a job in the queue, which the holder of the lane may take and do
//! in its place, as long as it is the head's: so nobody is passed by a job either.
//!
//! `state` is the queue and who is in it, `waiter` what somebody who waits is told, `turn`
//! what the holder may do. Invariants, all under the one mutex: there is at most one
//! holder; whenever the lane is free and somebody waits, the head has been woken or will
//! look by itself; a waiter that leaves at its deadline takes neither the turn nor the
//! wake-up with it; a job is taken at most once, and then only its taker ends the wait.

mod state;
mod turn;
mod waiter;

pub(crate) use state::{Held, Seen};
pub(crate) use turn::{Taken, Turn};

use std::time::Duration;

use super::threads::{self, Mutex};
use crate::retry::Deadline;
use state::{Head, State};
use waiter::{Told, Waiter};

/// For how long the head of the queue may be passed.
pub(super) const WINDOW: Duration = Duration::from_micros(300);

/// How often the head looks while others pass it. The system's timers add about as
/// much again, which together is what waking it would take.
const LOOK: Duration = Duration::from_micros(50);

/// For how long the head stands by before the end of its window, and after it.
const STAND_BY: Duration = Duration::from_micros(120);

/// A lane whose holder leaves a note `H`, for those who wait and for reports. Who waits
/// may leave a job `J`; one that was not taken is dropped while the lane is locked.
pub(crate) struct Lane<H, J> {
    pub(super) state: Mutex<State<H, J>>,
}

/// What waiting came to for somebody who left a job.
pub(crate) enum Entered<'a, H, J> {
    /// The turn; the job was dropped.
    Turn(Turn<'a, H, J>),
    /// Somebody else has taken the job, and is done with it.
    Served,
}

/// The wait ended without a turn.
#[derive(Debug)]
pub(crate) struct TimedOut<H> {
    /// Who held the lane at that moment, and who still waited.
    pub(crate) seen: Seen<H>,
}

impl<H: Clone, J> Lane<H, J> {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::new()) }
    }

    /// Waits for the turn until `deadline`; leaves `note` with it.
    pub(crate) fn acquire(
        &self,
        note: H,
        deadline: Deadline,
    ) -> Result<Turn<'_, H, J>, TimedOut<H>> {
        match self.enter(note, || None, deadline)? {
            Entered::Turn(turn) => Ok(turn),
            Entered::Served => unreachable!("there was no job to take"),
        }
    }

    /// As [`acquire`](Self::acquire), and leaves a job while it waits. Once that is taken
    /// the deadline counts no more.
    pub(crate) fn acquire_or_leave(
        &self,
        note: H,
        job: impl FnOnce() -> J,
        deadline: Deadline,
    ) -> Result<Entered<'_, H, J>, TimedOut<H>> {
        self.enter(note, || Some(job()), deadline)
    }

    fn enter(
        &self,
        note: H,
        job: impl FnOnce() -> Option<J>,
        deadline: Deadline,
    ) -> Result<Entered<'_, H, J>, TimedOut<H>> {
        let waiter = {
            let mut state = self.state.lock();
            let now = threads::now();
            if state.holder.is_none() && state.may_pass(now) {
                state.holder = Some(Held { note, since: now });
                return Ok(Entered::Turn(Turn::of(self, false)));
            }
            if deadline.passed(now) {
                return Err(TimedOut { seen: state.seen() });
            }
            state.enqueue(Held { note, since: now }, job(), threads::current())
        };
        self.wait(&waiter, deadline)
    }

    fn wait(&self, waiter: &Waiter, deadline: Deadline) -> Result<Entered<'_, H, J>, TimedOut<H>> {
        let mut pause = None;
        loop {
            let left = deadline.left(threads::now());
            match left.into_iter().chain(pause.take()).min() {
                Some(time) => threads::park_timeout(time),
                None => threads::park(),
            }
            if waiter.told() != Told::Nothing {
                return Ok(self.entered(waiter));
            }
            let mut state = self.state.lock();
            if waiter.told() != Told::Nothing {
                drop(state);
                return Ok(self.entered(waiter));
            }
            let now = threads::now();
            let is_head = state.is_head(waiter);
            if is_head && state.holder.is_none() {
                state.seat_head(now);
                return Ok(Entered::Turn(Turn::of(self, true)));
            }
            if deadline.passed(now) {
                state.leave(waiter);
                return Err(TimedOut { seen: state.seen() });
            }
            if !is_head {
                continue;
            }
            match state.freed.map(|freed| now.duration_since(freed)) {
                Some(passed) if passed + STAND_BY < WINDOW => pause = Some(LOOK),
                Some(passed) if passed < WINDOW + STAND_BY => {
                    state.head = Head::StandingBy;
                    drop(state);
                    waiter.stand_by();
                    let mut state = self.state.lock();
                    if waiter.told() != Told::Nothing {
                        drop(state);
                        return Ok(self.entered(waiter));
                    }
                    state.head = Head::Asleep;
                }
                _ => state.head = Head::Asleep,
            }
        }
    }

    /// What it comes to for somebody who has been told something.
    fn entered(&self, waiter: &Waiter) -> Entered<'_, H, J> {
        if waiter.told() == Told::Turn {
            return Entered::Turn(Turn::of(self, true));
        }
        waiter.until_served();
        Entered::Served
    }

    /// Who has the lane and who waits for it.
    pub(crate) fn seen(&self) -> Seen<H> {
        self.state.lock().seen()
    }

    /// Looks at the holder, while it can't leave.
    pub(crate) fn with_holder<T>(&self, look: impl FnOnce(&mut Held<H>) -> T) -> Option<T> {
        self.state.lock().holder.as_mut().map(look)
    }

    /// Whether somebody has the lane or waits for it.
    pub(crate) fn is_used(&self) -> bool {
        let state = self.state.lock();
        state.holder.is_some() || state.waiting() > 0
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().waiting()
    }
}

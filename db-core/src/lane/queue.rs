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
//! Invariants, all under the one mutex: there is at most one holder; whenever the
//! lane is free and somebody waits, the head has been woken or will look by itself; a
//! waiter that leaves at its deadline takes neither the turn nor the wake-up with it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::retry::Deadline;

/// For how long the head of the queue may be passed.
const WINDOW: Duration = Duration::from_micros(500);

/// How often the head looks while others pass it. The system's timers add about as
/// much again, which together is what waking it would take.
const LOOK: Duration = Duration::from_micros(50);

/// For how long the head stands by before the end of its window, and after it.
const STAND_BY: Duration = Duration::from_micros(120);

/// Wakes a waiter; a thread today, a task later.
pub(crate) trait Wake: Send + Sync {
    fn wake(&self);
}

impl Wake for Thread {
    fn wake(&self) {
        self.unpark();
    }
}

/// A lane whose holder leaves a note `H`, for those who wait and for reports.
pub(crate) struct Lane<H> {
    state: Mutex<State<H>>,
}

/// Who holds the lane, and since when.
#[derive(Clone, Debug)]
pub(crate) struct Held<H> {
    pub(crate) note: H,
    pub(crate) since: Instant,
}

impl<H> Held<H> {
    fn now(note: H) -> Self {
        Self { note, since: Instant::now() }
    }
}

struct State<H> {
    holder: Option<Held<H>>,
    queue: VecDeque<Arc<Waiter<H>>>,
    /// When the lane was first free for the present head.
    freed: Option<Instant>,
    head: Head,
}

/// What the head of the queue is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// Asleep until it is woken.
    Asleep,
    /// Woken, or looking by itself every so often.
    Looking,
    /// Awake, and waiting to be granted the turn.
    StandingBy,
}

struct Waiter<H> {
    /// Handed over to the holder's place by whoever grants the turn.
    note: Mutex<Option<H>>,
    granted: AtomicBool,
    wake: Box<dyn Wake>,
}

/// The right to write. Dropping it lets the next one in.
#[must_use]
pub(crate) struct Turn<'a, H> {
    lane: &'a Lane<H>,
}

/// The wait ended without a turn.
#[derive(Debug)]
pub(crate) struct TimedOut<H> {
    /// Who held the lane at that moment.
    pub(crate) holder: Option<Held<H>>,
}

impl<H: Clone> Lane<H> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                holder: None,
                queue: VecDeque::new(),
                freed: None,
                head: Head::Asleep,
            }),
        }
    }

    /// Waits for the turn until `deadline`; leaves `note` with it.
    pub(crate) fn acquire(&self, note: H, deadline: Deadline) -> Result<Turn<'_, H>, TimedOut<H>> {
        let waiter = {
            let mut state = self.state.lock();
            if state.holder.is_none() && state.may_pass() {
                state.holder = Some(Held::now(note));
                return Ok(Turn { lane: self });
            }
            if deadline.passed(Instant::now()) {
                return Err(TimedOut { holder: state.holder.clone() });
            }
            let waiter = Arc::new(Waiter {
                note: Mutex::new(Some(note)),
                granted: AtomicBool::new(false),
                wake: Box::new(thread::current()),
            });
            state.queue.push_back(Arc::clone(&waiter));
            waiter
        };
        self.wait(&waiter, deadline)
    }

    fn wait(
        &self,
        waiter: &Arc<Waiter<H>>,
        deadline: Deadline,
    ) -> Result<Turn<'_, H>, TimedOut<H>> {
        let mut pause = None;
        loop {
            let left = deadline.left(Instant::now());
            match left.into_iter().chain(pause.take()).min() {
                Some(time) => thread::park_timeout(time),
                None => thread::park(),
            }
            if waiter.granted() {
                return Ok(Turn { lane: self });
            }
            let mut state = self.state.lock();
            if waiter.granted() {
                return Ok(Turn { lane: self });
            }
            let is_head = state.queue.front().is_some_and(|head| Arc::ptr_eq(head, waiter));
            if is_head && state.holder.is_none() {
                state.seat_head();
                return Ok(Turn { lane: self });
            }
            if deadline.passed(Instant::now()) {
                let holder = state.holder.clone();
                state.queue.retain(|other| !Arc::ptr_eq(other, waiter));
                if is_head {
                    // The next one is a new head: its window begins when the lane is
                    // next free. It is not free now, or this one had taken it.
                    state.new_head();
                }
                return Err(TimedOut { holder });
            }
            if !is_head {
                continue;
            }
            match state.freed.map(|freed| freed.elapsed()) {
                Some(passed) if passed + STAND_BY < WINDOW => pause = Some(LOOK),
                Some(passed) if passed < WINDOW + STAND_BY => {
                    state.head = Head::StandingBy;
                    drop(state);
                    waiter.stand_by();
                    let mut state = self.state.lock();
                    if waiter.granted() {
                        return Ok(Turn { lane: self });
                    }
                    state.head = Head::Asleep;
                }
                _ => state.head = Head::Asleep,
            }
        }
    }

    pub(crate) fn holder(&self) -> Option<Held<H>> {
        self.state.lock().holder.clone()
    }

    /// Whether somebody has the lane or waits for it.
    pub(crate) fn is_used(&self) -> bool {
        let state = self.state.lock();
        state.holder.is_some() || !state.queue.is_empty()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().queue.len()
    }
}

impl<H> Waiter<H> {
    fn granted(&self) -> bool {
        self.granted.load(Ordering::Acquire)
    }

    /// Waits awake for the turn, for a while.
    fn stand_by(&self) {
        let start = Instant::now();
        while !self.granted() && start.elapsed() < 2 * STAND_BY {
            (0..16).for_each(|_| std::hint::spin_loop());
        }
    }
}

impl<H> State<H> {
    fn may_pass(&self) -> bool {
        self.queue.is_empty() || self.freed.is_none_or(|freed| freed.elapsed() < WINDOW)
    }

    fn new_head(&mut self) {
        self.freed = None;
        self.head = Head::Asleep;
    }

    /// Gives the lane to the head of the queue.
    fn seat_head(&mut self) -> Option<Arc<Waiter<H>>> {
        let head = self.queue.pop_front()?;
        self.holder = head.note.lock().take().map(Held::now);
        self.new_head();
        Some(head)
    }

    /// Ends the holder's turn; returns whom to wake.
    fn release(&mut self) -> Option<Arc<Waiter<H>>> {
        self.holder = None;
        let head = self.queue.front()?;
        let awake = self.head == Head::StandingBy;
        if awake || self.freed.is_some_and(|freed| freed.elapsed() >= WINDOW) {
            let head = self.seat_head()?;
            head.granted.store(true, Ordering::Release);
            return (!awake).then_some(head);
        }
        let wake = (self.head == Head::Asleep).then(|| Arc::clone(head));
        self.freed.get_or_insert_with(Instant::now);
        self.head = Head::Looking;
        wake
    }
}

impl<H> Turn<'_, H> {
    /// Changes the note that was left, and begins its time anew.
    pub(crate) fn annotate(&self, change: impl FnOnce(&mut H)) {
        if let Some(held) = &mut self.lane.state.lock().holder {
            change(&mut held.note);
            held.since = Instant::now();
        }
    }
}

impl<H> Drop for Turn<'_, H> {
    fn drop(&mut self) {
        let woken = self.lane.state.lock().release();
        if let Some(waiter) = woken {
            waiter.wake.wake();
        }
    }
}

#[cfg(test)]
mod tests;

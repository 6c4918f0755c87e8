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
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::threads::{self, AtomicBool, Mutex, Ordering, Thread};
use crate::retry::Deadline;

/// For how long the head of the queue may be passed.
pub(super) const WINDOW: Duration = Duration::from_micros(300);

/// How often the head looks while others pass it. The system's timers add about as
/// much again, which together is what waking it would take.
const LOOK: Duration = Duration::from_micros(50);

/// For how long the head stands by before the end of its window, and after it.
const STAND_BY: Duration = Duration::from_micros(120);

/// A lane whose holder leaves a note `H`, for those who wait and for reports.
pub(crate) struct Lane<H> {
    pub(super) state: Mutex<State<H>>,
}

/// Who holds the lane, and since when.
#[derive(Clone, Debug)]
pub(crate) struct Held<H> {
    pub(crate) note: H,
    pub(crate) since: Instant,
}

pub(super) struct State<H> {
    pub(super) holder: Option<Held<H>>,
    queue: VecDeque<Place<H>>,
    /// When the lane was first free for the present head.
    pub(super) freed: Option<Instant>,
    head: Head,
}

/// A place in the queue.
struct Place<H> {
    /// Becomes the holder's.
    note: H,
    waiter: Arc<Waiter>,
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

/// Whoever waits, as far as the lane has to know: a thread, or a task.
trait Wake: Send + Sync {
    fn wake(&self);
}

impl Wake for Thread {
    fn wake(&self) {
        self.unpark();
    }
}

/// Allocated once for each wait, together with what wakes.
struct Waiter<W: ?Sized = dyn Wake> {
    granted: AtomicBool,
    wake: W,
}

/// The right to write. Dropping it lets the next one in.
#[must_use]
pub(crate) struct Turn<'a, H> {
    lane: &'a Lane<H>,
    queued: bool,
    rests: bool,
}

impl<'a, H> Turn<'a, H> {
    fn of(lane: &'a Lane<H>, queued: bool) -> Self {
        Self { lane, queued, rests: false }
    }
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
            let now = threads::now();
            if state.holder.is_none() && state.may_pass(now) {
                state.holder = Some(Held { note, since: now });
                return Ok(Turn::of(self, false));
            }
            if deadline.passed(now) {
                return Err(TimedOut { holder: state.holder.clone() });
            }
            state.enqueue(note, threads::current())
        };
        self.wait(&waiter, deadline)
    }

    fn wait(&self, waiter: &Waiter, deadline: Deadline) -> Result<Turn<'_, H>, TimedOut<H>> {
        let mut pause = None;
        loop {
            let left = deadline.left(threads::now());
            match left.into_iter().chain(pause.take()).min() {
                Some(time) => threads::park_timeout(time),
                None => threads::park(),
            }
            if waiter.granted() {
                return Ok(Turn::of(self, true));
            }
            let mut state = self.state.lock();
            if waiter.granted() {
                return Ok(Turn::of(self, true));
            }
            let now = threads::now();
            let is_head = state.is_head(waiter);
            if is_head && state.holder.is_none() {
                state.seat_head(now);
                return Ok(Turn::of(self, true));
            }
            if deadline.passed(now) {
                state.leave(waiter);
                return Err(TimedOut { holder: state.holder.clone() });
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
                    if waiter.granted() {
                        return Ok(Turn::of(self, true));
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

impl Waiter {
    fn granted(&self) -> bool {
        self.granted.load(Ordering::Acquire)
    }

    /// Waits awake for the turn, for a while.
    fn stand_by(&self) {
        let start = threads::now();
        while !self.granted() && threads::now().duration_since(start) < 2 * STAND_BY {
            threads::spin();
        }
    }
}

impl<H> State<H> {
    fn may_pass(&self, now: Instant) -> bool {
        self.queue.is_empty() || !self.window_over(now)
    }

    fn window_over(&self, now: Instant) -> bool {
        self.freed.is_some_and(|freed| now.duration_since(freed) >= WINDOW)
    }

    fn enqueue(&mut self, note: H, wake: impl Wake + 'static) -> Arc<Waiter> {
        let granted = AtomicBool::new(false);
        let waiter: Arc<Waiter> = Arc::new(Waiter { granted, wake });
        self.queue.push_back(Place { note, waiter: Arc::clone(&waiter) });
        waiter
    }

    fn is_head(&self, waiter: &Waiter) -> bool {
        self.queue.front().is_some_and(|place| place.is_of(waiter))
    }

    fn new_head(&mut self) {
        self.freed = None;
        self.head = Head::Asleep;
    }

    /// Takes a waiter out of the queue that got no turn.
    fn leave(&mut self, waiter: &Waiter) {
        let was_head = self.is_head(waiter);
        self.queue.retain(|place| !place.is_of(waiter));
        if was_head {
            // The next one is a new head: its window begins when the lane is next
            // free. It is not free now, or this one had taken it.
            self.new_head();
        }
    }

    /// Gives the lane to the head of the queue.
    fn seat_head(&mut self, now: Instant) -> Option<Arc<Waiter>> {
        let Place { note, waiter } = self.queue.pop_front()?;
        self.holder = Some(Held { note, since: now });
        self.new_head();
        Some(waiter)
    }

    /// Ends the holder's turn; returns whom to wake.
    fn release(&mut self, rests: bool) -> Option<Arc<Waiter>> {
        self.holder = None;
        let head = Arc::clone(&self.queue.front()?.waiter);
        let now = threads::now();
        let awake = self.head == Head::StandingBy;
        if awake || self.window_over(now) {
            self.seat_head(now);
            head.granted.store(true, Ordering::Release);
            return (!awake).then_some(head);
        }
        let asleep = self.head == Head::Asleep;
        self.freed.get_or_insert(now);
        self.head = Head::Looking;
        (asleep || rests).then_some(head)
    }
}

impl<H> Place<H> {
    fn is_of(&self, waiter: &Waiter) -> bool {
        ptr::addr_eq(&raw const *self.waiter, waiter)
    }
}

impl<H> Turn<'_, H> {
    /// Says that whoever has the turn will sleep after it, and not be back at once. Then
    /// nobody may be there to pass the head, and it is woken without waiting until it
    /// looks.
    pub(crate) fn rests_after(&mut self) {
        self.rests = true;
    }

    /// Whether it was waited for.
    pub(crate) fn queued(&self) -> bool {
        self.queued
    }

    /// Changes the note that was left, and begins its time anew.
    pub(crate) fn annotate(&self, change: impl FnOnce(&mut H)) {
        if let Some(held) = &mut self.lane.state.lock().holder {
            change(&mut held.note);
            held.since = threads::now();
        }
    }
}

impl<H> Drop for Turn<'_, H> {
    fn drop(&mut self) {
        let woken = self.lane.state.lock().release(self.rests);
        if let Some(waiter) = woken {
            waiter.wake.wake();
        }
    }
}

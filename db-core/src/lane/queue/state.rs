//! The holder and the queue, as they are under the lane's mutex.

use std::collections::VecDeque;
use std::ptr;
use std::sync::Arc;
use std::time::Instant;

use super::super::threads;
use super::WINDOW;
use super::waiter::{Told, Waiter, Wake};

/// Who holds the lane or waits for it, and since when.
#[derive(Clone, Debug)]
pub(crate) struct Held<H> {
    pub(crate) note: H,
    pub(crate) since: Instant,
}

/// The lane at one moment.
#[derive(Debug)]
pub(crate) struct Seen<H> {
    pub(crate) holder: Option<Held<H>>,
    pub(crate) queue: Vec<Held<H>>,
}

pub(crate) struct State<H, J> {
    pub(crate) holder: Option<Held<H>>,
    queue: VecDeque<Place<H, J>>,
    /// When the lane was first free for the present head.
    pub(crate) freed: Option<Instant>,
    pub(super) head: Head,
}

/// A place in the queue.
struct Place<H, J> {
    /// Becomes the holder's.
    note: H,
    since: Instant,
    job: Option<J>,
    waiter: Arc<Waiter>,
}

/// What the head of the queue is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// Asleep until it is woken.
    Asleep,
    /// Woken, or looking by itself every so often.
    Looking,
    /// Awake, and waiting to be granted the turn.
    StandingBy,
}

impl<H, J> State<H, J> {
    pub(super) fn new() -> Self {
        Self { holder: None, queue: VecDeque::new(), freed: None, head: Head::Asleep }
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn may_pass(&self, now: Instant) -> bool {
        self.queue.is_empty() || !self.window_over(now)
    }

    fn window_over(&self, now: Instant) -> bool {
        self.freed.is_some_and(|freed| now.duration_since(freed) >= WINDOW)
    }

    pub(super) fn enqueue(
        &mut self,
        Held { note, since }: Held<H>,
        job: Option<J>,
        wake: impl Wake + 'static,
    ) -> Arc<Waiter> {
        let waiter: Arc<Waiter> = Arc::new(Waiter::new(wake));
        self.queue.push_back(Place { note, since, job, waiter: Arc::clone(&waiter) });
        waiter
    }

    pub(super) fn is_head(&self, waiter: &Waiter) -> bool {
        self.queue.front().is_some_and(|place| place.is_of(waiter))
    }

    /// Who has the lane and who waits for it, first come first.
    pub(super) fn seen(&self) -> Seen<H>
    where
        H: Clone,
    {
        let queue = self.queue.iter();
        let queue = queue.map(|place| Held { note: place.note.clone(), since: place.since });
        Seen { holder: self.holder.clone(), queue: queue.collect() }
    }

    fn new_head(&mut self) {
        self.freed = None;
        self.head = Head::Asleep;
    }

    /// Takes a waiter out of the queue that got no turn.
    pub(super) fn leave(&mut self, waiter: &Waiter) {
        let was_head = self.is_head(waiter);
        self.queue.retain(|place| !place.is_of(waiter));
        if was_head {
            // The next one is a new head: its window begins when the lane is next
            // free. It is not free now, or this one had taken it.
            self.new_head();
        }
    }

    /// Gives the lane to the head of the queue.
    pub(super) fn seat_head(&mut self, now: Instant) -> Option<Arc<Waiter>> {
        let Place { note, waiter, .. } = self.queue.pop_front()?;
        self.holder = Some(Held { note, since: now });
        self.new_head();
        Some(waiter)
    }

    /// Takes the job of the head of the queue, which must have one that is `wanted`, and
    /// lets its note stand for the holder.
    pub(super) fn take_job(
        &mut self,
        wanted: impl FnOnce(&Held<H>, &mut H, Instant) -> bool,
    ) -> Option<(J, Arc<Waiter>, Instant)> {
        let (holder, head) = (self.holder.as_ref()?, self.queue.front_mut()?);
        head.job.as_ref()?;
        let now = threads::now();
        if !wanted(holder, &mut head.note, now) {
            return None;
        }
        let Place { note, job, waiter, .. } = self.queue.pop_front()?;
        self.holder = Some(Held { note, since: now });
        self.new_head();
        waiter.tell(Told::Taken);
        Some((job?, waiter, now))
    }

    /// Ends the holder's turn; returns whom to wake.
    pub(super) fn release(&mut self, rests: bool) -> Option<Arc<Waiter>> {
        self.holder = None;
        let head = Arc::clone(&self.queue.front()?.waiter);
        let now = threads::now();
        let awake = self.head == Head::StandingBy;
        if awake || self.window_over(now) {
            self.seat_head(now);
            head.tell(Told::Turn);
            return (!awake).then_some(head);
        }
        let asleep = self.head == Head::Asleep;
        self.freed.get_or_insert(now);
        self.head = Head::Looking;
        (asleep || rests).then_some(head)
    }
}

impl<H, J> Place<H, J> {
    fn is_of(&self, waiter: &Waiter) -> bool {
        ptr::addr_eq(&raw const *self.waiter, waiter)
    }
}

//! Time in the shop: when customers come, how long a clerk waited for the database, and
//! when to go home.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::book::Order;

/// Customers come in groups of so many at once.
pub const GROUP: usize = 10;
/// How often a group comes. The clerks are faster than that: it lets the show last, and
/// gives everybody outside a time to get in between.
pub const EVERY: Duration = Duration::from_millis(60);

/// The door through which the customers come, in the order of the book.
pub struct Door<'b> {
    orders: &'b [Order],
    opened: Instant,
    next: AtomicUsize,
}

impl<'b> Door<'b> {
    pub fn open(orders: &'b [Order]) -> Self {
        Self { orders, opened: Instant::now(), next: AtomicUsize::new(0) }
    }

    /// The next customer's order, as soon as there is one; `None` after the last.
    pub fn next(&self) -> Option<&'b Order> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let order = self.orders.get(number)?;
        let group = u32::try_from(number / GROUP).unwrap_or(u32::MAX);
        let comes = self.opened + EVERY * group;
        std::thread::sleep(comes.saturating_duration_since(Instant::now()));
        Some(order)
    }

    /// Lets nobody in any more.
    pub fn shut(&self) {
        self.next.store(self.orders.len(), Ordering::Relaxed);
    }

    pub fn elapsed(&self) -> Duration {
        self.opened.elapsed()
    }
}

/// How long a call waited, from the call to the first line of the function's body.
pub struct Turn {
    asked: Instant,
    waited: Cell<Option<Duration>>,
}

impl Turn {
    pub fn ask() -> Self {
        Self { asked: Instant::now(), waited: Cell::new(None) }
    }

    /// For the first line of the body. Of a body that runs again, the last time counts.
    pub fn came(&self) {
        self.waited.set(Some(self.asked.elapsed()));
    }

    /// `None` if the body never ran.
    pub fn waited(&self) -> Option<Duration> {
        self.waited.get()
    }
}

/// Tells those who watch or disturb that the clerks are done.
#[derive(Default)]
pub struct Closing {
    closed: Mutex<bool>,
    told: Condvar,
}

/// Dropped, it closes the shop: so nobody stays behind, whatever went wrong.
#[must_use]
pub struct Open<'c>(&'c Closing);

impl Closing {
    pub fn open(&self) -> Open<'_> {
        Open(self)
    }

    /// Waits for so long, or until the shop closes: whether it is still open.
    pub fn open_for(&self, pause: Duration) -> bool {
        let mut closed = self.closed.lock();
        self.told.wait_while_for(&mut closed, |closed| !*closed, pause);
        !*closed
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        *self.0.closed.lock() = true;
        self.0.told.notify_all();
    }
}

//! The working day: clerks sell, readers watch, somebody outside disturbs, until every
//! order of the book was taken.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::Duration;

use anyhow::Context as _;
use parking_lot::Mutex;

use crate::args::Args;
use crate::book::{Book, Order};
use crate::clock::{Closing, Door, Turn};
use crate::foreign::{self, Held};
use crate::progress::Progress;
use crate::shop::{Low, ShopError};
use crate::till::{Receipts, Till, is_locked};

pub const READERS: usize = 2;
/// How often a reader looks.
const LOOKS: Duration = Duration::from_millis(10);
/// A shelf is filled up to this, or to what the order wants if that is more.
const FULL_SHELF: i64 = 200;

/// What can be seen of the shop while it is open.
#[derive(Default)]
pub struct Floor {
    pub receipts: Arc<Receipts>,
    /// Clerks inside a call that writes.
    pub calling: AtomicUsize,
    pub restocks: AtomicUsize,
    pub lost: AtomicUsize,
    /// The foreign connection has the lock.
    pub locked_outside: AtomicBool,
    pub low: Mutex<Vec<Low>>,
}

/// What the day came to, as those who worked tell it.
#[derive(Debug, Default)]
pub struct Told {
    pub elapsed: Duration,
    pub receipts: Arc<Receipts>,
    /// How often an order was refused for lack of stock.
    pub refused: usize,
    pub restocks: usize,
    /// Orders that were lost to a lock, ...
    pub lost: usize,
    /// ... those of them that the foreign connection held.
    pub lost_outside: usize,
    /// What one of them was lost to.
    pub lost_to: Option<ShopError>,
    /// Of every call that got its turn, shortest first.
    pub waits: Vec<Duration>,
    pub looks: usize,
    /// The most products that were low at once.
    pub low: usize,
    /// Looks at which the units did not add up.
    pub torn: usize,
    pub held: Held,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.refused += other.refused;
        self.restocks += other.restocks;
        self.lost += other.lost;
        self.lost_outside += other.lost_outside;
        self.lost_to = self.lost_to.take().or(other.lost_to);
        self.waits.extend(other.waits);
        self.looks += other.looks;
        self.low = self.low.max(other.low);
        self.torn += other.torn;
    }
}

/// Replays the book. Each thread gets a till of its own from `open`.
pub fn run<T, E>(
    args: &Args,
    book: &Book,
    path: &Path,
    open: impl Fn() -> Result<T, E>,
) -> anyhow::Result<Told>
where
    T: Till,
    E: std::error::Error + Send + Sync + 'static,
{
    let mut tills = Vec::new();
    for _ in 0..args.clerks + READERS {
        tills.push(open().context("can't open a connection for every thread")?);
    }
    let floor = Floor::default();
    let closing = Closing::default();
    let door = Door::open(&book.orders);
    let opening_stock = book.opening_stock();
    std::thread::scope(|scope| {
        let open = closing.open();
        let foreign = spawn(scope, "foreign".into(), || {
            foreign::disturb(path, &closing, &floor.locked_outside)
        })?;
        let mut readers = Vec::new();
        for (n, till) in (1..).zip(tills.drain(..READERS)) {
            let (closing, floor) = (&closing, &floor);
            readers.push(spawn(scope, format!("reader-{n}"), move || {
                watch(&till, opening_stock, closing, floor)
            })?);
        }
        let mut clerks = Vec::new();
        for (n, till) in (1..).zip(tills.drain(..)) {
            let (door, floor) = (&door, &floor);
            clerks.push(spawn(scope, format!("clerk-{n}"), move || work(&till, door, floor))?);
        }

        let progress = Progress::start(book.orders.len());
        while !clerks.iter().all(ScopedJoinHandle::is_finished) {
            progress.show(&floor);
            std::thread::sleep(Duration::from_millis(50));
        }
        let elapsed = door.elapsed();
        drop(open);
        progress.end();

        let mut told = Told { elapsed, receipts: Arc::clone(&floor.receipts), ..Told::default() };
        for worker in clerks.into_iter().chain(readers) {
            told.add(join(worker)?);
        }
        told.held = join(foreign)?;
        told.waits.sort_unstable();
        Ok(told)
    })
}

fn spawn<'scope, 'env, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    name: String,
    work: impl FnOnce() -> T + Send + 'scope,
) -> anyhow::Result<ScopedJoinHandle<'scope, T>> {
    let thread = Builder::new().name(name.clone());
    thread.spawn_scoped(scope, work).with_context(|| format!("can't start the thread {name}"))
}

fn join<T, E>(worker: ScopedJoinHandle<'_, Result<T, E>>) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match worker.join() {
        Ok(result) => Ok(result?),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A clerk: serves customers until no more come. An error that is no lock ends the day.
fn work(till: &impl Till, door: &Door<'_>, floor: &Floor) -> Result<Told, ShopError> {
    let mut told = Told::default();
    while let Some(order) = door.next() {
        match serve(till, order, floor, &mut told) {
            Ok(()) => {}
            Err(error) if is_locked(&error) => {
                let outside = floor.locked_outside.load(Ordering::Relaxed);
                told.lost += 1;
                told.lost_outside += usize::from(outside);
                told.lost_to.get_or_insert(error);
                floor.lost.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                door.shut();
                return Err(error);
            }
        }
    }
    Ok(told)
}

/// Places an order; as often as it is refused, restocks and places it again.
fn serve(till: &impl Till, order: &Order, floor: &Floor, told: &mut Told) -> Result<(), ShopError> {
    loop {
        let placed = call(floor, told, |turn| till.place(order, turn, &floor.receipts));
        let Err(ShopError::Short { product, wanted, .. }) = placed else {
            return placed;
        };
        told.refused += 1;
        let level = wanted.max(FULL_SHELF);
        // Another clerk may have filled the shelf since.
        if call(floor, told, |turn| till.restock(product, level, turn))? > 0 {
            told.restocks += 1;
            floor.restocks.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A call that writes, and how long it waited.
fn call<T>(floor: &Floor, told: &mut Told, write: impl FnOnce(&Turn) -> T) -> T {
    floor.calling.fetch_add(1, Ordering::Relaxed);
    let turn = Turn::ask();
    let result = write(&turn);
    floor.calling.fetch_sub(1, Ordering::Relaxed);
    told.waits.extend(turn.waited());
    result
}

/// A reader: looks for low stock, and whether what it sees adds up.
fn watch(
    till: &impl Till,
    opening_stock: i64,
    closing: &Closing,
    floor: &Floor,
) -> Result<Told, ShopError> {
    let mut told = Told::default();
    while closing.open_for(LOOKS) {
        let shelves = match till.look() {
            Ok(shelves) => shelves,
            Err(error) if is_locked(&error) => continue,
            Err(error) => return Err(error),
        };
        told.looks += 1;
        told.low = told.low.max(shelves.low.len());
        if opening_stock + shelves.restocked != shelves.sold + shelves.in_stock {
            told.torn += 1;
        }
        *floor.low.lock() = shelves.low;
    }
    Ok(told)
}

//! What is going on while the shop is open: a bar on a terminal, else a line a second.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::run::Floor;

pub struct Progress {
    bar: ProgressBar,
    orders: usize,
    started: Instant,
    /// Seconds for which there was a line.
    told: Cell<u64>,
}

impl Progress {
    /// On stderr, so that the table on stdout stays by itself.
    pub fn start(orders: usize) -> Self {
        let bar = ProgressBar::new(orders as u64);
        let style = ProgressStyle::with_template(
            "{pos:>4} of {len} orders  {bar:30.green/dim}  {elapsed}\n  {wide_msg}",
        );
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self { bar, orders, started: Instant::now(), told: Cell::new(0) }
    }

    pub fn show(&self, floor: &Floor) {
        let taken = floor.receipts.orders() + floor.lost.load(Ordering::Relaxed);
        let seconds = self.started.elapsed().as_secs();
        if !self.bar.is_hidden() {
            self.bar.set_position(taken as u64);
            self.bar.set_message(news(floor));
        } else if seconds > self.told.replace(seconds) {
            eprintln!("{seconds:>3} s  {taken:>3} of {} orders  {}", self.orders, news(floor));
        }
    }

    /// Leaves nothing on a terminal.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn news(floor: &Floor) -> String {
    let lost = match floor.lost.load(Ordering::Relaxed) {
        0 => String::new(),
        lost => format!("{lost} lost, "),
    };
    let restocks = floor.restocks.load(Ordering::Relaxed);
    let rest = if floor.locked_outside.load(Ordering::Relaxed) {
        match floor.calling.load(Ordering::Relaxed) {
            0 => "locked from outside".to_owned(),
            1 => "locked from outside: 1 clerk waits".to_owned(),
            clerks => format!("locked from outside: {clerks} clerks wait"),
        }
    } else {
        low(floor)
    };
    format!("{lost}{restocks} restocks, {rest}")
}

fn low(floor: &Floor) -> String {
    let low = floor.low.lock();
    match &low[..] {
        [] => "nothing is low".to_owned(),
        [product] => format!("low: {} ({} left)", product.name, product.in_stock),
        [product, others @ ..] => {
            format!("low: {} ({} left) and {} more", product.name, product.in_stock, others.len())
        }
    }
}

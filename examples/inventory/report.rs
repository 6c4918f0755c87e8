//! The table at the end, and how numbers, money and times are written.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use db_core::Stats;

use crate::args::Args;
use crate::audit::{Audit, Check};
use crate::book::{Book, Totals};
use crate::clock::{EVERY, GROUP};
use crate::run::{READERS, Told};

/// The whole report. `stats` are those of db-core, `None` for a naive run.
pub fn table(
    args: &Args,
    book: &Book,
    audit: &Audit,
    told: &Told,
    stats: Option<Stats>,
    checks: &[Check],
) -> String {
    let paint = Paint::for_stdout();
    let mut text = title(args, book, &paint);
    for row in rows(args, book, audit, told, stats) {
        let Row { name, value, note } = row;
        text += &format!("  {name:<17}{value:>14}   {}\n", paint.dim(&note));
    }
    text += "\nChecks\n";
    for Check { passed, what, found } in checks {
        let verdict = if *passed { paint.green("ok    ") } else { paint.red("FAILED") };
        text += &format!("  {verdict}  {what:<41} {}\n", paint.dim(found));
    }
    if let Some(error) = &told.lost_to {
        // Of a db-core error `{:#}` is the whole text, with what to do.
        text += &format!("\nAn order was lost to this: {error:#}\n");
    }
    // No line ends in spaces.
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn title(args: &Args, book: &Book, paint: &Paint) -> String {
    let title = format!(
        "Northwind: {} from {} to {}",
        plural(book.orders.len(), "order"),
        book.orders.first().map_or("", |order| &order.date),
        book.orders.last().map_or("", |order| &order.date),
    );
    let how = if args.naive { "plain rusqlite, no waiting" } else { "db-core" };
    format!(
        "{}\n{how}; {}, {}; {GROUP} customers every {}\n\n",
        paint.bold(&title),
        plural(args.clerks, "clerk"),
        plural(READERS, "reader"),
        time(EVERY)
    )
}

struct Row {
    name: &'static str,
    value: String,
    note: String,
}

fn row(name: &'static str, value: String, note: impl Into<String>) -> Row {
    let note = note.into();
    Row { name, value, note }
}

fn rows(args: &Args, book: &Book, audit: &Audit, told: &Told, stats: Option<Stats>) -> Vec<Row> {
    let mut rows = work(args, book, audit, told);
    let threads = args.clerks + READERS;
    let (locks, retries, connections) = match stats {
        Some(stats) => (stats.locks_met, stats.retries, stats.connections),
        // A naive clerk who meets a lock loses the order, and tries nothing again.
        None => (told.lost as u64, 0, threads),
    };
    let held = format!(
        "the outsider held it {}, for {}",
        plural(told.held.times, "time"),
        time(told.held.longest)
    );
    let enough = if retries == 0 && told.lost == 0 { "waiting was enough" } else { "" };
    let waits = |percent| time(percentile(&told.waits, percent));
    let calls = format!("{}, until the body runs", plural(told.waits.len(), "call"));
    rows.extend([
        row("locks met", number(locks), held),
        row("retries", number(retries), enough),
        row("wait p50", waits(50), calls),
        row("wait p99", waits(99), ""),
        row("worst wait", waits(100), ""),
        row("connections open", number(connections), format!("for {}", plural(threads, "thread"))),
        row("time", time(told.elapsed), ""),
    ]);
    rows
}

/// What the shop did, beside what the book wants.
fn work(args: &Args, book: &Book, audit: &Audit, told: &Told) -> Vec<Row> {
    let (wanted, done) = (Totals::of(&book.orders), Totals::of(&audit.orders));
    let of = |wanted: String| format!("of {wanted}");
    let lost = if args.naive {
        format!(
            "{} to the outsider, {} to each other",
            number(told.lost_outside),
            number(told.lost - told.lost_outside)
        )
    } else {
        String::new()
    };
    vec![
        row("orders placed", number(done.orders), of(number(wanted.orders))),
        row("orders lost", number(told.lost), lost),
        row("lines", number(done.lines), of(number(wanted.lines))),
        row("units sold", number(done.units), of(number(wanted.units))),
        row("revenue", money(done.cents), of(money(wanted.cents))),
        row(
            "restocks",
            number(audit.restocks),
            format!("after {}", plural(told.refused, "refused order")),
        ),
        row(
            "looks at shelves",
            number(told.looks),
            format!("up to {} low at once", plural(told.low, "product")),
        ),
    ]
}

/// The smallest of the sorted `waits` that `percent` of them don't exceed.
fn percentile(waits: &[Duration], percent: usize) -> Duration {
    let rank = (waits.len() * percent).div_ceil(100);
    let at = rank.saturating_sub(1);
    waits.get(at).copied().unwrap_or_default()
}

/// `51317` is `51,317`.
pub fn number(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 order`, `2 orders`.
pub fn plural(count: usize, thing: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {thing}{s}", number(count))
}

/// `126579` cents are `$1,265.79`.
pub fn money(cents: i64) -> String {
    format!("${}.{:02}", number(cents / 100), cents % 100)
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 0.01 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

/// Colours, where stdout is a terminal that wants them.
struct Paint {
    on: bool,
}

impl Paint {
    fn for_stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self { on: std::io::stdout().is_terminal() && !plain }
    }

    fn paint(&self, code: u8, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint(1, text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint(2, text)
    }

    fn red(&self, text: &str) -> String {
        self.paint(31, text)
    }

    fn green(&self, text: &str) -> String {
        self.paint(32, text)
    }
}

/// Prints on stdout. Whoever reads it may have left: `inventory | head -1`.
pub fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

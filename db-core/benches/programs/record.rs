//! The record as `docs/performance.md` has it: Markdown, between two marks.

use std::fs;
use std::thread::available_parallelism;

use crate::harness::median;

/// The tables, as they grow.
pub struct Record {
    head: String,
    /// Why there is no Python.
    skipped: Option<&'static str>,
    cases: String,
    waits: String,
    load_before: String,
}

impl Record {
    pub fn begin(rounds: u32, python: Result<String, &'static str>) -> Self {
        let cores = available_parallelism().map_or(0, usize::from);
        let sqlite = db_core::rusqlite::version();
        let skipped = python.as_ref().err().copied();
        let python = python.unwrap_or_else(|why| format!("Python {why}"));
        Self {
            head: format!(
                "{rounds} rounds, {cores} cores; rusqlite and db-core with SQLite {sqlite}, {python}"
            ),
            skipped,
            cases: String::new(),
            waits: String::new(),
            load_before: load(),
        }
    }

    /// The samples are those of rusqlite, db-core and Python, in microseconds.
    pub fn case(&mut self, title: &str, samples: Vec<Vec<f64>>) {
        let mut row = format!("| {title} |");
        let base = median(samples[0].clone());
        for (place, samples) in samples.into_iter().enumerate() {
            let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
            let middle = median(samples);
            row += &format!(" {} ({}) |", time(middle), time(least));
            if place > 0 {
                row += &format!(" {} |", ratio(middle / base));
            }
        }
        if let Some(why) = self.skipped {
            row += &format!(" {why} | |");
        }
        self.cases += &format!("{row}\n");
    }

    /// The same of waits, for a lock that `holder` has let go.
    pub fn waits(&mut self, holder: &str, samples: Vec<Vec<f64>>) {
        let mut row = format!("| lock wait, holder uses {holder} |");
        let base = median(samples[0].clone());
        for (place, mut samples) in samples.into_iter().enumerate() {
            samples.sort_by(f64::total_cmp);
            let worst = samples[samples.len() - 1];
            let p90 = samples[(samples.len() * 9 / 10).min(samples.len() - 1)];
            let middle = median(samples);
            row += &format!(" {}, {}, {} |", time(middle), time(p90), time(worst));
            if place > 0 {
                row += &format!(" {} |", ratio(middle / base));
            }
        }
        if let Some(why) = self.skipped {
            row += &format!(" {why} | |");
        }
        self.waits += &format!("{row}\n");
    }

    pub fn print(self) {
        let Self { head, cases, waits, load_before, .. } = self;
        let columns = "rusqlite | db-core | to rusqlite | Python | to rusqlite |";
        let rule = "|---|---|---|---|---|---|";
        println!("<!-- record: begin -->");
        println!("{head}; load {load_before} before, {} after.\n", load());
        println!("Median of the rounds (and the quickest), a call:\n");
        println!("| | {columns}\n{rule}\n{cases}");
        println!("From the moment the lock is let go until the next one has it: median, the wait");
        println!("that one in ten exceeds, and the worst:\n");
        println!("| | {columns}\n{rule}\n{waits}<!-- record: end -->");
    }
}

/// How busy the machine is: the mean number of runnable threads in the last minute.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").ok();
    let newest = load.as_deref().and_then(|text| text.split_whitespace().next());
    newest.unwrap_or("not known").to_owned()
}

/// Three digits, in the unit that suits.
fn time(micros: f64) -> String {
    let (number, unit) = if micros < 1e3 { (micros, "us") } else { (micros / 1e3, "ms") };
    let digits = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.digits$} {unit}")
}

fn ratio(ratio: f64) -> String {
    if ratio < 0.1 { format!("{ratio:.3}") } else { format!("{ratio:.2}") }
}

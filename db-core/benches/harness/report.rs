//! What was asked for on the command line, the slices that this makes, and what is
//! printed: a table, each aim with what came of it, and the ratios as one line of JSON
//! at the end.

use std::env;
use std::process::exit;
use std::time::Duration;

use super::{Measured, Slice};

/// What a ratio should be.
#[derive(Clone, Copy)]
pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

/// How long the slices are that are compared.
#[derive(Clone, Copy)]
pub enum Plan {
    /// Long enough for waits to show. The first contender has one long run as well, of
    /// which only the longest wait counts: in a slice it would be cut off.
    Contended,
    /// Short and many, as nobody waits: so the drift of the disk meets all alike.
    Alone,
}

/// Prints as it goes, and keeps the ratios.
pub struct Report {
    /// One case, if only one was asked for.
    only: Option<String>,
    slices: usize,
    slice: Duration,
    long: Duration,
    short: Duration,
    ratios: Vec<(String, f64)>,
}

impl Report {
    /// Reads the command line: the name of one case, and `--quick` for a first look.
    pub fn new(cases: &[&str]) -> Self {
        let mut report = Self {
            only: None,
            slices: 9,
            slice: Duration::from_secs(1),
            long: Duration::from_secs(5),
            short: Duration::from_millis(100),
            ratios: Vec::new(),
        };
        for word in env::args().skip(1) {
            match &*word {
                "--bench" => {} // from cargo
                "--quick" => {
                    report.slices = 3;
                    report.slice = Duration::from_millis(200);
                    report.long = Duration::from_secs(1);
                    report.short = Duration::from_millis(20);
                }
                case if cases.contains(&case) => report.only = Some(word),
                _ => {
                    println!("not known: {word}; there are --quick, {}", cases.join(", "));
                    exit(2);
                }
            }
        }
        println!(
            "{:<10} {:<22} {:>8} {:>12} {:>12} {:>12} {:>6} {:>7}",
            "case", "", "/s", "p99.9 wait", "worst wait", "median hold", "Jain", "starved"
        );
        report
    }

    pub fn wants(&self, case: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == case)
    }

    /// Runs slices of the contenders in turn; each is the first of a round as often as
    /// the last.
    pub fn measure<const N: usize>(
        &self,
        case: &str,
        contenders: [&str; N],
        plan: Plan,
        mut run: impl FnMut(usize, Duration) -> Slice,
    ) -> [Measured; N] {
        let mut all: [Measured; N] = std::array::from_fn(|_| Measured::default());
        let (slices, slice) = match plan {
            Plan::Alone => (self.slices * 7, self.short),
            Plan::Contended => (self.slices, self.slice),
        };
        for round in 0..slices {
            for place in 0..N {
                let contender = (round + place) % N;
                all[contender].add(&run(contender, slice));
            }
        }
        if matches!(plan, Plan::Contended) {
            all[0].add_long(&run(0, self.long));
        }
        for (contender, measured) in contenders.iter().zip(&all) {
            println!(
                "{case:<10} {contender:<22} {:>8.0} {:>9.2} ms {:>9.2} ms {:>9.3} ms {:>6.3} {:>7}",
                measured.rate(),
                measured.p999() * 1e3,
                measured.worst() * 1e3,
                measured.hold() * 1e3,
                measured.jain(),
                measured.starved(),
            );
        }
        all
    }

    /// Something aimed at: `what` describes the ratio, `key` is its name in the JSON.
    pub fn aim(&mut self, case: &str, key: &str, what: &str, ratio: f64, limit: Limit) {
        let (reached, bound, limit) = match limit {
            Limit::AtLeast(limit) => (ratio >= limit, "at least", limit),
            Limit::AtMost(limit) => (ratio <= limit, "at most", limit),
        };
        let verdict = if reached { "reached" } else { "MISSED" };
        println!("{case:<10} {what:<46} {ratio:>10.4}   {bound} {limit:<6} {verdict}");
        self.ratios.push((format!("{case}.{key}"), ratio));
    }

    /// Something to be known, of which nothing was asked.
    pub fn say(&self, case: &str, what: &str, ratio: f64) {
        println!("{case:<10} {what:<46} {ratio:>10.4}");
    }

    /// Ends with the line for programs.
    pub fn end(self) {
        // JSON has no infinity, which a ratio to nothing would be.
        let number = |ratio: f64| match ratio.is_finite() {
            true => format!("{ratio:.5}"),
            false => "null".to_owned(),
        };
        let ratios = self.ratios.iter();
        let ratios: Vec<_> =
            ratios.map(|(name, ratio)| format!("\"{name}\":{}", number(*ratio))).collect();
        println!("{{{}}}", ratios.join(","));
    }
}

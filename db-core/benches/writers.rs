//! Many threads that write: `#[writer]`, and `#[writer(group)]`, against a connection for
//! each thread, and against one connection behind a mutex.
//!
//! `cargo bench -p db-core --bench writers [-- [--quick] [CASE]]`; slices of one second
//! a contender alternate (of one thread: many short ones), and medians are compared. The last line is JSON.

#![allow(missing_docs)]

mod harness;

use harness::Limit::{AtLeast, AtMost};
use harness::{
    Behind, Contender, Folder, Measured, Mode, OurWriter, Ours, Own, Plan, Report, make_file, slice,
};

type Case = fn(&mut Report, &str);

const CASES: [(&str, Case); 8] = [
    ("shared-32", shared_32),
    ("shared-8", |report, case| eight(report, case, Mode::Shared)),
    ("full-32", full_32),
    ("full-8", |report, case| eight(report, case, Mode::Full)),
    ("normal-32", normal_32),
    ("normal-1", |report, case| one_thread(report, case, Mode::Normal)),
    ("full-1", |report, case| one_thread(report, case, Mode::Full)),
    ("shared-1", |report, case| one_thread(report, case, Mode::Shared)),
];

fn main() {
    let mut report = Report::new(&CASES.map(|(name, _)| name));
    for (name, case) in CASES {
        if report.wants(name) {
            case(&mut report, name);
        }
    }
    report.end();
}

/// The five of a case with many threads.
struct Contended {
    a: Measured,
    b: Measured,
    c: Measured,
    d: Measured,
    e: Measured,
}

const OF_BETTER: &str = "of the better of (a) and (b)";

fn shared_32(report: &mut Report, case: &str) {
    let all = contended(report, case, Mode::Shared, 32);
    let Contended { a, c, .. } = &all;
    let what = format!("(c) throughput, {OF_BETTER}");
    report.aim(case, "throughput", &what, c.rate() / all.better(), AtLeast(5.0));
    report.aim(case, "p999", "(c) p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.01));
    report.aim(case, "jain", "(c) Jain", c.jain(), AtLeast(0.98));
    grouped(report, case, &all, 8.0);
}

fn eight(report: &mut Report, case: &str, mode: Mode) {
    let all = contended(report, case, mode, 8);
    if mode == Mode::Shared {
        let what = format!("(c) throughput, {OF_BETTER}");
        report.aim(case, "throughput", &what, all.c.rate() / all.better(), AtLeast(2.5));
    }
    grouped(report, case, &all, 3.0);
}

fn full_32(report: &mut Report, case: &str) {
    let all = contended(report, case, Mode::Full, 32);
    let Contended { b, c, .. } = &all;
    report.aim(case, "throughput", "(c) throughput, of (b)", c.rate() / b.rate(), AtLeast(1.0));
    report.aim(case, "jain", "(c) Jain", c.jain(), AtLeast(0.98));
    let what = "(c) p99.9 wait, of threads x median hold";
    report.aim(case, "p999", what, c.p999() / (32.0 * c.hold()), AtMost(4.0));
    grouped(report, case, &all, 8.0);
}

/// What group commit is to reach where each commit goes to the disk.
fn grouped(report: &mut Report, case: &str, all: &Contended, times: f64) {
    let Contended { a, d, .. } = all;
    let what = format!("(d) throughput, {OF_BETTER}");
    report.aim(case, "grouped", &what, d.rate() / all.better(), AtLeast(times));
    let what = "(d) p99.9 wait, of (a)'s worst";
    report.aim(case, "grouped.p999", what, d.p999() / a.worst(), AtMost(0.01));
    report.say(case, "(d) throughput, of (e)", d.rate() / all.e.rate());
}

fn normal_32(report: &mut Report, case: &str) {
    let all = contended(report, case, Mode::Normal, 32);
    let Contended { b, c, d, .. } = &all;
    report.aim(case, "throughput", "(c) throughput, of (b)", c.rate() / b.rate(), AtLeast(0.9));
    report.aim(case, "p999", "(c) p99.9 wait, of (b)'s", c.p999() / b.p999(), AtMost(1.0));
    let best = all.better().max(c.rate());
    let what = "(d) throughput, of the best of (a), (b), (c)";
    report.aim(case, "grouped", what, d.rate() / best, AtLeast(1.1));
    let what = "(d) p99.9 wait, of (b)'s";
    report.aim(case, "grouped.p999", what, d.p999() / b.p999(), AtMost(1.0));
    report.say(case, "(d) throughput, of (e)", d.rate() / all.e.rate());
}

fn one_thread(report: &mut Report, case: &str, mode: Mode) {
    let folder = Folder::new();
    let [b, c, d] = ["b.db", "c.db", "d.db"].map(|name| made(&folder, name));
    let b = Behind::open(&b, mode);
    let c = Ours::open(&c, mode, OurWriter::Once);
    let d = Ours::open(&d, mode, OurWriter::Grouped);
    let [b, c, d] = threads(report, case, 1, Plan::Alone, [&b, &c, &d]);
    report.aim(case, "time", "(c) time, of (b)'s", b.rate() / c.rate(), AtMost(1.05));
    report.aim(case, "grouped.time", "(d) time, of (b)'s", b.rate() / d.rate(), AtMost(1.05));
}

/// All five with many threads.
fn contended(report: &Report, case: &str, mode: Mode, workers: usize) -> Contended {
    let folder = Folder::new();
    let [a, b, c, d, e] = ["a.db", "b.db", "c.db", "d.db", "e.db"].map(|name| made(&folder, name));
    let (a, b) = (Own::open(&a, mode, workers), Behind::open(&b, mode));
    let c = Ours::open(&c, mode, OurWriter::Once);
    let d = Ours::open(&d, mode, OurWriter::Grouped);
    let e = Ours::open(&e, mode, OurWriter::Idempotent);
    let [a, b, c, d, e] = threads(report, case, workers, Plan::Contended, [&a, &b, &c, &d, &e]);
    Contended { a, b, c, d, e }
}

impl Contended {
    /// The rate of the better of (a) and (b).
    fn better(&self) -> f64 {
        self.a.rate().max(self.b.rate())
    }
}

fn made(folder: &Folder, name: &str) -> std::path::PathBuf {
    let path = folder.file(name);
    make_file(&path);
    path
}

fn threads<const N: usize>(
    report: &Report,
    case: &str,
    workers: usize,
    plan: Plan,
    contenders: [&dyn Contender; N],
) -> [Measured; N] {
    report.measure(case, contenders.map(Contender::name), plan, |contender, length| {
        slice(workers, length, |worker, n| contenders[contender].once(worker, n))
    })
}

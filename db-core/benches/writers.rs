//! Many threads that write: `#[writer]` against a connection for each thread, and
//! against one connection behind a mutex.
//!
//! `cargo bench -p db-core --bench writers [-- [--quick] [CASE]]`; slices of one second
//! a contender alternate (of one thread: many short ones), and medians are compared. The last line is JSON.

#![allow(missing_docs)]

mod harness;

use harness::Limit::{AtLeast, AtMost};
use harness::{
    Behind, Contender, Folder, Measured, Mode, Ours, Own, Plan, Report, make_file, slice,
};

type Case = fn(&mut Report, &str);

const CASES: [(&str, Case); 7] = [
    ("shared-32", shared_32),
    ("shared-8", shared_8),
    ("full-32", full_32),
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

fn shared_32(report: &mut Report, case: &str) {
    let [a, b, c] = contended(report, case, Mode::Shared, 32);
    let better = a.rate().max(b.rate());
    let what = "throughput, of the better of (a) and (b)";
    report.aim(case, "throughput", what, c.rate() / better, AtLeast(5.0));
    report.aim(case, "p999", "p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.01));
    report.aim(case, "jain", "Jain", c.jain(), AtLeast(0.98));
}

fn shared_8(report: &mut Report, case: &str) {
    let [a, b, c] = contended(report, case, Mode::Shared, 8);
    let better = a.rate().max(b.rate());
    let what = "throughput, of the better of (a) and (b)";
    report.aim(case, "throughput", what, c.rate() / better, AtLeast(2.5));
}

fn full_32(report: &mut Report, case: &str) {
    let [_a, b, c] = contended(report, case, Mode::Full, 32);
    report.aim(case, "throughput", "throughput, of (b)", c.rate() / b.rate(), AtLeast(1.0));
    report.aim(case, "jain", "Jain", c.jain(), AtLeast(0.98));
    let what = "p99.9 wait, of threads x median hold";
    report.aim(case, "p999", what, c.p999() / (32.0 * c.hold()), AtMost(4.0));
}

fn normal_32(report: &mut Report, case: &str) {
    let [_a, b, c] = contended(report, case, Mode::Normal, 32);
    report.aim(case, "throughput", "throughput, of (b)", c.rate() / b.rate(), AtLeast(0.9));
    report.aim(case, "p999", "p99.9 wait, of (b)'s", c.p999() / b.p999(), AtMost(1.0));
}

fn one_thread(report: &mut Report, case: &str, mode: Mode) {
    let folder = Folder::new();
    let [b, c] = ["b.db", "c.db"].map(|name| made(&folder, name));
    let (b, c) = (Behind::open(&b, mode), Ours::open(&c, mode));
    let [b, c] = threads(report, case, 1, Plan::Alone, [&b, &c]);
    report.aim(case, "time", "time, of (b)'s", b.rate() / c.rate(), AtMost(1.05));
}

/// (a), (b) and (c) with many threads.
fn contended(report: &Report, case: &str, mode: Mode, workers: usize) -> [Measured; 3] {
    let folder = Folder::new();
    let [a, b, c] = ["a.db", "b.db", "c.db"].map(|name| made(&folder, name));
    let (b, c) = (Behind::open(&b, mode), Ours::open(&c, mode));
    threads(report, case, workers, Plan::Contended, [&Own::open(&a, mode, workers), &b, &c])
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

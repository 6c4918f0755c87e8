//! Eight processes that write, of one thread each: `#[writer]` against a plain
//! connection in each.
//!
//! `cargo bench -p db-core --bench processes [-- [--quick] [CASE]]`; slices of one
//! second a contender alternate, and medians are compared. The last line is JSON.

#![allow(missing_docs)]

mod harness;

use harness::Limit::{AtLeast, AtMost};
use harness::{
    Contender, Crew, Folder, Measured, Member, Mode, Ours, Own, Plan, Report, make_file,
};

const PROCESSES: usize = 8;

type Case = fn(&mut Report, &str);

const CASES: [(&str, Case); 2] = [("shared-8", shared), ("normal-8", normal)];

fn main() {
    if let Some(member) = Member::here() {
        return work_as(&member);
    }
    let mut report = Report::new(&CASES.map(|(name, _)| name));
    for (name, case) in CASES {
        if report.wants(name) {
            case(&mut report, name);
        }
    }
    report.end();
}

fn work_as(Member { contender, mode, path }: &Member) {
    match &**contender {
        "own" => {
            let own = Own::open(path, *mode, 1);
            Member::serve(|n| own.once(0, n));
        }
        _ => {
            let ours = Ours::open(path, *mode);
            Member::serve(|n| ours.once(0, n));
        }
    }
}

fn shared(report: &mut Report, case: &str) {
    let [a, c] = contended(report, case, Mode::Shared);
    report.aim(case, "throughput", "throughput, of (a)", c.rate() / a.rate(), AtLeast(1.6));
    report.aim(case, "jain", "Jain", c.jain(), AtLeast(0.97));
    let starved = c.starved() as f64;
    report.aim(case, "starved", "processes without a turn in a slice", starved, AtMost(0.0));
    report.aim(case, "p999", "p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.02));
}

fn normal(report: &mut Report, case: &str) {
    let [a, c] = contended(report, case, Mode::Normal);
    report.aim(case, "throughput", "throughput, of (a)", c.rate() / a.rate(), AtLeast(0.7));
    report.aim(case, "jain", "Jain", c.jain(), AtLeast(0.97));
    report.aim(case, "p999", "p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.1));
}

/// (a) and (c), each with a file and processes of its own.
fn contended(report: &Report, case: &str, mode: Mode) -> [Measured; 2] {
    let folder = Folder::new();
    let mut crews = ["own", "ours"].map(|contender| {
        let path = folder.file(&format!("{contender}.db"));
        make_file(&path);
        Crew::start(PROCESSES, contender, mode, &path)
    });
    let names = ["(a) a connection each", "(c) #[writer]"];
    report.measure(case, names, Plan::Contended, |contender, length| crews[contender].slice(length))
}

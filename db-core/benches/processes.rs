//! Eight processes that write, of one thread each and of four: `#[writer]`, and
//! `#[writer(group)]`, against plain connections.
//!
//! `cargo bench -p db-core --bench processes [-- [--quick] [CASE]]`; slices of one
//! second a contender alternate, and medians are compared. The last line is JSON.

#![allow(missing_docs)]

mod harness;

use harness::Limit::{AtLeast, AtMost};
use harness::{
    Contender, Crew, Folder, Measured, Member, Mode, OurWriter, Ours, Own, Plan, Report, make_file,
};

const PROCESSES: usize = 8;

type Case = fn(&mut Report, &str);

const CASES: [(&str, Case); 3] =
    [("shared-8", shared), ("normal-8", normal), ("shared-8x4", shared_by_four)];

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

const OWN: &str = "own";

fn work_as(member: &Member) {
    let Member { contender, mode, path, threads } = member;
    match OurWriter::named(contender) {
        None => {
            let own = Own::open(path, *mode, *threads);
            member.serve(|thread, n| own.once(thread, n));
        }
        Some(writer) => {
            let ours = Ours::open(path, *mode, writer);
            member.serve(|thread, n| ours.once(thread, n));
        }
    }
}

fn shared(report: &mut Report, case: &str) {
    let [a, c] = contended(report, case, Mode::Shared, 1, [OurWriter::Once]);
    report.aim(case, "throughput", "(c) throughput, of (a)", c.rate() / a.rate(), AtLeast(1.6));
    report.aim(case, "jain", "(c) Jain", c.jain(), AtLeast(0.97));
    let starved = c.starved() as f64;
    report.aim(case, "starved", "(c) processes without a turn in a slice", starved, AtMost(0.0));
    report.aim(case, "p999", "(c) p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.02));
}

fn normal(report: &mut Report, case: &str) {
    let [a, c] = contended(report, case, Mode::Normal, 1, [OurWriter::Once]);
    report.aim(case, "throughput", "(c) throughput, of (a)", c.rate() / a.rate(), AtLeast(0.7));
    report.aim(case, "jain", "(c) Jain", c.jain(), AtLeast(0.97));
    report.aim(case, "p999", "(c) p99.9 wait, of (a)'s worst", c.p999() / a.worst(), AtMost(0.1));
}

/// Jain's index is of all threads.
fn shared_by_four(report: &mut Report, case: &str) {
    let ours = [OurWriter::Grouped, OurWriter::Idempotent];
    let [a, d, e] = contended(report, case, Mode::Shared, 4, ours);
    report.aim(case, "grouped", "(d) throughput, of (a)", d.rate() / a.rate(), AtLeast(3.0));
    report.aim(case, "grouped.jain", "(d) Jain", d.jain(), AtLeast(0.95));
    report.say(case, "(d) throughput, of (e)", d.rate() / e.rate());
}

/// (a) and ours, each with a file and processes of its own.
fn contended<const OURS: usize, const ALL: usize>(
    report: &Report,
    case: &str,
    mode: Mode,
    threads: usize,
    ours: [OurWriter; OURS],
) -> [Measured; ALL] {
    let folder = Folder::new();
    let start = |word| {
        let path = folder.file(&format!("{word}.db"));
        make_file(&path);
        Crew::start(PROCESSES, threads, word, mode, &path)
    };
    let mut crews: Vec<_> =
        std::iter::once(OWN).chain(ours.map(OurWriter::word)).map(start).collect();
    let mut names = ["(a) a connection each"; ALL];
    names.iter_mut().skip(1).zip(ours).for_each(|(name, writer)| *name = writer.name());
    report.measure(case, names, Plan::Contended, |contender, length| crews[contender].slice(length))
}

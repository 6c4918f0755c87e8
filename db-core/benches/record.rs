//! The performance record (`docs/performance.md`): db-core, hand-written rusqlite and
//! Python's sqlite3 do the same, in one run, in samples that alternate.
//!
//! `cargo bench -p db-core --bench record [-- [--rounds N] [--small]]` prints the record as
//! it stands in the document.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

mod harness;
mod programs;

use harness::Folder;
use programs::{Case, Files, Holder, Holding, Ours, Plain, Plan, Program, Python, Record};

fn main() {
    if Holder::serve() {
        return;
    }
    let plan = Plan::from_command_line();
    let folder = Folder::new();
    let by_hand = Files::make(&folder, "rusqlite");
    let lock = by_hand.lock.clone();
    let ours = Ours::new(Files::make(&folder, "db-core"));
    // In the order of the record's columns.
    let mut programs: Vec<Box<dyn Program>> = vec![Box::new(Plain::new(by_hand)), Box::new(ours)];
    let python = Python::start().map(|(mut python, versions)| {
        python.use_files(&Files::make(&folder, "python"));
        programs.push(Box::new(python));
        versions
    });
    let settings: Vec<_> = programs.iter_mut().map(|program| program.settings()).collect();
    assert!(settings.windows(2).all(|two| two[0] == two[1]), "they differ: {settings:?}");

    let mut record = Record::begin(plan.rounds, python);
    for case in Case::ALL {
        eprintln!("{}", case.title());
        record.case(case.title(), plan.time(case, &mut programs));
    }
    for holding in Holding::BOTH {
        eprintln!("lock wait, holder uses {}", holding.title());
        let holder = Holder::start(holding, &lock);
        record.waits(holding.title(), plan.wait(holder, &mut programs));
    }
    record.print();
}

//! A run, from the empty file to what is found in the end.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use db_core::Synchronous;
use tempfile::TempDir;

use super::check::{check, check_time};
use super::clock::Clock;
use super::content::Content;
use super::crew::{Crew, PROCESSES};
use super::operation::{End, Kind};
use super::record::{Notes, Record, Told};
use super::worker::{DATABASE, THREADS, work};
use super::{duration, open, seed};

/// In a process that is alone.
const MANY_THREADS: usize = 8;

pub(crate) struct Run {
    mode: Synchronous,
    clock: Clock,
    folder: TempDir,
}

/// A process that was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone {
    pub(crate) number: usize,
    pub(crate) killed: bool,
}

pub(crate) fn threads(mode: Synchronous) {
    let run = Run::begin(mode);
    let db = open(&run.database(), mode).unwrap();
    let notes = Notes::create(&run.notes(0));
    work(&db, MANY_THREADS, 0, seed(), &notes, || thread::sleep(duration()));
    db.close().unwrap();
    run.end(&format!("{MANY_THREADS} threads"), &[Gone { number: 0, killed: false }]);
}

pub(crate) fn processes(mode: Synchronous) {
    let run = Run::begin(mode);
    let gone = Crew::start(&run, mode).work_and_be_killed();
    run.end(&format!("{PROCESSES} processes of {THREADS} threads"), &gone);
}

impl Run {
    fn begin(mode: Synchronous) -> Self {
        let run = Self { mode, clock: Clock::start(), folder: tempfile::tempdir().unwrap() };
        open(&run.database(), mode).unwrap();
        run
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    /// What the process of that number writes down.
    pub(crate) fn notes(&self, number: usize) -> PathBuf {
        self.folder.path().join(number.to_string())
    }

    fn end(self, who: &str, gone: &[Gone]) {
        let (began, clock_was_set) = (Instant::now(), self.clock.was_set());
        let mut record = Record::default();
        let mut killed_at_work = 0;
        for &Gone { number, killed } in gone {
            let (calls, open) = record.read(&self.notes(number));
            let most = if killed { THREADS } else { 0 };
            if open > most {
                record.errors.push(format!("process {number}: {open} calls never returned"));
            }
            killed_at_work += usize::from(killed && calls > open);
        }
        let content = Content::read(&self.database());
        let mut wrong = check(&record.calls, &content);
        if clock_was_set {
            println!("the clock was set: what it says of order is left out");
        } else {
            wrong.extend(check_time(&record.calls, &content));
        }
        let count = Count::of(&record, &content);
        println!(
            "{:?}, {who}, seed {}: {}; {killed_at_work} killed at work; checked in {:.1} s",
            self.mode,
            seed(),
            count.text(&record),
            began.elapsed().as_secs_f64(),
        );
        let first = &wrong[..wrong.len().min(20)];
        assert!(first.is_empty(), "{} are wrong: {first:#?}", wrong.len());
        assert_eq!(record.errors, [""; 0]);
        count.is_worth_it();
        assert!(record.shared > 0, "no call shared the transaction of another");
        assert!(killed_at_work > 0 || gone.len() == 1, "nobody was killed at work");
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if thread::panicking() {
            self.folder.disable_cleanup(true);
            println!("see {}", self.folder.path().display());
        }
    }
}

fn list<'n>(counts: impl IntoIterator<Item = (&'n String, impl std::fmt::Display)>) -> String {
    let counts = counts.into_iter().map(|(name, n)| format!("{n} {name}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// How often there was what.
struct Count {
    /// By what was called, and what it was to come to.
    calls: BTreeMap<(String, String), usize>,
    /// By what a writer inside of a kept one came to.
    inside: BTreeMap<String, usize>,
    cut_short: usize,
    cut_short_and_kept: usize,
}

impl Count {
    fn of(record: &Record, content: &Content) -> Self {
        let there: HashSet<i64> = content.history.iter().map(|row| row.id).collect();
        let mut count = Self {
            calls: BTreeMap::new(),
            inside: BTreeMap::new(),
            cut_short: 0,
            cut_short_and_kept: 0,
        };
        for call in &record.calls {
            let Some((_, told)) = &call.returned else {
                count.cut_short += 1;
                count.cut_short_and_kept += usize::from(there.contains(&call.id));
                continue;
            };
            let words: Vec<&str> = call.what.split('/').collect();
            let end = if matches!(told, Told::Wrote(_)) { words.get(1).unwrap_or(&"") } else { "" };
            *count.calls.entry((words[0].to_owned(), (*end).to_owned())).or_default() += 1;
            if call.parts > 0 {
                *count.inside.entry(words[2].to_owned()).or_default() += 1;
            }
        }
        count
    }

    fn text(&self, record: &Record) -> String {
        let (mut kinds, mut ends) = (BTreeMap::new(), BTreeMap::new());
        for ((kind, end), n) in &self.calls {
            *kinds.entry(kind).or_insert(0) += n;
            if !end.is_empty() {
                *ends.entry(end).or_insert(0) += n;
            }
        }
        format!(
            "{} calls: {}; writers: {}; inside of kept ones: {}; \
             {} shared the transaction of another; {} cut short, {} of them kept",
            record.calls.len(),
            list(kinds),
            list(ends),
            list(&self.inside),
            record.shared,
            self.cut_short,
            self.cut_short_and_kept,
        )
    }

    fn is_worth_it(&self) {
        let there = |kind: &str, end: &str| {
            self.calls.keys().any(|(k, e)| (k == kind || kind.is_empty()) && e == end)
        };
        for kind in [Kind::Once, Kind::Again, Kind::Grouped] {
            assert!(there(&format!("{kind:?}"), "Kept"), "{kind:?} was never kept");
        }
        for end in End::FAILURES {
            assert!(there("Grouped", &format!("{end:?}")), "no grouped one was {end:?}");
        }
        assert!(there("", "Lost"), "none was ended from inside");
        for reader in ["bank", "glance", "lists"] {
            assert!(there(reader, ""), "{reader} was never called");
        }
        for end in [End::Kept, End::Failed] {
            assert!(self.inside.contains_key(&format!("{end:?}")), "none inside was {end:?}");
        }
    }
}

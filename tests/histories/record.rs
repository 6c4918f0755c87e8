//! What a worker writes down: each call before it is made, and what it was told when it
//! was. A line is one `write`, which survives the process that made it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, read_to_string};
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use super::clock::now;
use super::lists::List;
use super::operation::Outcome;
use super::{bank, lists};

/// A call as it was written down.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: i64,
    /// What it is, in words, for who counts.
    pub(crate) what: String,
    /// How many writers it leaves in the history if it is kept: none if it is to fail.
    pub(crate) parts: usize,
    pub(crate) called: u64,
    /// When it returned and what it said; `None` if its process was killed before it
    /// could write that down.
    pub(crate) returned: Option<(u64, Told)>,
}

/// What a call was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Wrote(Outcome),
    Bank(bank::Seen),
    Lists(lists::Seen),
}

/// The file of one process.
pub(crate) struct Notes(File);

impl Notes {
    pub(crate) fn create(path: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(path).unwrap())
    }

    /// To be said before the call.
    pub(crate) fn called(&self, id: i64, parts: usize, what: &str) {
        self.say(&format!("call {id} {} {parts} {what}", now()));
    }

    /// To be said at once after it.
    pub(crate) fn returned(&self, id: i64, told: &Told) {
        let now = now();
        let told = match told {
            Told::Wrote(Outcome::Kept(positions)) => format!("kept{}", words(positions)),
            Told::Wrote(Outcome::Failed) => "failed".to_owned(),
            Told::Wrote(Outcome::Panicked) => "panicked".to_owned(),
            Told::Wrote(Outcome::Odd(how)) => format!("odd {}", how.replace('\n', " ")),
            Told::Bank(bank::Seen { position, transfers, total, weighed }) => {
                format!("bank {position} {transfers} {total} {weighed}")
            }
            Told::Lists(lists::Seen { position, lists }) => {
                let lists: Vec<_> = lists.iter().flat_map(|l| [l.list, l.length, l.sum]).collect();
                format!("lists {position}{}", words(&lists))
            }
        };
        self.say(&format!("told {id} {now} {told}"));
    }

    /// How many calls have shared the transaction of another one, up to now.
    pub(crate) fn shared(&self, calls: u64) {
        self.say(&format!("shared {calls}"));
    }

    /// It could not begin.
    pub(crate) fn failed(&self, error: &db_core::Error) {
        self.say(&format!("error {}", error.to_string().replace('\n', " ")));
    }

    fn say(&self, line: &str) {
        (&self.0).write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

fn words(numbers: &[i64]) -> String {
    numbers.iter().map(|number| format!(" {number}")).collect()
}

/// What processes have written down.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) calls: Vec<Call>,
    pub(crate) shared: u64,
    pub(crate) errors: Vec<String>,
}

impl Record {
    /// Adds what one process has written down. Returns how many calls it has made, and
    /// how many of them have not returned.
    pub(crate) fn read(&mut self, path: &Path) -> (usize, usize) {
        // It may have been killed before it made the file.
        let text = read_to_string(path).unwrap_or_default();
        let before = self.calls.len();
        let (mut open, mut shared) = (HashMap::new(), 0);
        for line in text.split_inclusive('\n') {
            // Half a line was not said.
            let Some(line) = line.strip_suffix('\n') else { continue };
            let (what, rest) = line.split_once(' ').expect(line);
            match what {
                "call" => {
                    let [id, called, parts, what] = fields(rest);
                    let (id, what) = (number(id), what.to_owned());
                    open.insert(id, self.calls.len());
                    let (called, parts) = (number(called), number(parts));
                    self.calls.push(Call { id, what, parts, called, returned: None });
                }
                "told" => {
                    let [id, time, told] = fields(rest);
                    let call = open.remove(&number(id)).expect(line);
                    self.calls[call].returned = Some((number(time), told_by(told)));
                }
                "shared" => shared = shared.max(number(rest)),
                _ => self.errors.push(line.to_owned()),
            }
        }
        self.shared += shared;
        (self.calls.len() - before, open.len())
    }
}

fn told_by(told: &str) -> Told {
    let (what, rest) = told.split_once(' ').unwrap_or((told, ""));
    let wrote = match what {
        "kept" => Outcome::Kept(numbers(rest)),
        "failed" => Outcome::Failed,
        "panicked" => Outcome::Panicked,
        "odd" => Outcome::Odd(rest.to_owned()),
        "bank" => {
            let [position, transfers, total, weighed] = numbers(rest)[..] else { panic!("{told}") };
            return Told::Bank(bank::Seen { position, transfers, total, weighed });
        }
        "lists" => {
            let [position, lists @ ..] = &numbers(rest)[..] else { panic!("{told}") };
            let list = |of: &[i64]| List { list: of[0], length: of[1], sum: of[2] };
            let lists = lists.chunks_exact(3).map(list).collect();
            return Told::Lists(lists::Seen { position: *position, lists });
        }
        _ => panic!("{told}"),
    };
    Told::Wrote(wrote)
}

fn fields<const N: usize>(line: &str) -> [&str; N] {
    let fields: Vec<_> = line.splitn(N, ' ').collect();
    fields.try_into().expect(line)
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

fn numbers(text: &str) -> Vec<i64> {
    text.split_whitespace().map(number).collect()
}

#[test]
fn what_is_written_down_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1");
    let notes = Notes::create(&path);
    let list = |list| List { list, length: 2, sum: -7 };
    let told = [
        Told::Wrote(Outcome::Kept(vec![3, 2])),
        Told::Wrote(Outcome::Failed),
        Told::Wrote(Outcome::Panicked),
        Told::Wrote(Outcome::Odd("in two\nlines".to_owned())),
        Told::Bank(bank::Seen { position: 1, transfers: 2, total: 3, weighed: 4 }),
        Told::Lists(lists::Seen { position: 0, lists: vec![] }),
        Told::Lists(lists::Seen { position: 9, lists: vec![list(4), list(5)] }),
    ];
    for (id, told) in told.iter().enumerate() {
        notes.called(id as i64, id, "a call");
        notes.returned(id as i64, told);
    }
    notes.called(7, 0, "cut short");
    notes.shared(5);
    notes.shared(6);
    write!(&notes.0, "told 7 12").unwrap();

    let mut record = Record::default();
    assert_eq!(record.read(&path), (8, 1));
    assert_eq!((record.shared, record.errors.len()), (6, 0));
    for (id, told) in told.into_iter().enumerate() {
        let call = &record.calls[id];
        assert_eq!((call.id, call.parts, call.what.as_str()), (id as i64, id, "a call"));
        let (time, read) = call.returned.clone().unwrap();
        let told = match told {
            Told::Wrote(Outcome::Odd(_)) => Told::Wrote(Outcome::Odd("in two lines".to_owned())),
            told => told,
        };
        assert!(call.called <= time && read == told, "{call:?}");
    }
    assert!(record.calls[7].returned.is_none());
}

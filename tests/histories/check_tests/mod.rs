//! The check finds each thing that must not be, in histories that are good but for that
//! one, and nothing in good ones.

mod readers;
mod time;
mod writers;

use super::bank;
use super::check::{Wrong, check, check_time};
use super::content::{Content, Entry, Place, Transfer};
use super::lists::{self, List, sum};
use super::operation::{DEPTH_BITS, Outcome};
use super::record::{Call, Told};

/// A history that is good: one call after another, each of which did what it was told.
struct Story {
    calls: Vec<Call>,
    content: Content,
    now: u64,
}

const LIST: i64 = 4;

impl Story {
    fn new() -> Self {
        let balances = vec![bank::OPENING; bank::ACCOUNTS as usize];
        Self { calls: Vec::new(), content: Content { balances, ..Content::default() }, now: 0 }
    }

    /// A call of everything: an append, a transfer that has an append inside of it, a
    /// failure and a panic, and readers of both kinds at first and in the end.
    fn of_everything() -> Self {
        let mut story = Self::new();
        story.look();
        for _ in 0..3 {
            story.append();
            story.transfer_and_append();
            story.call(1, Some(Told::Wrote(Outcome::Failed)));
            story.call(0, Some(Told::Wrote(Outcome::Panicked)));
            story.look();
        }
        story
    }

    fn call(&mut self, parts: usize, told: Option<Told>) -> i64 {
        let id = (self.calls.len() as i64 + 1) << DEPTH_BITS;
        let what = String::new();
        let returned = told.map(|told| (self.now + 5, told));
        self.calls.push(Call { id, what, parts, called: self.now, returned });
        self.now += 10;
        id
    }

    fn next_id(&self) -> i64 {
        (self.calls.len() as i64 + 1) << DEPTH_BITS
    }

    fn place(&mut self, id: i64, inner: bool) -> i64 {
        let position = self.content.history.len() as i64 + 1;
        self.content.history.push(Place { position, id, inner });
        position
    }

    fn entry(&mut self, id: i64) -> i64 {
        let position = self.content.entries.len() as i64 + 1;
        self.content.entries.push(Entry { position, list: LIST, id });
        self.place(id, false)
    }

    fn append(&mut self) -> i64 {
        let position = self.entry(self.next_id());
        self.call(1, Some(Told::Wrote(Outcome::Kept(vec![position]))))
    }

    fn transfer_and_append(&mut self) -> i64 {
        let id = self.next_id();
        let position = self.content.transfers.len() as i64 + 1;
        self.content.transfers.push(Transfer { position, id, source: 0, target: 1, amount: 7 });
        self.content.balances[0] -= 7;
        self.content.balances[1] += 7;
        let outer = self.place(id, true);
        let inner = self.entry(id + 1);
        self.call(2, Some(Told::Wrote(Outcome::Kept(vec![outer, inner]))))
    }

    fn position(&self) -> i64 {
        self.content.history.len() as i64
    }

    /// Two readers: of the lists, and of the bank.
    fn look(&mut self) -> (i64, i64) {
        let ids = self.content.entries.iter().map(|entry| entry.id);
        let list = List { list: LIST, length: ids.len() as i64, sum: ids.fold(0, sum) };
        let empty = List { list: 77, length: 0, sum: 0 };
        let seen = lists::Seen { position: self.position(), lists: vec![list, empty] };
        let first = self.call(0, Some(Told::Lists(seen)));
        let balances = &self.content.balances;
        let weighed = (0..).zip(balances).map(|(n, balance)| balance * bank::weight(n));
        let seen = bank::Seen {
            position: self.position(),
            transfers: self.content.transfers.len() as i64,
            total: balances.iter().sum(),
            weighed: weighed.sum(),
        };
        (first, self.call(0, Some(Told::Bank(seen))))
    }

    /// The last call that was kept, and has a writer inside.
    fn nested(&mut self) -> &mut Call {
        self.calls.iter_mut().rfind(|call| call.parts == 2).unwrap()
    }

    fn told(&mut self, id: i64) -> &mut Told {
        let call = self.calls.iter_mut().find(|call| call.id == id).unwrap();
        &mut call.returned.as_mut().unwrap().1
    }

    /// Lets that call be made after all others.
    fn later(&mut self, id: i64) {
        let call = self.calls.iter_mut().find(|call| call.id == id).unwrap();
        call.called = self.now;
        call.returned.as_mut().unwrap().0 = self.now + 5;
        self.now += 10;
    }

    /// Removes what a writer has left, and closes the gap that it would leave.
    fn remove(&mut self, id: i64) {
        let Content { history, transfers, entries, .. } = &mut self.content;
        history.retain(|row| row.id != id);
        transfers.retain(|row| row.id != id);
        entries.retain(|row| row.id != id);
        (1..).zip(history).for_each(|(n, row)| row.position = n);
        (1..).zip(transfers).for_each(|(n, row)| row.position = n);
        (1..).zip(entries).for_each(|(n, row)| row.position = n);
    }

    fn wrong(&self) -> Vec<Wrong> {
        let mut wrong = check(&self.calls, &self.content);
        wrong.extend(check_time(&self.calls, &self.content));
        wrong
    }

    #[track_caller]
    fn assert_found(&self, wanted: &Wrong) {
        let wrong = self.wrong();
        assert!(wrong.contains(wanted), "no {wanted:?} in {wrong:?}");
    }

    /// As [`assert_found`](Self::assert_found), and nothing else.
    #[track_caller]
    fn assert_found_alone(&self, wanted: Wrong) {
        assert_eq!(self.wrong(), [wanted]);
    }
}

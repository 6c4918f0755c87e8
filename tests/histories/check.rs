//! Whether what was told and seen can have come from one writer after another, in the
//! order in which they are in the file, and in that of time. Nothing here knows of
//! databases.
//!
//! Everything is sorted or looked up: there are as many calls as a machine can make.

use std::collections::{HashMap, HashSet};

use super::content::Content;
use super::lists::sum;
use super::operation::{DEPTH_BITS, Outcome};
use super::record::{Call, Told};
use super::{bank, lists};

/// What must not be. The numbers are ids, if they have no other name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It was told `Ok`, and a part of it is not there.
    Lost(i64),
    /// It was told of another place than it has: by a run that was not kept.
    Misplaced(i64),
    /// It was to fail, was told so, or only read, and has left something.
    Trace(i64),
    /// It came to what it could not.
    Odd(i64, String),
    /// It is there more than once.
    Twice(i64),
    /// A part of it is there without another one.
    Half(i64),
    /// Somebody wrote between its parts.
    Mixed(i64),
    /// It is there, and nobody asked for it.
    Unasked(i64),
    /// A place in a table that nobody has any more.
    Gap { table: &'static str, position: i64 },
    /// Its row in another table is not in the order of the history.
    Disorder(i64),
    /// What that reader saw is not there in the end.
    Vanished(i64),
    /// That reader saw a transaction that was not yet over.
    Inside(i64),
    /// That reader saw another total.
    Total(i64),
    /// What that reader saw is not of one moment.
    Torn(i64),
    /// That reader saw what is no beginning of the list.
    NoPrefix { id: i64, list: i64 },
    /// The first returned before the second was called, and comes after it.
    Backwards { before: i64, after: i64 },
    /// The balance is not what the transfers come to.
    Balance { account: usize },
}

/// All but the order of time.
pub(crate) fn check(calls: &[Call], content: &Content) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let order = Order::of(content, &mut wrong);
    order.whole(&mut wrong);
    order.told(calls, &mut wrong);
    order.seen(calls, &mut wrong);
    order.balances(&mut wrong);
    wrong
}

/// Whoever returned before another was called comes before it.
pub(crate) fn check_time(calls: &[Call], content: &Content) -> Vec<Wrong> {
    let order = Order::of(content, &mut Vec::new());
    // A reader is after the last writer that it saw, and before the next.
    let place = |call: &Call| match &call.returned {
        Some((_, Told::Bank(seen))) => Some(2 * seen.position + 1),
        Some((_, Told::Lists(seen))) => Some(2 * seen.position + 1),
        _ => order.places.get(&call.id).map(|position| 2 * position),
    };
    let placed: Vec<_> = calls.iter().filter_map(|call| Some((place(call)?, call))).collect();
    let returned = |&(place, call): &(i64, &Call)| {
        call.returned.as_ref().map(|&(time, _)| (time, place, call.id))
    };
    let mut returned: Vec<_> = placed.iter().filter_map(returned).collect();
    returned.sort_unstable();
    let mut called = placed;
    called.sort_unstable_by_key(|(_, call)| call.called);

    let (mut wrong, mut over) = (Vec::new(), returned.into_iter().peekable());
    let mut last = None;
    for (place, call) in called {
        while let Some((_, place, id)) = over.next_if(|&(time, ..)| time < call.called) {
            last = last.max(Some((place, id)));
        }
        if let Some((last, before)) = last
            && last > place
        {
            wrong.push(Wrong::Backwards { before, after: call.id });
        }
    }
    wrong
}

/// The one order of all writers.
struct Order<'c> {
    content: &'c Content,
    /// By the id.
    places: HashMap<i64, i64>,
    /// The ids of all that is in the tables of the bank and the lists.
    written: HashSet<i64>,
}

/// The id of the call, and how deep in it that writer is.
fn call_of(id: i64) -> (i64, i64) {
    let call = id >> DEPTH_BITS << DEPTH_BITS;
    (call, id - call)
}

impl<'c> Order<'c> {
    fn of(content: &'c Content, wrong: &mut Vec<Wrong>) -> Self {
        let mut order = Self { content, places: HashMap::new(), written: HashSet::new() };
        for place in &content.history {
            if order.places.insert(place.id, place.position).is_some() {
                wrong.push(Wrong::Twice(place.id));
            }
        }
        let transfers = content.transfers.iter().map(|row| row.id);
        for id in transfers.chain(content.entries.iter().map(|row| row.id)) {
            if !order.written.insert(id) {
                wrong.push(Wrong::Twice(id));
            }
        }
        order
    }

    /// Each writer is there with all that it wrote.
    fn whole(&self, wrong: &mut Vec<Wrong>) {
        let Content { history, transfers, entries, .. } = self.content;
        dense("history", history.iter().map(|row| row.position), wrong);
        dense("transfer", transfers.iter().map(|row| row.position), wrong);
        dense("entry", entries.iter().map(|row| row.position), wrong);
        self.in_order(transfers.iter().map(|row| row.id), wrong);
        self.in_order(entries.iter().map(|row| row.id), wrong);

        let inside: HashSet<i64> =
            history.iter().filter(|row| row.inner).map(|row| row.id + 1).collect();
        for row in history {
            if !self.written.contains(&row.id) {
                wrong.push(Wrong::Half(row.id));
            }
            if call_of(row.id).1 > 0 && !inside.contains(&row.id) {
                wrong.push(Wrong::Half(row.id));
            }
            if row.inner {
                match self.places.get(&(row.id + 1)) {
                    None => wrong.push(Wrong::Half(row.id)),
                    Some(&place) if place != row.position + 1 => wrong.push(Wrong::Mixed(row.id)),
                    Some(_) => {}
                }
            }
        }
    }

    fn in_order(&self, ids: impl Iterator<Item = i64>, wrong: &mut Vec<Wrong>) {
        let mut last = 0;
        for id in ids {
            match self.places.get(&id) {
                None => wrong.push(Wrong::Half(id)),
                Some(&place) if place < last => wrong.push(Wrong::Disorder(id)),
                Some(&place) => last = place,
            }
        }
    }

    /// What was told is there, and nothing else is.
    fn told(&self, calls: &[Call], wrong: &mut Vec<Wrong>) {
        let asked: HashSet<i64> = calls.iter().map(|call| call.id).collect();
        let ids: HashSet<i64> = self.places.keys().chain(&self.written).copied().collect();
        wrong.extend(
            ids.iter().filter(|id| !asked.contains(&call_of(**id).0)).map(|id| Wrong::Unasked(*id)),
        );
        for Call { id, parts, returned, .. } in calls {
            let there: Vec<i64> =
                (*id..id + (1 << DEPTH_BITS)).filter(|part| ids.contains(part)).collect();
            match returned.as_ref().map(|(_, told)| told) {
                Some(Told::Wrote(Outcome::Kept(positions))) => {
                    let places: Vec<_> =
                        (*id..).zip(positions).map(|(part, _)| self.places.get(&part)).collect();
                    if places.contains(&None) {
                        wrong.push(Wrong::Lost(*id));
                    } else if there.len() > positions.len() {
                        wrong.push(Wrong::Trace(*id));
                    } else if !places.into_iter().flatten().eq(positions) {
                        wrong.push(Wrong::Misplaced(*id));
                    }
                }
                // It is not known whether it was kept.
                None if *parts > 0 && [0, *parts].contains(&there.len()) => {}
                None if *parts > 0 => wrong.push(Wrong::Half(*id)),
                told => {
                    if !there.is_empty() {
                        wrong.push(Wrong::Trace(*id));
                    }
                    if let Some(Told::Wrote(Outcome::Odd(how))) = told {
                        wrong.push(Wrong::Odd(*id, how.clone()));
                    }
                }
            }
        }
    }

    /// What each reader saw is what there was at its place in the order.
    fn seen(&self, calls: &[Call], wrong: &mut Vec<Wrong>) {
        let (bank, lists) = (self.bank(), self.lists());
        let history = &self.content.history;
        for Call { id, returned, .. } in calls {
            let position = match returned {
                Some((_, Told::Bank(seen))) => seen.position,
                Some((_, Told::Lists(seen))) => seen.position,
                _ => continue,
            };
            // There are no gaps, or they were found.
            let last = usize::try_from(position).unwrap();
            if last > history.len() {
                wrong.push(Wrong::Vanished(*id));
                continue;
            }
            if last > 0 && history[last - 1].inner {
                wrong.push(Wrong::Inside(*id));
            }
            match returned {
                Some((_, Told::Bank(seen))) => {
                    if seen.total != bank::TOTAL {
                        wrong.push(Wrong::Total(*id));
                    }
                    let before = bank.partition_point(|(place, _)| *place <= position);
                    let weighed = bank[before - 1].1;
                    if (seen.transfers, seen.weighed) != (before as i64 - 1, weighed) {
                        wrong.push(Wrong::Torn(*id));
                    }
                }
                Some((_, Told::Lists(seen))) => {
                    for lists::List { list, length, sum } in &seen.lists {
                        let whole = lists.get(list).map_or(&[(0, 0)][..], |list| list);
                        let before = whole.partition_point(|(place, _)| *place <= position);
                        let prefix = whole.get(usize::try_from(*length).unwrap());
                        if prefix.is_none_or(|(_, whole)| whole != sum) {
                            wrong.push(Wrong::NoPrefix { id: *id, list: *list });
                        } else if *length != before as i64 - 1 {
                            wrong.push(Wrong::Torn(*id));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn place(&self, id: i64) -> i64 {
        self.places.get(&id).copied().unwrap_or(0)
    }

    /// The weighed sum of all balances after each transfer, by its place; at first none.
    fn bank(&self) -> Vec<(i64, i64)> {
        let mut weighed = (0..bank::ACCOUNTS).map(|n| bank::OPENING * bank::weight(n)).sum();
        let mut sums = vec![(0, weighed)];
        for row in &self.content.transfers {
            weighed += row.amount * (bank::weight(row.target) - bank::weight(row.source));
            sums.push((self.place(row.id), weighed));
        }
        sums
    }

    /// The sum of each list after each entry, by its place; at first none.
    fn lists(&self) -> HashMap<i64, Vec<(i64, i64)>> {
        let mut lists = HashMap::new();
        for row in &self.content.entries {
            let list: &mut Vec<_> = lists.entry(row.list).or_insert_with(|| vec![(0, 0)]);
            let (_, before) = list[list.len() - 1];
            list.push((self.place(row.id), sum(before, row.id)));
        }
        lists
    }

    fn balances(&self, wrong: &mut Vec<Wrong>) {
        let mut balances = vec![bank::OPENING; bank::ACCOUNTS as usize];
        for row in &self.content.transfers {
            balances[row.source as usize] -= row.amount;
            balances[row.target as usize] += row.amount;
        }
        let other = balances.iter().zip(&self.content.balances).enumerate();
        let other = other.filter(|(_, (booked, there))| booked != there);
        wrong.extend(other.map(|(account, _)| Wrong::Balance { account }));
    }
}

fn dense(table: &'static str, positions: impl Iterator<Item = i64>, wrong: &mut Vec<Wrong>) {
    if let Some((position, _)) = (1..).zip(positions).find(|(wanted, there)| wanted != there) {
        wrong.push(Wrong::Gap { table, position });
    }
}

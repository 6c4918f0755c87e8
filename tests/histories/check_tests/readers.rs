//! What readers saw.

use super::super::check::Wrong;
use super::super::record::Told;
use super::super::{bank, lists};
use super::{LIST, Story};

fn bank(story: &mut Story, id: i64) -> &mut bank::Seen {
    let Told::Bank(seen) = story.told(id) else { unreachable!() };
    seen
}

fn lists(story: &mut Story, id: i64) -> &mut lists::Seen {
    let Told::Lists(seen) = story.told(id) else { unreachable!() };
    seen
}

#[test]
fn another_total_is_found() {
    let mut story = Story::of_everything();
    let (_, reader) = story.look();
    bank(&mut story, reader).total -= 1;
    story.assert_found_alone(Wrong::Total(reader));
}

#[test]
fn money_on_its_way_from_one_account_to_another_is_found() {
    let mut story = Story::of_everything();
    let (_, reader) = story.look();
    bank(&mut story, reader).weighed += bank::weight(3) - bank::weight(2);
    story.assert_found_alone(Wrong::Torn(reader));
}

#[test]
fn a_journal_of_another_moment_is_found() {
    let mut story = Story::of_everything();
    let (_, reader) = story.look();
    bank(&mut story, reader).transfers -= 1;
    story.assert_found_alone(Wrong::Torn(reader));
}

#[test]
fn a_list_of_another_moment_is_found() {
    let mut story = Story::of_everything();
    let (before, _) = story.look();
    story.append();
    let (after, _) = story.look();
    let seen = lists(&mut story, before).lists.clone();
    lists(&mut story, after).lists = seen;
    story.assert_found_alone(Wrong::Torn(after));
}

/// As another reader has it: one of the two is not as in the end.
#[test]
fn another_order_of_a_list_is_found() {
    let mut story = Story::of_everything();
    let (reader, _) = story.look();
    let mut ids: Vec<i64> = story.content.entries.iter().map(|entry| entry.id).collect();
    ids.swap(1, 2);
    lists(&mut story, reader).lists[0].sum = ids.into_iter().fold(0, lists::sum);
    story.assert_found_alone(Wrong::NoPrefix { id: reader, list: LIST });
}

#[test]
fn an_entry_that_is_missing_from_a_list_is_found() {
    let mut story = Story::of_everything();
    let (reader, _) = story.look();
    let ids = story.content.entries.iter().map(|entry| entry.id).skip(1);
    let (length, sum) = (ids.len() as i64, ids.fold(0, lists::sum));
    let list = &mut lists(&mut story, reader).lists[0];
    (list.length, list.sum) = (length, sum);
    story.assert_found_alone(Wrong::NoPrefix { id: reader, list: LIST });
}

#[test]
fn an_entry_that_is_not_there_in_the_end_is_found() {
    let mut story = Story::of_everything();
    let (reader, _) = story.look();
    let list = &mut lists(&mut story, reader).lists[0];
    (list.length, list.sum) = (list.length + 1, lists::sum(list.sum, 1));
    story.assert_found_alone(Wrong::NoPrefix { id: reader, list: LIST });
}

#[test]
fn a_history_that_is_not_there_in_the_end_is_found() {
    let mut story = Story::of_everything();
    let (lists_reader, bank_reader) = story.look();
    lists(&mut story, lists_reader).position += 1;
    bank(&mut story, bank_reader).position += 1;
    assert_eq!(story.wrong(), [Wrong::Vanished(lists_reader), Wrong::Vanished(bank_reader)]);
}

#[test]
fn a_transaction_that_is_not_over_is_found() {
    let mut story = Story::of_everything();
    story.transfer_and_append();
    // What is inside comes last.
    let (_, reader) = story.look();
    bank(&mut story, reader).position -= 1;
    story.assert_found(&Wrong::Inside(reader));
}

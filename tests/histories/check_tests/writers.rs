//! What writers were told, and what they left.

use super::super::check::Wrong;
use super::super::operation::Outcome;
use super::super::record::Told;
use super::Story;

#[test]
fn a_good_history_is_accepted() {
    assert_eq!(Story::new().wrong(), []);
    assert_eq!(Story::of_everything().wrong(), []);
}

#[test]
fn a_good_history_is_accepted_however_long() {
    let mut story = Story::new();
    for _ in 0..20_000 {
        story.append();
        story.call(1, Some(Told::Wrote(Outcome::Failed)));
        story.append();
    }
    story.look();
    assert_eq!(story.wrong(), []);
}

#[test]
fn a_call_that_was_cut_short_is_there_or_not() {
    let mut story = Story::of_everything();
    story.nested().returned = None;
    story.call(2, None);
    assert_eq!(story.wrong(), []);
}

#[test]
fn an_ok_that_is_lost_is_found() {
    let mut story = Story::of_everything();
    let id = story.append();
    story.remove(id);
    story.assert_found_alone(Wrong::Lost(id));
}

#[test]
fn a_part_of_an_ok_that_is_lost_is_found() {
    let mut story = Story::of_everything();
    let id = story.nested().id;
    story.remove(id + 1);
    story.assert_found(&Wrong::Lost(id));
    story.assert_found(&Wrong::Half(id));
}

#[test]
fn an_ok_that_was_told_of_a_run_that_was_not_kept_is_found() {
    let mut story = Story::of_everything();
    let id = story.append();
    let told = Told::Wrote(Outcome::Kept(vec![1]));
    *story.told(id) = told;
    story.assert_found_alone(Wrong::Misplaced(id));
}

#[test]
fn a_trace_of_a_failure_is_found() {
    for told in [Outcome::Failed, Outcome::Panicked] {
        let mut story = Story::of_everything();
        let id = story.append();
        *story.told(id) = Told::Wrote(told);
        story.assert_found_alone(Wrong::Trace(id));
    }
}

#[test]
fn a_part_of_a_failure_is_found() {
    let mut story = Story::of_everything();
    let id = story.nested().id;
    *story.told(id) = Told::Wrote(Outcome::Failed);
    story.remove(id);
    story.assert_found(&Wrong::Trace(id));
}

/// The writer inside of it has failed, and was caught.
#[test]
fn a_trace_of_a_failure_inside_of_an_ok_is_found() {
    let mut story = Story::of_everything();
    let id = story.nested().id;
    let Told::Wrote(Outcome::Kept(positions)) = story.told(id) else { unreachable!() };
    positions.truncate(1);
    story.assert_found_alone(Wrong::Trace(id));
}

#[test]
fn a_trace_of_a_call_that_was_cut_short_and_was_to_fail_is_found() {
    let mut story = Story::of_everything();
    let id = story.append();
    let last = story.calls.last_mut().unwrap();
    (last.parts, last.returned) = (0, None);
    story.assert_found_alone(Wrong::Trace(id));
}

#[test]
fn a_call_that_was_cut_short_and_is_half_there_is_found() {
    let mut story = Story::of_everything();
    let call = story.nested();
    call.returned = None;
    let id = call.id;
    story.remove(id + 1);
    let row = story.content.history.iter_mut().find(|row| row.id == id).unwrap();
    row.inner = false;
    story.assert_found(&Wrong::Half(id));
}

#[test]
fn what_came_to_something_else_is_found() {
    let mut story = Story::of_everything();
    let id = story.call(1, Some(Told::Wrote(Outcome::Odd("busy".to_owned()))));
    story.assert_found_alone(Wrong::Odd(id, "busy".to_owned()));
}

#[test]
fn a_duplicate_is_found() {
    let mut story = Story::of_everything();
    let id = story.append();
    story.entry(id);
    story.assert_found(&Wrong::Twice(id));
}

#[test]
fn a_row_without_its_place_is_found() {
    let mut story = Story::of_everything();
    story.append();
    let id = story.content.history.pop().unwrap().id;
    story.assert_found(&Wrong::Half(id));
}

#[test]
fn a_place_without_its_row_is_found() {
    let mut story = Story::of_everything();
    story.append();
    let id = story.content.entries.pop().unwrap().id;
    story.assert_found_alone(Wrong::Half(id));
}

#[test]
fn a_writer_between_the_parts_of_another_is_found() {
    let mut story = Story::of_everything();
    let id = story.nested().id;
    let at = story.content.history.iter().position(|row| row.id == id).unwrap();
    let history = &mut story.content.history;
    (history[at - 1].id, history[at].id) = (history[at].id, history[at - 1].id);
    (history[at - 1].inner, history[at].inner) = (true, false);
    story.assert_found(&Wrong::Mixed(id));
}

#[test]
fn what_nobody_asked_for_is_found() {
    let mut story = Story::of_everything();
    let id = story.append();
    story.calls.pop();
    story.assert_found_alone(Wrong::Unasked(id));
}

#[test]
fn a_gap_is_found() {
    let mut story = Story::of_everything();
    let end = story.append();
    story.content.history.iter_mut().find(|row| row.id == end).unwrap().position += 1;
    let position = story.position();
    story.assert_found(&Wrong::Gap { table: "history", position });
}

#[test]
fn another_order_in_a_table_is_found() {
    let mut story = Story::of_everything();
    let (first, second) = (story.append(), story.append());
    let [.., before, after] = &mut story.content.entries[..] else { unreachable!() };
    (before.id, after.id) = (second, first);
    story.assert_found_alone(Wrong::Disorder(first));
}

#[test]
fn a_balance_that_is_not_what_was_transferred_is_found() {
    let mut story = Story::of_everything();
    story.content.balances[2] -= 1;
    story.content.balances[3] += 1;
    let wrong = [Wrong::Balance { account: 2 }, Wrong::Balance { account: 3 }];
    assert_eq!(story.wrong(), wrong);
}

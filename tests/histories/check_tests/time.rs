//! The order of time.

use super::super::check::Wrong;
use super::Story;

#[test]
fn calls_at_the_same_time_come_in_any_order() {
    let mut story = Story::of_everything();
    let (first, second) = (story.append(), story.append());
    story.later(first);
    story.assert_found_alone(Wrong::Backwards { before: second, after: first });

    // The one had been called when the other returned.
    let returned = |story: &Story, id| {
        let call = story.calls.iter().find(|call| call.id == id).unwrap();
        call.returned.as_ref().unwrap().0
    };
    let at = returned(&story, second);
    story.calls.iter_mut().find(|call| call.id == first).unwrap().called = at;
    assert_eq!(story.wrong(), []);
}

#[test]
fn a_writer_before_one_that_had_returned_is_found() {
    let mut story = Story::of_everything();
    let before = story.append();
    let after = story.transfer_and_append();
    story.later(before);
    story.assert_found_alone(Wrong::Backwards { before: after, after: before });
}

#[test]
fn a_call_that_was_cut_short_before_one_that_had_returned_is_found() {
    let mut story = Story::of_everything();
    let cut = story.append();
    let returned = story.append();
    story.later(cut);
    story.calls.iter_mut().find(|call| call.id == cut).unwrap().returned = None;
    story.assert_found_alone(Wrong::Backwards { before: returned, after: cut });
}

#[test]
fn a_reader_that_does_not_see_what_had_returned_is_found() {
    let mut story = Story::of_everything();
    let (lists, bank) = story.look();
    let writer = story.append();
    story.later(lists);
    story.assert_found_alone(Wrong::Backwards { before: writer, after: lists });
    story.later(bank);
    assert_eq!(story.wrong().len(), 2);
}

#[test]
fn a_reader_that_sees_what_is_not_yet_called_is_found() {
    let mut story = Story::of_everything();
    let writer = story.append();
    let (lists, bank) = story.look();
    story.calls.retain(|call| call.id != lists);
    story.later(writer);
    story.assert_found_alone(Wrong::Backwards { before: bank, after: writer });
}

#[test]
fn a_reader_that_sees_less_than_the_one_before_is_found() {
    let mut story = Story::of_everything();
    let (first, _) = story.look();
    let writer = story.append();
    let (second, _) = story.look();
    // The writer took as long as all of them.
    story.calls.retain(|call| call.id <= writer || call.id == second);
    let call = story.calls.iter_mut().find(|call| call.id == writer).unwrap();
    call.called = 0;
    call.returned = None;
    story.later(first);
    story.assert_found_alone(Wrong::Backwards { before: second, after: first });
}

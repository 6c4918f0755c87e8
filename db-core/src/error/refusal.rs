//! The last statement that the engine refused on this thread.
//!
//! SQLite tells the body only "not authorized". Its error becomes ours where `?`
//! converts it, or where the body ends; both look here for what was refused.

use std::cell::RefCell;

use super::kinds::Refused;

thread_local! {
    static LAST: RefCell<Option<Refused>> = const { RefCell::new(None) };
}

pub(crate) fn note(refused: Refused) {
    let _ = LAST.try_with(|last| last.replace(Some(refused)));
}

pub(crate) fn take() -> Option<Refused> {
    LAST.try_with(RefCell::take).ok().flatten()
}

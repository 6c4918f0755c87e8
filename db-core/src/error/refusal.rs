//! The last statement that the engine refused on this thread.
//!
//! SQLite tells the body only "not authorized". Its error becomes ours where `?`
//! converts it, or where the body ends; both look here for what was refused.

use std::cell::{Cell, RefCell};

use super::kinds::Refused;

thread_local! {
    /// Asked first: it has no destructor, and so costs next to nothing.
    static NOTED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Refused>> = const { RefCell::new(None) };
}

pub(crate) fn note(refused: Refused) {
    NOTED.set(true);
    let _ = LAST.try_with(|last| last.replace(Some(refused)));
}

#[inline]
pub(crate) fn take() -> Option<Refused> {
    if !NOTED.replace(false) {
        return None;
    }
    LAST.try_with(RefCell::take).ok().flatten()
}

//! The steps of a restore, for tests that stop at them.

use std::sync::OnceLock;

static INTERCEPT: OnceLock<fn(&'static str)> = OnceLock::new();

/// Has `intercept` called at every step of a restore, with its name. Once a process; `false`
/// if there is one already.
pub fn intercept_restore(intercept: fn(&'static str)) -> bool {
    INTERCEPT.set(intercept).is_ok()
}

pub(super) fn reached(step: &'static str) {
    if let Some(intercept) = INTERCEPT.get() {
        intercept(step);
    }
}

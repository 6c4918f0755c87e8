//! Something that is in effect on a thread for a while.

use std::marker::PhantomData;

/// Something that is in effect on the thread that has it, until it is dropped.
#[must_use = "in effect until it is dropped"]
#[derive(Debug)]
pub struct OnThisThread {
    end: fn(),
    not_send: PhantomData<*const ()>,
}

impl OnThisThread {
    pub(super) fn new(end: fn()) -> Self {
        Self { end, not_send: PhantomData }
    }
}

impl Drop for OnThisThread {
    fn drop(&mut self) {
        (self.end)();
    }
}

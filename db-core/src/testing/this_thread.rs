//! Something that is in effect on a thread for a while.

use std::fmt;
use std::marker::PhantomData;

/// Something that is in effect on the thread that has it, until it is dropped. Then what was
/// in effect before is so again.
///
/// Bound to a name: `let _faults = faults.on_this_thread();`, as `let _ = ..` drops it at once.
#[must_use = "in effect until it is dropped"]
pub struct OnThisThread {
    end: Option<Box<dyn FnOnce()>>,
    not_send: PhantomData<*const ()>,
}

impl OnThisThread {
    pub(super) fn new(end: impl FnOnce() + 'static) -> Self {
        Self { end: Some(Box::new(end)), not_send: PhantomData }
    }
}

impl fmt::Debug for OnThisThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnThisThread").finish_non_exhaustive()
    }
}

impl Drop for OnThisThread {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

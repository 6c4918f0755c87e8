//! What the present thread is inside of: the annotated calls and guards that are
//! open on it. Seen here is what types can't see: a captured `Database` used inside
//! a body.
//!
//! Invariant: a frame is on the stack of the thread that pushed it, from `enter` to
//! its drop; guards may be dropped in any order.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use crate::site::Site;

/// One open call or guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// A writer's lane, a reader's database; compared, never followed.
    pub(crate) place: usize,
    pub(crate) body: Body,
    /// The body may run more than once.
    pub(crate) repeatable: bool,
    pub(crate) site: Site,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Reader,
    Writer,
    /// A retried function over a connection of the caller's own.
    Bare,
}

thread_local! {
    static STACK: RefCell<Vec<(u64, Frame)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// A frame on this thread's stack; dropping it takes it off.
#[must_use]
pub(crate) struct Inside {
    id: u64,
    // The stack is the thread's own.
    not_send: PhantomData<*const ()>,
}

impl Inside {
    pub(crate) fn enter(frame: Frame) -> Self {
        // When the thread's locals are being destroyed there is nothing left to see.
        let id = NEXT.replace(NEXT.get().wrapping_add(1));
        let _ = STACK.try_with(|stack| stack.borrow_mut().push((id, frame)));
        Self { id, not_send: PhantomData }
    }

    /// From now on the frame is that of another call, at the same place.
    pub(crate) fn act_for(&self, site: Site) {
        let _ = STACK.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            if let Some((_, frame)) = stack.iter_mut().rfind(|(id, _)| *id == self.id) {
                frame.site = site;
            }
        });
    }

    /// Whether this thread is inside of anything.
    pub(crate) fn anything() -> bool {
        STACK.try_with(|stack| !stack.borrow().is_empty()).unwrap_or(false)
    }

    /// The innermost frame for which `wanted` holds.
    pub(crate) fn find(wanted: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let find = |stack: &RefCell<Vec<(u64, Frame)>>| {
            let stack = stack.borrow();
            let mut frames = stack.iter().rev().map(|(_, frame)| frame);
            frames.find(|frame| wanted(frame)).copied()
        };
        STACK.try_with(find).ok().flatten()
    }

    /// Whether some enclosing body will itself be run again after a lock error.
    pub(crate) fn a_repeatable_body() -> bool {
        Self::find(|frame| frame.repeatable).is_some()
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        // A guard in another thread-local may outlive the stack at the thread's end.
        let _ = STACK.try_with(|stack| {
            let mut stack = stack.borrow_mut();
            if let Some(at) = stack.iter().rposition(|(id, _)| *id == self.id) {
                stack.remove(at);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(place: usize, repeatable: bool) -> Frame {
        Frame { place, body: Body::Writer, repeatable, site: Site::caller() }
    }

    fn inside_of(place: usize) -> bool {
        Inside::find(|frame| frame.place == place).is_some()
    }

    #[test]
    fn frames_may_leave_in_any_order() {
        let one = Inside::enter(frame(1, false));
        let two = Inside::enter(frame(2, true));
        assert!(inside_of(1) && inside_of(2) && Inside::a_repeatable_body());
        drop(one);
        assert!(!inside_of(1) && inside_of(2));
        drop(two);
        assert!(!inside_of(2) && !Inside::a_repeatable_body());
    }

    #[test]
    fn another_thread_is_inside_of_nothing() {
        let _one = Inside::enter(frame(3, false));
        assert!(!std::thread::spawn(|| inside_of(3)).join().unwrap());
    }
}

//! Lends a waiting caller's call to the thread that has the lane.
//!
//! A call lives on its caller's stack, with the body, what that has borrowed, and the
//! place for its outcome. While the caller waits in [`lend`], another thread works on the
//! call through a [`Lent`]. This is one of the few places where `unsafe` is allowed. What
//! it rests on:
//!
//! - The call outlives every use. A `Lent` is made in [`lend`] alone, at most one for each
//!   ([`Lender::lend`] takes the `Lender`), and [`lend`] neither returns nor unwinds before
//!   that has been dropped: its last act is to wait for it ([`UntilBack`]). A `Lent` that is
//!   never dropped keeps the caller for ever.
//! - One thread at a time uses it. The caller's exclusive reference is borrowed for as long
//!   as `lend` lasts, so it does nothing with the call meanwhile; a `Lent` is not `Clone`,
//!   and gives access by `&mut self` alone.
//! - It may be used on another thread, as a [`Member`] is `Send`.
//! - What the borrower wrote is seen by the caller: `back` is stored with `Release` after
//!   the last use, and loaded with `Acquire` before the caller goes on.
//! - No lifetime gets out: [`Lent::call`] gives a reference to a call that is valid for no
//!   longer than that of the `Lent`.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::Member;
use super::threads::{self, AtomicBool, Ordering};

/// How often a caller looks whether the call is back that it has to leave behind. Nobody
/// wakes it for that: it unwinds.
const LOOK: Duration = Duration::from_millis(1);

/// Runs `wait` with the means to lend `call`, and returns what it returned once nobody
/// else has the call any more.
pub(crate) fn lend<R>(call: &mut dyn Member, wait: impl FnOnce(Lender<'_>) -> R) -> R {
    let mut back = UntilBack(None);
    wait(Lender { call: NonNull::from(call), back: &mut back.0, borrowed: PhantomData })
}

/// The right to lend a call, once.
pub(crate) struct Lender<'l> {
    call: NonNull<dyn Member + 'l>,
    /// Where the caller looks for whether it is back; nowhere if it was not lent.
    back: &'l mut Option<Arc<AtomicBool>>,
    borrowed: PhantomData<&'l mut (dyn Member + 'l)>,
}

/// A call of a caller that waits. Dropping it gives the call back.
pub(crate) struct Lent {
    call: NonNull<dyn Member>,
    back: Arc<AtomicBool>,
}

// SAFETY: a `Lent` is a `&mut dyn Member` that another thread may drop, and a `Member` is
// `Send`.
unsafe impl Send for Lent {}

impl<'l> Lender<'l> {
    pub(crate) fn lend(self) -> Lent {
        let back = Arc::new(AtomicBool::new(false));
        *self.back = Some(Arc::clone(&back));
        // SAFETY: only the lifetime is changed. The call is not used after it: see the
        // head of this file.
        let call = unsafe {
            mem::transmute::<NonNull<dyn Member + 'l>, NonNull<dyn Member + 'static>>(self.call)
        };
        Lent { call, back }
    }
}

impl Lent {
    pub(crate) fn call(&mut self) -> &mut (dyn Member + '_) {
        // SAFETY: the caller waits until this is dropped, and uses nothing of it until
        // then; `&mut self` keeps this reference the only one.
        unsafe { self.call.as_mut() }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.back.store(true, Ordering::Release);
    }
}

/// Dropped, also by unwinding, once the call is back.
struct UntilBack(Option<Arc<AtomicBool>>);

impl Drop for UntilBack {
    fn drop(&mut self) {
        let Some(back) = &self.0 else { return };
        while !back.load(Ordering::Acquire) {
            threads::sleep(LOOK);
        }
    }
}

//! Calls that wait behind each other in a known order.

use std::thread;

use db_core::Database;

use super::signals::wait_until;

/// A call for [`queued`].
pub type Call<'a, T> = Box<dyn FnOnce() -> T + Send + 'a>;

/// Makes the calls on threads of their own, named `0`, `1` and so on, while somebody else
/// writes: each waits behind the one before. Then lets them all go on, and tells what each
/// came to: it returned, or it panicked.
#[track_caller]
pub fn queued<'a, T: Send + 'a>(
    db: &Database,
    calls: impl IntoIterator<Item = Call<'a, T>>,
) -> Vec<thread::Result<T>> {
    thread::scope(|scope| {
        let other = db.writer().unwrap();
        let start = |(n, call): (usize, Call<'a, T>)| {
            let thread = thread::Builder::new().name(n.to_string());
            let thread = thread.spawn_scoped(scope, call).unwrap();
            wait_until("it waits", || db.stats().waiting == n + 1);
            thread
        };
        let threads: Vec<_> = calls.into_iter().enumerate().map(start).collect();
        drop(other);
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    })
}

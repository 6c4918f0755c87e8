//! Waiting for a lock inside of a statement: what gave up at once, and began anew, would give
//! back what keeps new readers out meanwhile, and might never find a moment without any.

use std::cell::Cell;
use std::thread;
use std::time::Instant;

use rusqlite::Connection;

use super::turn::POLL;
use crate::retry::Deadline;

thread_local! {
    /// Until when the statement of this thread waits, and when it last had to.
    static WAITS: Cell<(Deadline, Option<Instant>)> = const { Cell::new((Deadline::NEVER, None)) };
}

/// From now on statements of the connection wait for locks, up to the deadline of
/// [`waiting_until`].
pub(super) fn wait_inside(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.busy_handler(Some(wait as fn(i32) -> bool))
}

/// Runs a statement; returns until when it had to wait as well, if it had to.
pub(super) fn waiting_until<T>(
    deadline: Deadline,
    run: impl FnOnce() -> T,
) -> (T, Option<Instant>) {
    WAITS.set((deadline, None));
    let result = run();
    (result, WAITS.get().1)
}

fn wait(_times: i32) -> bool {
    let (deadline, _) = WAITS.get();
    let now = Instant::now();
    let goes_on = !deadline.passed(now);
    if goes_on {
        thread::sleep(deadline.left(now).map_or(POLL, |left| left.min(POLL)));
    }
    WAITS.set((deadline, Some(Instant::now())));
    goes_on
}

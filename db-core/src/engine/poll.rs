//! Waiting for whoever does not queue here: the `sqlite3` shell, another library.

use std::time::{Duration, Instant};

use super::Engine;
use crate::error::SqliteCode;
use crate::retry::Deadline;

/// How often the lock is asked for.
const POLL: Duration = Duration::from_millis(1);

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    SqliteCode::find(error).is_some_and(|code| code.is_busy())
}

/// Why the waiting ended.
pub(super) enum Busy {
    /// The deadline came before `busy_timeout` was over.
    Deadline(rusqlite::Error),
    /// Any other error, or BUSY when `busy_timeout` was over.
    Error(rusqlite::Error),
}

impl Engine {
    /// Repeats `run` while it is BUSY: a short constant poll, because SQLite's own
    /// ladder of sleeps starves whoever sleeps longest. `may_help` is asked once, before
    /// the first pause, whether waiting is of any use.
    pub(super) fn while_busy(
        &self,
        deadline: Deadline,
        run: impl Fn() -> rusqlite::Result<()>,
        may_help: impl Fn() -> bool,
    ) -> Result<(), Busy> {
        let mut patience = None;
        loop {
            let Err(error) = run() else { return Ok(()) };
            if !is_busy(&error) || (patience.is_none() && !may_help()) {
                return Err(Busy::Error(error));
            }
            let now = Instant::now();
            let patience = *patience.get_or_insert_with(|| {
                self.counters.locks_met.add();
                Deadline::after(now, self.options.busy_timeout)
            });
            if deadline.passed(now) {
                return Err(Busy::Deadline(error));
            }
            if patience.passed(now) {
                return Err(Busy::Error(error));
            }
            let pause = POLL.mul_f64(0.5 + fastrand::f64());
            let end = deadline.earlier(patience);
            std::thread::sleep(end.left(now).map_or(pause, |left| left.min(pause)));
        }
    }
}

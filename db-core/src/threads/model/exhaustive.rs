//! Every schedule of a case, by loom.
//!
//! A failure comes again with every run of the test. With `LOOM_LOG=trace` and
//! `LOOM_LOCATION=1` loom tells the steps of each schedule; the last one told is the
//! one that failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

pub(crate) mod prim {
    use std::time::Duration;

    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
    pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use loom::thread::yield_now;
    pub(crate) use loom::{lazy_static, thread_local};

    /// Time that goes by before a look at the clock. Here a thread of its own lets it
    /// go by, where a case wants that.
    pub(crate) fn hiccup() -> Duration {
        Duration::ZERO
    }
}
#[path = "stand_in.rs"]
pub(crate) mod threads;

/// Runs `case` under every schedule in which a thread that could go on is interrupted
/// at most `switches` times; a sleep is over `late` after its time.
pub(crate) fn explore(switches: usize, late: Duration, case: impl Fn() + Send + Sync + 'static) {
    super::keep_hooks_apart();
    let schedules = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&schedules);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(switches);
    model.max_branches = 10_000;
    let _told = std::env::var_os("LOOM_LOG").map(|_| {
        let filter = EnvFilter::from_env("LOOM_LOG");
        fmt().with_env_filter(filter).without_time().with_ansi(false).set_default()
    });
    let start = Instant::now();
    model.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        threads::begin(late);
        case();
    });
    println!("{} schedules in {:?}", schedules.load(Ordering::Relaxed), start.elapsed());
}

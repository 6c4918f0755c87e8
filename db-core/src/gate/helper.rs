//! The thread that waits for the process where waiting has no deadline, and that lets
//! go what the process has kept and no longer uses.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use super::{Place, Shared, State};

/// How often it looks whether a gate that is kept is used.
const LOOK: Duration = Duration::from_millis(1);

pub(super) fn start(shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("db-core gate".into()).spawn(move || help(&shared))
}

fn help(shared: &Shared) {
    let mut state = shared.state.lock();
    loop {
        if let Place::Asked { has_next } = state.place {
            wait_in_queue(shared, &mut state, has_next);
        } else if state.closed {
            return;
        } else if state.watched {
            shared.work.wait_for(&mut state, LOOK);
            look(&mut state);
        } else {
            shared.work.wait(&mut state);
        }
    }
}

/// Goes through the turnstile: waits for `next`, and with that for `writer`.
fn wait_in_queue(shared: &Shared, state: &mut MutexGuard<'_, State>, mut has_next: bool) {
    let Some(sidecars) = state.sidecars.clone() else { return };
    let waited = match has_next {
        true => Ok(()),
        false => MutexGuard::unlocked(state, || sidecars.wait_for_next()),
    };
    let waited = waited.and_then(|()| {
        has_next = true;
        state.place = Place::Asked { has_next };
        if !state.wanted {
            return Ok(false);
        }
        MutexGuard::unlocked(state, || sidecars.wait_for_writer())?;
        Ok(true)
    });
    if has_next {
        sidecars.release_next();
    }
    match waited {
        Ok(true) if state.wanted => {
            state.since = Instant::now();
            state.enter();
            shared.opened.notify_one();
        }
        Ok(has_writer) => {
            if has_writer {
                sidecars.release_writer();
            }
            state.place = Place::Outside;
        }
        Err(trouble) => {
            state.place = Place::Without;
            state.trouble = Some(trouble);
            shared.opened.notify_one();
        }
    }
}

fn look(state: &mut State) {
    match state.place {
        Place::Kept if !state.used => {
            state.let_go();
            state.watched = false;
        }
        Place::Kept | Place::Inside => state.used = false,
        _ => state.watched = false,
    }
}

//! The thread that waits for the process where waiting has no deadline, and that lets
//! go what the process has kept and no longer uses.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use super::state::{Place, State};
use super::{Entered, Shared};

/// How often it looks whether a gate that is kept is used.
const LOOK: Duration = Duration::from_millis(1);

pub(super) fn start(shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("db-core gate".into()).spawn(move || help(&shared))
}

fn help(shared: &Shared) {
    let mut state = shared.state.lock();
    loop {
        if state.place == Place::AtNext {
            wait_for_next(shared, &mut state);
        } else if state.place == Place::AtWriter {
            wait_for_writer(shared, &mut state);
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

/// Waits to be the next, and leaves the rest to whoever wants to enter: awake by the time
/// that it is free, that one enters without another thread's help.
fn wait_for_next(shared: &Shared, state: &mut MutexGuard<'_, State>) {
    let Some(turnstile) = state.turnstile.clone() else { return };
    let waited = MutexGuard::unlocked(state, || turnstile.wait_for_next());
    match waited {
        Ok(()) if state.wanted => state.place = Place::Next,
        Ok(()) => state.leave_next(),
        Err(trouble) => lose(state, trouble),
    }
    shared.moved.notify_one();
}

fn wait_for_writer(shared: &Shared, state: &mut MutexGuard<'_, State>) {
    let Some(turnstile) = state.turnstile.clone() else { return };
    let waited = MutexGuard::unlocked(state, || turnstile.wait_for_writer());
    match waited {
        Ok(()) => {
            state.enter(Instant::now());
            if !state.wanted {
                state.let_go();
            }
        }
        Err(trouble) => lose(state, trouble),
    }
    shared.moved.notify_one();
}

fn lose(state: &mut State, trouble: io::Error) {
    if let Entered::NoGate(trouble) = state.go_without(trouble) {
        state.trouble = Some(trouble);
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

//! A process may be killed at any moment: what was acknowledged is there, what was not
//! is there as a whole or not at all, and the others go on as if nothing had happened.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use super::common::Foreign;
use super::crew::{CLERKS, Crew};
use super::{Dice, duration, ms};

/// One clerk is killed this often.
const CLOCK: Duration = ms(200);

/// Kills clerks as long as [`duration`] says.
fn kill(crew: &mut Crew, mut dice: Dice) {
    let (start, mut ticks) = (Instant::now(), 0);
    while start.elapsed() < duration() {
        ticks += 1;
        thread::sleep((CLOCK * ticks).saturating_sub(start.elapsed()));
        // Whoever it is: at work, asking for the turn, or not yet ready.
        crew.replace(dice.below(CLERKS));
    }
}

#[test]
fn a_killed_process_loses_nothing_and_stops_nobody() {
    let mut crew = Crew::start();
    kill(&mut crew, Dice(1));
    crew.end();
}

#[test]
fn a_killed_process_beside_a_foreign_one_loses_nothing_and_stops_nobody() {
    let mut crew = Crew::start();
    let (path, end) = (crew.database(), AtomicBool::new(false));
    let times = thread::scope(|scope| {
        let foreign = scope.spawn(|| lock_now_and_then(&path, Dice(2), &end));
        kill(&mut crew, Dice(3));
        end.store(true, SeqCst);
        foreign.join().unwrap()
    });
    println!("the foreign process had the lock {times} times");
    assert!(times > 0);
    crew.end();
}

/// A program that knows of no queue takes the lock at odd moments, for up to 50 ms.
/// Returns how often it got it.
fn lock_now_and_then(path: &Path, mut dice: Dice, end: &AtomicBool) -> usize {
    let mut foreign = Foreign::open(path);
    let mut times = 0;
    while !end.load(SeqCst) {
        thread::sleep(dice.up_to(ms(200)));
        // It asks as SQLite does, now and then, and may not find the lock free in all
        // of its patience.
        if foreign.run("BEGIN EXCLUSIVE").is_err() {
            foreign = Foreign::open(path);
            continue;
        }
        thread::sleep(dice.up_to(ms(50)));
        foreign.run("ROLLBACK").unwrap();
        times += 1;
    }
    times
}

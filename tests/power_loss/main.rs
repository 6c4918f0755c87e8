//! all-or-nothing, in a power cut: a recording of all that SQLite and db-core write and
//! sync is cut at any point, what was not synced is lost, kept or torn, and the file is
//! opened again. What was acknowledged with `Shared` and `Full` is there, `Normal` lacks
//! at most the newest, and nothing is half there.
//!
//! `DB_CORE_CUTS=20000` makes more cuts of each recording, `DB_CORE_CUT_SEED=7` others;
//! what fails prints its seed.
#![cfg(unix)]

mod check;
mod failed_sync;
mod platter;
mod record;
#[path = "../common/vfs/mod.rs"]
mod vfs;
mod without_syncs;

use std::env;
use std::time::Instant;

use check::{Check, Trouble};
use db_core::Synchronous;
use platter::Platter;
use record::Recording;
use vfs::{Event, Note, Random};

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// The first seed of all.
fn seed() -> u64 {
    setting("DB_CORE_CUT_SEED", 1)
}

/// How many recordings of each mode: threads never meet in the same way twice.
const RECORDINGS: u64 = 4;

/// Cuts the recording at `cuts` seeded points. `counts` says which syncs are believed.
fn cut(
    recording: &Recording,
    seed: u64,
    cuts: u64,
    counts: impl Fn(&Event) -> bool,
) -> Result<(), (u64, Trouble)> {
    let mut places: Vec<(usize, u64)> = (0..cuts)
        .map(|n| {
            let seed = seed.wrapping_mul(1_000_003).wrapping_add(n);
            (Random(seed).below(recording.events.len() + 1), seed)
        })
        .collect();
    places.sort_unstable();
    let check = Check::new(recording);
    let mut platter = Platter::default();
    let (mut acked, mut checkpointed) = (0, 0);
    let mut at = 0;
    for (place, seed) in places {
        while at < place {
            let event = &recording.events[at];
            match event {
                Event::Noted(Note::Acked(n)) => acked = acked.max(*n),
                Event::Noted(Note::Checkpointed(n)) => checkpointed = checkpointed.max(*n),
                event if counts(event) => platter.follow(at, event),
                _ => {}
            }
            at += 1;
        }
        let kept = match recording.mode {
            Synchronous::Normal => checkpointed,
            _ => acked.max(checkpointed),
        };
        let mut random = Random(!seed);
        let files = platter.after_cut(&mut random);
        check.run(&files, kept, random.below(64) == 0).map_err(|trouble| (seed, trouble))?;
    }
    Ok(())
}

fn survives(mode: Synchronous) {
    let cuts = setting("DB_CORE_CUTS", 1_000);
    let began = Instant::now();
    let mut in_all = 0;
    for n in 0..RECORDINGS {
        let seed = seed().wrapping_add(n);
        let recording = Recording::make(mode, seed);
        recording.is_worth_it();
        in_all += recording.events.len();
        if let Err((cut_seed, trouble)) = cut(&recording, seed, cuts, |_| true) {
            let kept = recording.keep();
            panic!("{mode:?}, DB_CORE_CUT_SEED={seed}, cut {cut_seed}: {trouble}; {kept}");
        }
    }
    println!(
        "{mode:?}: {} cuts in {RECORDINGS} recordings of {in_all} events, {:.1} s",
        cuts * RECORDINGS,
        began.elapsed().as_secs_f64()
    );
}

#[test]
fn shared_keeps_what_was_ok() {
    survives(Synchronous::Shared);
}

#[test]
fn full_keeps_what_was_ok() {
    survives(Synchronous::Full);
}

#[test]
fn normal_loses_from_the_end_only() {
    survives(Synchronous::Normal);
}

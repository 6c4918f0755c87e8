//! The check sees it if a sync is missing: the same recordings, with syncs of a kind not
//! believed.

use db_core::Synchronous;

use super::vfs::{By, Event, Name};
use super::{Recording, Trouble, cut, seed};

/// The trouble that is found when syncs of which `missing` is true did nothing.
#[track_caller]
fn found(mode: Synchronous, missing: impl Fn(By, Name) -> bool) -> Trouble {
    let recording = Recording::make(mode, seed());
    recording.is_worth_it();
    let counts = |event: &Event| match event {
        Event::Synced { by, name, .. } => !missing(*by, *name),
        _ => true,
    };
    cut(&recording, seed(), 3_000, counts).expect_err("no cut shows that a sync is missing").1
}

#[track_caller]
fn is_lost(trouble: &Trouble) {
    assert!(matches!(trouble, Trouble::Lost { .. }), "{trouble}");
}

#[test]
fn shared_without_the_shared_sync_loses_commits() {
    is_lost(&found(Synchronous::Shared, |by, _| by == By::Shared));
}

#[test]
fn full_without_syncs_of_the_wal_loses_commits() {
    found(Synchronous::Full, |_, name| name == Name::Wal);
}

#[test]
fn normal_without_syncs_of_the_database_is_damaged() {
    found(Synchronous::Normal, |_, name| name == Name::Database);
}

#[test]
fn normal_without_syncs_of_the_wal_is_damaged() {
    found(Synchronous::Normal, |_, name| name == Name::Wal);
}

/// Measured by what `Full` promises, `Normal` loses commits: so the cuts do take them.
#[test]
fn normal_does_lose_the_newest() {
    let mut recording = Recording::make(Synchronous::Normal, seed());
    recording.mode = Synchronous::Full;
    let trouble = cut(&recording, seed(), 3_000, |_| true);
    is_lost(&trouble.expect_err("no cut loses anything").1);
}

//! Group commit: calls that wait for their turn share the transaction of the one who
//! has it.
//!
//! Whoever has the lane for a grouped call leads: its own body runs first, then those of
//! the calls that wait next in the queue, on the leader's thread, each in a savepoint, in
//! order of arrival. One commit is for all, and only after it anybody is told anything,
//! because even an error may rest on what another member wrote.
//!
//! `join` is how a call comes there, `shared` is that transaction, `alone` what becomes of those for whom it was not.
//! Invariants: a member that is told has come to its one outcome, which is in the file or
//! has left nothing there, or it is told that it has come to none, and queues again;
//! nothing passes from one member to the next but what it wrote, neither deferred foreign
//! keys nor settings; no member fails for another's fault.

mod alone;
mod join;
mod shared;

use std::mem;
use std::time::Instant;

use super::Stage;
use super::lend::Lent;
use super::writer::{Callback, Doom, WriteTx};
use crate::error::Error;
use crate::lane::Taken;
use crate::retry::Deadline;
use crate::watch::Opener;

/// A call that may be run in a transaction with others, by another thread.
pub(crate) trait Member: Send {
    /// Who called.
    fn opener(&self) -> &Opener;

    /// The body is about to run, for the first time.
    fn begin(&mut self, now: Instant);

    /// Until when its caller would wait for the disk, for a commit that was made then.
    fn patience(&self, committed: Instant) -> Deadline;

    /// Runs the body, and keeps what that came to in the place of what was there.
    fn run(&mut self, tx: &WriteTx<'_>) -> Ran;

    /// What the body wrote is kept; this is to run after the commit.
    fn keep(&mut self, callbacks: Vec<Callback>);

    /// What the body wrote is undone, and this never runs.
    fn undo(&mut self, callbacks: Vec<Callback>);

    /// What the body wrote is undone, for this reason.
    fn fail(&mut self, error: Error);

    /// It shares its transaction with others: so many calls they are together.
    fn shared_by(&mut self, calls: usize);

    /// The outcome is final, and all that it rests on is on the disk when the commit of
    /// that number is. Whoever is told without has come to nothing.
    fn settle(&mut self, commit: Option<u64>);
}

/// What running a body came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Kept,
    /// By an error or a panic.
    Failed,
    /// By an error that may be another's fault: a full disk, an interrupt.
    Spoiled,
}

/// The members of a group, who wait to be told. They are when this is dropped.
#[must_use]
pub(crate) struct Followers(Vec<Taken<Lent>>);

impl WriteTx<'_> {
    /// Ends the transaction of `own`, whose body has run in it and is to be kept: runs the
    /// bodies of those who wait in it as well, commits, and lets the lane go.
    pub(crate) fn lead(mut self, own: &mut dyn Member) -> Followers {
        own.keep(self.on_commit.take());
        let mut followers = Followers(Vec::new());
        let fate = self.gather(&mut followers.0);
        match (fate, self.commit_shared(fate, own, &mut followers.0)) {
            (fate, Ok(())) => self.told_together(own, &mut followers.0, fate),
            (_, Err(error)) if followers.0.is_empty() => own.fail(error),
            (_, Err(_)) => self.run_each_alone(own, &mut followers.0),
        }
        if self.engine().forked() {
            // Those who wait do so in the other process.
            mem::forget(mem::take(&mut followers.0));
        }
        // All that anybody is told rests on the newest commit of this turn.
        let newest = self.newest_commit();
        own.settle(newest);
        followers.0.iter_mut().for_each(|follower| follower.job().call().settle(newest));
        if !followers.0.is_empty() {
            // What the last body was refused is no business of this caller's.
            self.act_for(own.opener().site());
            // Telling them takes a while, in which this thread won't be back.
            self.rests_after();
        }
        // By name: a panic in there must not keep the followers from being told.
        drop(self);
        followers
    }
}

impl Followers {
    /// The earliest moment at which one of them would stop waiting for the disk, for a
    /// commit that was made then.
    pub(crate) fn patience(&mut self, committed: Instant) -> Deadline {
        let followers = self.0.iter_mut();
        let patience = followers.map(|follower| follower.job().call().patience(committed));
        patience.fold(Deadline::NEVER, Deadline::earlier)
    }
}

//! Group commit: calls that wait for their turn share the transaction of the one who
//! has it.
//!
//! Whoever has the lane for a grouped call leads: its own body runs first, then those of
//! the calls that wait next in the queue, on the leader's thread, each in a savepoint, in
//! order of arrival. One commit is for all, and only after it anybody is told anything,
//! because even an error may rest on what another member wrote.
//!
//! Invariants: a member that is told has come to its one outcome, which is in the file or
//! has left nothing there; nothing passes from one member to the next but what it wrote,
//! neither deferred foreign keys nor settings; no member fails for another's fault: if the
//! shared transaction is lost, each runs again in one of its own.

use std::mem;
use std::time::Instant;

use super::lend::Lent;
use super::raw::Control;
use super::writer::{Callback, Doom, WriteTx};
use super::{LaneNote, Stage};
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

    /// Runs the body, and keeps what that came to in the place of what was there.
    fn run(&mut self, tx: &WriteTx<'_>) -> Ran;

    /// What the body wrote is kept; this is to run after the commit.
    fn keep(&mut self, callbacks: Vec<Callback>);

    /// What the body wrote is undone, and this never runs.
    fn undo(&mut self, callbacks: Vec<Callback>);

    /// What the body wrote is undone, for this reason.
    fn fail(&mut self, error: Error);

    /// The outcome is final; it is on the disk when the commit of that number is.
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

/// What became of a member, or of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Kept, or undone alone.
    Fine,
    /// Undone, and to run in a transaction of its own: what it leaves to the commit must
    /// not be mended by the next one.
    Apart,
    /// The transaction is lost, or not to be trusted.
    Lost,
}

/// The members of a group, who wait to be told. They are when this is dropped.
#[must_use]
pub(crate) struct Followers {
    _taken: Vec<Taken<Lent>>,
}

impl WriteTx<'_> {
    /// Ends the transaction of `own`, whose body has run in it and is to be kept: runs the
    /// bodies of those who wait in it as well, commits, and lets the lane go.
    pub(crate) fn lead(mut self, own: &mut dyn Member) -> Followers {
        own.keep(self.on_commit.take());
        let mut followers = Vec::new();
        let committed = match self.gather(&mut followers) {
            Fate::Lost => self.run_each_alone(own, &mut followers),
            fate => match self.run_commit() {
                Ok(()) => {
                    if let (Fate::Apart, Some(apart)) = (fate, followers.last_mut()) {
                        let until = self.patience();
                        self.run_alone(apart.job().call(), until);
                    }
                    true
                }
                Err(error) if followers.is_empty() => {
                    own.fail(error);
                    false
                }
                Err(_) => self.run_each_alone(own, &mut followers),
            },
        };
        if self.engine().forked() {
            // Those who wait do so in the other process.
            mem::forget(followers);
            own.settle(None);
            return Followers { _taken: Vec::new() };
        }
        let commit = self.count_commit(committed);
        own.settle(commit);
        for follower in &mut followers {
            follower.job().call().settle(commit);
        }
        self.engine().counters().grouped.add_all(followers.len());
        Followers { _taken: followers }
    }

    /// Runs the bodies of those who wait, until there are none or the group is closed.
    fn gather(&self, followers: &mut Vec<Taken<Lent>>) -> Fate {
        if self.doom.get().is_some() || self.still_open().is_err() {
            return Fate::Fine;
        }
        let options = self.engine().options();
        let mut opened = None;
        while followers.len() + 1 < options.max_group_size {
            let first = opened.is_none();
            let taken = self.take(|held, note, now| {
                let opened = *opened.get_or_insert(held.since);
                let age = now.saturating_duration_since(opened);
                let joins = age < options.max_group_age && self.may_join(note, first);
                if joins {
                    note.stage = Stage::Writing;
                }
                joins
            });
            let Some(mut taken) = taken else { break };
            let since = taken.since();
            let member = taken.job().call();
            member.begin(since);
            let fate = self.run_in_savepoint(member);
            followers.push(taken);
            if fate != Fate::Fine {
                return fate;
            }
        }
        Fate::Fine
    }

    /// Whether whoever has left that note can be the next follower.
    fn may_join(&self, note: &LaneNote, first: bool) -> bool {
        let engine = self.engine();
        let own = note.engine == engine.id && engine.usable().is_ok();
        // What the leader's body has left behind is looked at only if somebody follows.
        own && (!first || self.can_be_followed())
    }

    /// Whether the leader's body has left nothing to the commit that a follower could mend,
    /// or that keeps it from having a savepoint.
    fn can_be_followed(&self) -> bool {
        let unfinished = self.ready().session.unfinished_write().is_some();
        !unfinished && !self.unsettled() && self.tidy()
    }

    fn run_in_savepoint(&self, member: &mut dyn Member) -> Fate {
        self.act_for(member.opener().site());
        if self.control(Control::Savepoint).is_err() {
            return Fate::Lost;
        }
        let ran = member.run(self);
        let doom = self.doom.take();
        let lost = matches!(doom, Some(Doom::Lost)) || ran == Ran::Spoiled;
        if lost || self.still_open().is_err() {
            member.undo(self.on_commit.take());
            return Fate::Lost;
        }
        let kept = ran == Ran::Kept && doom.is_none();
        if let Some(Doom::ReaderWrote(site)) = doom
            && ran == Ran::Kept
        {
            member.fail(Error::ReaderWrote { site });
        }
        let apart = kept && self.unsettled();
        if kept && !apart {
            match self.control(Control::Release) {
                Ok(()) => {
                    member.keep(self.on_commit.take());
                    return if self.tidy() { Fate::Fine } else { Fate::Lost };
                }
                Err(error) => member.fail(self.unfinished_or(error, self.site())),
            }
        }
        member.undo(self.on_commit.take());
        if !(self.undo_savepoint() && self.tidy()) {
            return Fate::Lost;
        }
        if apart { Fate::Apart } else { Fate::Fine }
    }

    fn undo_savepoint(&self) -> bool {
        // A statement that was left unfinished keeps the savepoint from being released.
        self.ready().session.reset_unfinished();
        let undo = self.control(Control::RollbackTo);
        undo.and_then(|()| self.control(Control::Release)).is_ok()
    }

    /// Whether something is left for the commit to refuse.
    fn unsettled(&self) -> bool {
        self.ready().session.has_unsettled_keys()
    }

    /// Takes back what one body may have set for the next; `false` if it can't be.
    fn tidy(&self) -> bool {
        let ready = self.ready();
        let settled = !ready.watchdog.take_deferring() || {
            // Not kept prepared: SQLite sets a flag when it prepares the statement, not
            // when it runs it (`sqlite3Pragma` in pragma.c).
            let off = "PRAGMA defer_foreign_keys = OFF";
            self.as_engine(|session| session.conn().execute_batch(off)).is_ok()
        };
        settled && ready.enforce_foreign_keys(self.engine().options().foreign_keys)
    }

    /// Runs each member of a group that is lost in a transaction of its own. Returns
    /// whether any has committed.
    fn run_each_alone(&mut self, own: &mut dyn Member, followers: &mut [Taken<Lent>]) -> bool {
        let until = self.patience();
        let mut committed = self.run_alone(own, until);
        for follower in followers {
            committed |= self.run_alone(follower.job().call(), until);
        }
        committed
    }

    /// Until when somebody who does not queue is waited for when a group is run again. The
    /// members' own deadlines have ended with the first run: that there is a second one is
    /// no fault of theirs.
    fn patience(&self) -> Deadline {
        Deadline::after(Instant::now(), self.engine().options().busy_timeout)
    }

    fn run_alone(&mut self, member: &mut dyn Member, until: Deadline) -> bool {
        if let Err(error) = self.begin_again(until) {
            member.fail(error);
            return false;
        }
        self.name_holder(member.opener().clone());
        self.act_for(member.opener().site());
        let ran = member.run(self);
        let callbacks = self.on_commit.take();
        if ran != Ran::Kept {
            member.undo(callbacks);
            return false;
        }
        member.keep(callbacks);
        match self.run_commit() {
            Ok(()) => true,
            Err(error) => {
                member.fail(error);
                false
            }
        }
    }
}

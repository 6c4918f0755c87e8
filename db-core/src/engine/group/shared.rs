//! The transaction that members share.

use std::time::Duration;

use super::*;
use crate::engine::raw::Control;
use crate::engine::ready::Ready;
use crate::error::Result;

/// For how long a group waits for the next one to join while a sync is under way. A longer
/// one leaves time for many commits, whose cost then is not what counts.
const LINGER: Duration = Duration::from_micros(250);

/// How often it looks for them. It sleeps in between, and does not wait awake: whoever yields
/// while he has the lock may get it back late on a busy machine.
const LOOK: Duration = Duration::from_micros(100);

/// What became of a member, and of the group with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Kept, or undone alone.
    Fine,
    /// As `Fine`, and it has set what lasts until the end of the transaction: nobody may
    /// follow it.
    Last,
    /// Undone, and to run in a transaction of its own: what it leaves to the commit must
    /// not be mended by the next one.
    Apart,
    /// The transaction is lost, or not to be trusted.
    Lost,
}

impl WriteTx<'_> {
    /// Runs the bodies of those who wait, until there are none or the group is closed.
    pub(super) fn gather(&self, followers: &mut Vec<Taken<Lent>>) -> Fate {
        let options = self.engine().options();
        let most = if options.max_group_age.is_zero() { 1 } else { options.max_group_size };
        // A fork in the leader's body has left the lane to the other process.
        if most <= 1 || self.engine().forked() || !self.is_joined() || !self.can_be_followed() {
            return Fate::Fine;
        }
        let mut opened = None;
        while followers.len() + 1 < most {
            let Some(mut taken) = self.take_next(&mut opened) else {
                if self.somebody_waits() || !self.is_joined() {
                    break;
                }
                continue;
            };
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

    /// Whether somebody waits. While a sync is under way it is worth waiting for them for a
    /// while: the commit would wait for the end of that as well.
    fn is_joined(&self) -> bool {
        let mut until = None;
        while !self.somebody_waits() {
            // In this order: one alone is not to pay for the clock.
            if !self.engine().doze_over_sync(LOOK) {
                return false;
            }
            let now = Instant::now();
            if *until.get_or_insert(now + LINGER) <= now {
                return false;
            }
        }
        true
    }

    fn take_next(&self, opened: &mut Option<Instant>) -> Option<Taken<Lent>> {
        let engine = self.engine();
        self.take(|held, note, now| {
            let opened = *opened.get_or_insert(held.since);
            let young = now.saturating_duration_since(opened) < engine.options().max_group_age;
            // Another database on the same file has a connection of its own; and who waits
            // while this one is closed is to hear of that.
            let joins = young && note.engine == engine.id && !engine.is_closed();
            if joins {
                note.stage = Stage::Writing;
                note.seat.opener.run_here();
                note.seat.watchdog.clone_from(&held.note.seat.watchdog);
                if let Some(watchdog) = &note.seat.watchdog {
                    watchdog.forget_statement();
                }
            }
            joins
        })
    }

    /// Whether the leader's body has left nothing to the commit that a follower could mend,
    /// and nothing that would pass on to one.
    fn can_be_followed(&self) -> bool {
        let ready = self.ready();
        self.doom.get().is_none()
            && !ready.watchdog.is_overdue()
            && self.still_open().is_ok()
            && ready.session.unfinished_write().is_none()
            && !ready.session.has_unsettled_keys()
            && !ready.watchdog.take_deferring()
            && self.check_before_commit().is_ok()
            && self.engine().refuse_undurable(self.site()).is_ok()
            && self.tidy()
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
        if let Some(Doom::ReaderWrote(site)) = doom
            && ran == Ran::Kept
        {
            member.fail(Error::ReaderWrote { site });
        }
        let Ready { session, watchdog, .. } = self.ready();
        let kept = ran == Ran::Kept && doom.is_none();
        let apart = kept && (session.has_unsettled_keys() || self.check_before_commit().is_err());
        // Can't be taken back: with it SQLite forgets what it has counted of unsettled keys
        // (`PragTyp_FLAG` in pragma.c).
        let deferring = watchdog.take_deferring();
        let undone = if kept && !apart {
            match self.control(Control::Release) {
                Ok(()) => {
                    member.keep(self.on_commit.take());
                    true
                }
                Err(error) => {
                    member.fail(self.unfinished_or(error, self.site()));
                    self.undo_savepoint(member)
                }
            }
        } else {
            self.undo_savepoint(member)
        };
        match undone && self.tidy() {
            false => Fate::Lost,
            true if apart => Fate::Apart,
            true if deferring => Fate::Last,
            true => Fate::Fine,
        }
    }

    fn undo_savepoint(&self, member: &mut dyn Member) -> bool {
        member.undo(self.on_commit.take());
        if self.engine().forked() {
            return false;
        }
        // One that was left unfinished would keep the savepoint from being released.
        self.ready().session.reset_unfinished();
        let undo = self.control(Control::RollbackTo);
        undo.and_then(|()| self.control(Control::Release)).is_ok()
    }

    /// Takes back what a body may have left to the next; `false` if it can't be.
    fn tidy(&self) -> bool {
        let ready = self.ready();
        // Of a statement that it has leaked, the next one's DROP TABLE would hear.
        ready.session.reset_unfinished();
        ready.enforce_foreign_keys(self.engine().options().foreign_keys)
    }

    /// Commits what was not lost.
    pub(super) fn commit_shared(
        &self,
        fate: Fate,
        own: &dyn Member,
        followers: &mut [Taken<Lent>],
    ) -> Result<()> {
        match fate {
            Fate::Lost => Err(Error::RolledBack { site: self.site() }),
            // A fault that a test asks for is met by whoever of them it is for.
            _ if self.engine().options().faults.are_there() => {
                let together = followers.len() - usize::from(fate == Fate::Apart);
                let followers = followers.iter_mut().take(together);
                let calls = followers.map(|follower| follower.job().call().opener().site());
                let calls: Vec<_> = [own.opener().site()].into_iter().chain(calls).collect();
                self.run_commit_of(&calls)
            }
            _ => self.run_commit(),
        }
    }

    /// After the commit: what its members came to is final. One that was not to be part of
    /// it runs now, in a transaction of its own.
    pub(super) fn told_together(
        &mut self,
        own: &mut dyn Member,
        followers: &mut [Taken<Lent>],
        fate: Fate,
    ) {
        let (apart, together) = match followers.split_last_mut() {
            Some((last, others)) if fate == Fate::Apart => (Some(last), others),
            _ => (None, followers),
        };
        let newest = self.newest_commit();
        own.settle(newest);
        together.iter_mut().for_each(|follower| follower.job().call().settle(newest));
        self.engine().counters().shared_by(together.len());
        if !together.is_empty() {
            let calls = together.len() + 1;
            own.shared_by(calls);
            together.iter_mut().for_each(|follower| follower.job().call().shared_by(calls));
        }
        if let Some(apart) = apart {
            self.run_alone(apart.job().call());
        }
    }
}

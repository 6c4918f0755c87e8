//! Transactions of their own for members whose group was lost, or that were taken out of it.
//!
//! Run by the leader, in the same turn and in order of arrival: so nobody passes them, and
//! a deadline that ended with their first run does not end them now.

use super::*;
use crate::engine::open;
use crate::engine::watchdog::Mode;
use crate::error::{Result, is_lock};

impl WriteTx<'_> {
    /// Runs each member of a group that is lost by itself. Once one has met a lock of
    /// somebody outside that stays, the rest are let go, and queue again: the lane is not to
    /// be kept for as often as there are members.
    pub(super) fn run_each_alone(
        &mut self,
        own: &mut dyn Member,
        followers: &mut Vec<Taken<Lent>>,
    ) {
        let mut met_lock = self.run_alone(own);
        let mut ran = 0;
        while !met_lock && let Some(follower) = followers.get_mut(ran) {
            met_lock = self.run_alone(follower.job().call());
            ran += 1;
        }
        if !self.engine().forked() {
            followers.truncate(ran);
        }
    }

    /// Runs a member in a transaction of its own. Whether it has met a lock that stayed.
    pub(super) fn run_alone(&mut self, member: &mut dyn Member) -> bool {
        self.act_for(member.opener().site());
        let begun = self.begin_again().and_then(|()| {
            let mut opener = member.opener().clone();
            opener.run_here();
            self.name_holder(opener);
            let ran = member.run(self);
            let callbacks = self.on_commit.take();
            if ran != Ran::Kept {
                member.undo(callbacks);
                return Ok(());
            }
            member.keep(callbacks);
            self.run_commit()
        });
        let met_lock = begun.as_ref().is_err_and(|error| is_lock(error));
        if let Err(error) = begun {
            member.fail(error);
        }
        // At once: should the leader fail at another's, this one must not run again.
        member.settle(self.newest_commit());
        met_lock
    }

    /// Begins anew in the same turn, after the transaction has ended or is lost.
    fn begin_again(&mut self) -> Result<()> {
        let engine = self.engine();
        engine.usable_here()?;
        engine.refuse_undurable(self.site())?;
        let ready = self.ready();
        ready.watchdog.set_mode(Mode::Engine);
        self.doom.set(None);
        if !(ready.end_transaction() && ready.enforce_foreign_keys(engine.options.foreign_keys)) {
            self.exchange(engine.open_another(open::writer, engine.options())?);
        }
        self.take_lock_again()?;
        if engine.shares_syncs() {
            engine.follow_wal(self.ready(), self.site())?;
        }
        self.hand_to_body();
        Ok(())
    }
}

//! Transactions of their own for members whose group was lost, or that were taken out of it.
//!
//! Run by the leader, in the same turn and in order of arrival: so nobody passes them, and
//! a deadline that ended with their first run does not end them now.

use super::*;
use crate::engine::hooks::Mode;
use crate::engine::open;
use crate::error::Result;

impl WriteTx<'_> {
    /// Runs each member of a group that is lost by itself. Those for whom there is no more
    /// time are let go, and queue again.
    pub(super) fn run_each_alone(
        &mut self,
        own: &mut dyn Member,
        followers: &mut Vec<Taken<Lent>>,
    ) {
        let until = self.patience();
        self.run_alone(own, until);
        let mut ran = 0;
        for follower in &mut *followers {
            if until.passed(Instant::now()) {
                break;
            }
            self.run_alone(follower.job().call(), until);
            ran += 1;
        }
        if !self.engine().forked() {
            followers.truncate(ran);
        }
    }

    /// Until when somebody who does not queue is waited for, by all of them together.
    pub(super) fn patience(&self) -> Deadline {
        Deadline::after(Instant::now(), self.engine().options().busy_timeout)
    }

    pub(super) fn run_alone(&mut self, member: &mut dyn Member, until: Deadline) {
        self.act_for(member.opener().site());
        let begun = self.begin_again(until).and_then(|()| {
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
            self.run_commit(until)
        });
        if let Err(error) = begun {
            member.fail(error);
        }
        // At once: should the leader fail at another's, this one must not run again.
        member.settle(self.newest_commit());
    }

    /// Begins anew in the same turn, after the transaction has ended or is lost.
    fn begin_again(&mut self, until: Deadline) -> Result<()> {
        let engine = self.engine();
        engine.usable_here()?;
        engine.refuse_undurable(self.site())?;
        let ready = self.ready();
        ready.watchdog.set_mode(Mode::Engine);
        self.doom.set(None);
        if !(ready.end_transaction() && ready.enforce_foreign_keys(engine.options.foreign_keys)) {
            self.exchange(engine.open_another(open::writer)?);
        }
        self.take_lock_again(until)?;
        if engine.shares_syncs() {
            engine.follow_wal(self.ready(), self.site())?;
        }
        self.hand_to_body();
        Ok(())
    }
}

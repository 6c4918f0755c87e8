//! How a call comes to lead a group, or to follow in one: it waits for its turn, and lets
//! whoever has the turn before run it.

use super::*;
use crate::engine::Engine;
use crate::engine::admission::may_write;
use crate::engine::lend::lend;
use crate::engine::turn::WriteTurn;
use crate::engine::wait::Wait;
use crate::error::Result;
use crate::lane::Entered;

impl<'e> WriteTx<'e> {
    /// As [`begin`](Self::begin), for a call that another one may run. `None` if one did.
    pub(crate) fn begin_or_lend(
        engine: &'e Engine,
        wait: &Wait,
        call: &mut dyn Member,
    ) -> Result<Option<Self>> {
        may_write(engine, wait.site, true)?;
        let turn = engine.acquire_or_lend(wait, call)?;
        turn.map(|turn| Self::open(engine, turn, wait, true)).transpose()
    }
}

impl Engine {
    /// As [`acquire`](Self::acquire), and lets whoever has the turn before run `call`.
    /// `None` if somebody did.
    #[allow(clippy::result_large_err, reason = "by the span, and made only after a timeout")]
    fn acquire_or_lend(&self, wait: &Wait, call: &mut dyn Member) -> Result<Option<WriteTurn<'_>>> {
        let note = self.note_of(call.opener().clone());
        let lane = &self.queue.lane;
        let entered =
            lend(call, |lender| lane.acquire_or_leave(note, || lender.lend(), wait.deadline));
        match entered.map_err(|out| self.passed_over(wait, out))? {
            Entered::Turn(turn) => self.at_gate(turn, wait).map(Some),
            Entered::Served => Ok(None),
        }
    }
}

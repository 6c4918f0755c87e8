//! What a body did to its transaction.

use super::{Advice, action, advice};

pub(in crate::error) const ROLLED_BACK: Advice = advice(
    &[
        "a statement with OR ROLLBACK or a trigger with RAISE(ROLLBACK) failed, and the body ignored its error",
        "SQLite gave up the transaction after an I/O error, a full disk or an interrupt",
        "the body ran a ROLLBACK that was prepared before it began",
    ],
    &["let the body return the first error that a statement gives it (`?`)"],
);

pub(in crate::error) const REFUSED: Advice = Advice {
    why: (
        "Why",
        &[
            "bodies may not begin, end or nest transactions, change settings, attach databases or make temporary objects: the engine does, and answers for them",
        ],
    ),
    act: (
        "Action",
        &[
            "end a transaction by returning: `Ok` commits, `Err` rolls back",
            "set connections up with `Options` and `Options::on_connect`",
        ],
    ),
};

pub(in crate::error) const UNFINISHED: Advice = advice(
    &["rows of a RETURNING statement were not read to their end, and the statement was leaked"],
    &["read all rows, or drop the statement before the body ends"],
);

pub(in crate::error) const READER_WROTE: Advice =
    action(&["make the function a `#[writer]`", "or take the write out of it"]);

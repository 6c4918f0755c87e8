//! Locks, turns, guards and handles.

use super::{Advice, action, advice};
use crate::file_system::Drive;

const OTHERS: &str = "another application is using the database";
const UNCLOSED: &str = "a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core";
const DRIVE: &str = "the file is on a network drive, where locks need not work";
/// A disk of another machine may be mounted as one of this one.
const LOCAL_DRIVE: &str = "the file is on a network drive that passes for a local disk, such as a shared folder of a virtual machine";

const CLOSE: &str = "close the other applications and try again";
const RESTART: &str = "restart this one if the error stays";
const LONGER: &str = "wait longer for other programs: raise the option `busy_timeout`";

const MAY_BE: &[&str] = &[OTHERS, UNCLOSED, DRIVE];
const MAY_BE_LOCAL: &[&str] = &[OTHERS, UNCLOSED, LOCAL_DRIVE];
const ON_NETWORK: &[&str] = &["move the database to a local disk", CLOSE, RESTART, LONGER];
const ON_NETWORK_TURN: &[&str] = &["move the database to a local disk", CLOSE, RESTART, MORE_TIME];

/// A lock that stayed for `busy_timeout`. With what is known of the drive: where that is one
/// of a network, the facts say so.
pub(in crate::error) fn locked(drive: &Drive) -> Advice {
    match drive {
        Drive::Unknown => advice(MAY_BE, &[CLOSE, RESTART, LONGER]),
        Drive::Local => advice(MAY_BE_LOCAL, &[CLOSE, RESTART, LONGER]),
        Drive::Network(_) => advice(&[OTHERS, UNCLOSED], ON_NETWORK),
    }
}

/// A lock that stayed until the time for the turn was over.
pub(in crate::error) fn locked_for_the_turn(drive: &Drive) -> Advice {
    match drive {
        Drive::Unknown => advice(MAY_BE, &[CLOSE, RESTART, MORE_TIME]),
        Drive::Local => advice(MAY_BE_LOCAL, &[CLOSE, RESTART, MORE_TIME]),
        Drive::Network(_) => advice(&[OTHERS, UNCLOSED], ON_NETWORK_TURN),
    }
}

const MORE_TIME: &str = "give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all";

pub(in crate::error) const WRITER_TIMEOUT: Advice = Advice {
    why: (
        "May indicate",
        &[
            "a long transaction: work that needs no lock was done while holding it",
            "a guard that was not dropped",
        ],
    ),
    act: (
        "Action",
        &[
            "wait, and try again",
            "restart the program if the same place holds the lock for ever",
            MORE_TIME,
        ],
    ),
};

pub(in crate::error) const PROCESS_TIMEOUT: Advice = Advice {
    why: (
        "May indicate",
        &[
            "a long transaction in the other process: work that needs no lock was done while holding it",
            "a process that is stopped, or stands in a debugger, in the middle of a write",
        ],
    ),
    act: (
        "Action",
        &[
            "wait, and try again",
            "let the other process go on, or end it: the lock is free at once",
            MORE_TIME,
        ],
    ),
};

pub(in crate::error) const BODY_TIMEOUT: Advice = Advice {
    why: (
        "May indicate",
        &[
            "a statement that reads more than it must: an index is missing",
            "work that needs no database was done inside the function",
        ],
    ),
    act: (
        "Action",
        &[
            "see how the statement reads: EXPLAIN QUERY PLAN",
            "do the work before or after, or in parts",
            "raise the option that the error names, or leave it out",
        ],
    ),
};

pub(in crate::error) const READER_TIMEOUT: Advice = advice(
    &[
        "readers are kept open for longer than they read",
        "`max_readers` is too small for the number of threads",
    ],
    &["drop readers early", "raise `Options::max_readers`, or leave it out"],
);

pub(in crate::error) const NESTED_WRITE: Advice = action(&[
    "call it with the `&Writer` that the outer body was given: it then joins that transaction",
    "if it takes no handle because it is annotated with `db = ..`, take that off and pass the handle",
    "or move it after the commit, with `on_commit`",
    "a guard counts as a body: drop or commit it first",
]);

pub(in crate::error) const ONCE_IN_RETRIED: Advice = action(&[
    "if running it again is harmless, declare it `#[retry_on_locked(idempotent)]`, and so the writer whose handle it was called with, if there is one",
    "or call it before or after the body that may run again",
    "or, if it was called with the database, move it after the commit, with `on_commit`",
]);

pub(in crate::error) const NESTED_READ: Advice = action(&[
    "call it with the `&Reader` that the outer body was given: it then reads the same snapshot",
    "or raise `Options::max_readers`",
]);

pub(in crate::error) const CLOSED: Advice = action(&["open it anew: `Database::open`"]);

pub(in crate::error) const STILL_OPEN: Advice = action(&[
    "drop these guards, or let these calls return, before closing",
    "they may end in peace: their connections close with them",
]);

pub(in crate::error) const FORKED: Advice = action(&[
    "open databases after the fork, not before",
    "or start the other process with std::process::Command, which is not affected",
]);

pub(in crate::error) const NO_GLOBAL: Advice =
    action(&["at the start of `main`: db_core::install_global(Database::open(path)?)?"]);

pub(in crate::error) const SECOND_GLOBAL: Advice =
    action(&["install it once, at the start of `main`", "pass other databases as parameters"]);

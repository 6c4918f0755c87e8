//! The longer half of an error: what it may mean, and what to do.

use std::fmt;

use super::kinds::OpenProblem;
use crate::file_system::Drive;

/// Two lists, each with its heading; an empty one is left out.
pub(super) struct Advice {
    why: (&'static str, &'static [&'static str]),
    act: (&'static str, &'static [&'static str]),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, lines) in [self.why, self.act] {
            if lines.is_empty() {
                continue;
            }
            write!(f, "\n\n{heading}:")?;
            for line in lines {
                write!(f, "\n  - {line}")?;
            }
        }
        Ok(())
    }
}

const fn advice(why: &'static [&'static str], act: &'static [&'static str]) -> Advice {
    Advice { why: ("May occur if", why), act: ("Action", act) }
}

const fn action(act: &'static [&'static str]) -> Advice {
    advice(&[], act)
}

const OTHERS: &str = "another application is using the database";
const UNCLOSED: &str = "a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core";
const DRIVE: &str = "the file is on a network drive, where locks need not work";
/// A disk of another machine may be mounted as one of this one.
const LOCAL_DRIVE: &str =
    "the file is on a network drive after all: the system says that it is a local one";

const UNLOCK: &[&str] = &[
    "close the other applications and try again",
    "restart this one if the error stays",
    "wait longer for other programs: raise the option `busy_timeout`",
];

/// With what is known of the drive: where that is one of a network, the facts say so.
pub(super) fn locked(drive: &Drive) -> Advice {
    match drive {
        Drive::Unknown => advice(&[OTHERS, UNCLOSED, DRIVE], UNLOCK),
        Drive::Local => advice(&[OTHERS, UNCLOSED, LOCAL_DRIVE], UNLOCK),
        Drive::Network(_) => advice(
            &[OTHERS, UNCLOSED],
            &[
                "move the database to a local disk",
                "close the other applications and try again",
                "restart this one if the error stays",
                "wait longer for other programs: raise the option `busy_timeout`",
            ],
        ),
    }
}

const MORE_TIME: &str = "give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all";

pub(super) const WRITER_TIMEOUT: Advice = Advice {
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

pub(super) const PROCESS_TIMEOUT: Advice = Advice {
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

pub(super) const BODY_TIMEOUT: Advice = Advice {
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

/// One more thing to do where a warning was made an error.
pub(super) const NOT_STRICT: &str = "or open it without the option `strict`, and be only warned";

pub(super) const WRITER_LEAK: Advice = Advice {
    why: (
        "May indicate",
        &[
            "a guard that was not dropped: it was put away in a struct, or leaked",
            "a long transaction: nobody else writes before it ends",
        ],
    ),
    act: (
        "Action",
        &[
            "drop the guard, or let the function return, as early as can be",
            "if it may take so long, raise the option `leak_after`",
            "end what takes too long by itself: the option `write_timeout`",
        ],
    ),
};

pub(super) const READER_LEAK: Advice = Advice {
    why: (
        "May indicate",
        &[
            "a guard that was not dropped: it was put away in a struct, or leaked",
            "a function that does more than read: its snapshot stays open meanwhile",
        ],
    ),
    act: (
        "Action",
        &[
            "drop the guard, or let the function return, as early as can be",
            "if it may take so long, raise the option `leak_after`",
            "end what takes too long by itself: the option `read_timeout`",
        ],
    ),
};

pub(super) const WAL_PINNED: Advice = Advice {
    why: (
        "Why",
        &[
            "what was written since that snapshot has to stay in the log, which grows with every write and makes reading slower",
        ],
    ),
    act: (
        "Action",
        &[
            "end that reader: the log is used again from its beginning after the next writes",
            "end long readers by themselves: the option `read_timeout`",
        ],
    ),
};

pub(super) const WAL_RESET_BUG: Advice = action(&[
    "use SQLite 3.51.3 or newer: leave rusqlite's feature `bundled` on, or update the system's library",
]);

pub(super) const NETWORK_DRIVE: Advice =
    action(&["move the database to a local disk, and let other machines ask a program there"]);

pub(super) const READ_ONLY_FOLDER: Advice = action(&[
    "let the program write in that folder",
    "or copy the database to a folder where it may",
]);

pub(super) const HELD_IN_ROLLBACK_MODE: Advice = action(&[
    "close the other applications: the file is turned to a WAL once, and stays so",
    "or accept that readers and writers block each other: `Options::journal_mode(JournalMode::Delete)`",
]);

pub(super) const SECOND_SQLITE: Advice = action(&[
    "open the file through one of the two only",
    "or build with one SQLite: rusqlite's feature `bundled` off, so that all use the system's",
]);

pub(super) const NO_GATE: Advice = advice(
    &[
        "the folder of the database can't be written",
        "the file system knows no locks, as some network drives",
    ],
    &["let the program write in that folder: it makes two small files beside the database"],
);

pub(super) const NOT_DURABLE: Advice = advice(
    &["the disk, its controller or its cable failed", "a network drive went away"],
    &[
        "don't repeat the write: it is done, and can be seen",
        "stop writing; a power cut may take the newest commits",
        "mend the disk, then open the database anew (it takes no more writes before), and check it: sqlite3 FILE 'PRAGMA integrity_check'",
    ],
);

pub(super) const UNOPENED: Advice = advice(
    &["the program has too many files open", "the rights of the `-wal` file were changed"],
    &[
        "mend what the error names, and try again",
        "or use `Synchronous::Full`, which needs no file of its own",
    ],
);

pub(super) const SYNC_LATE: Advice = advice(
    &["the disk is overloaded, or fails", "a network drive went away"],
    &[
        "don't repeat the write: it is done, and can be seen",
        "the next writer's `Ok` says that this one is on the disk too",
    ],
);

pub(super) const NO_MORE_WRITES: Advice = action(&[
    "mend the disk, then open the database anew, in every program that has it open: what it holds can be read until then",
    "check the file: sqlite3 FILE 'PRAGMA integrity_check'",
]);

pub(super) const READER_TIMEOUT: Advice = advice(
    &[
        "readers are kept open for longer than they read",
        "`max_readers` is too small for the number of threads",
    ],
    &["drop readers early", "raise `Options::max_readers`, or leave it out"],
);

pub(super) const CORRUPT: Advice = Advice {
    why: (
        "May occur if",
        &[
            "the disk or its controller failed",
            "the file was copied, replaced or edited while it was open",
            "the `-wal` file was removed or separated from it",
        ],
    ),
    act: (
        "Recovery",
        &[
            "stop writing, and keep the file and its `-wal` as they are",
            "restore the newest backup",
            "see what is wrong: sqlite3 FILE 'PRAGMA integrity_check'",
            "as the last resort export what can be read and start anew: sqlite3 FILE .recover | sqlite3 NEW",
        ],
    ),
};

pub(super) const NOT_A_DATABASE: Advice = advice(
    &["the path names some other file", "the database is encrypted"],
    &[
        "check the path",
        "an encrypted database needs an SQLite built with SQLCipher, and its key in `Options::on_connect`",
    ],
);

pub(super) fn open(problem: OpenProblem, readable: bool) -> Advice {
    match problem {
        OpenProblem::Empty => action(&["give the path of a file"]),
        OpenProblem::Memory => {
            action(&["use `Database::open_in_memory()`: all its connections share one database"])
        }
        OpenProblem::Folder => action(&["add the file's name to the path"]),
        OpenProblem::NoFolder => {
            action(&["create the folder first: std::fs::create_dir_all", "check the path"])
        }
        OpenProblem::NoFile => action(&[
            "check the path",
            "leave out `read_only` or `create(false)` if a new database is wanted",
        ]),
        OpenProblem::Replaced => action(&[
            "close the database before its file is moved or replaced, then open it anew",
            "to restore a backup into an open database use SQLite's backup: rusqlite::backup",
        ]),
        OpenProblem::Denied if readable => action(&[RIGHTS, READ]),
        OpenProblem::Denied => action(&[RIGHTS]),
    }
}

pub(super) const JOURNAL_MODE: Advice = advice(
    &[
        "the file is on a network drive, which has no shared memory",
        "the file or its folder is read-only",
    ],
    &[
        "move the database to a local disk",
        "or accept that readers and writers block each other: `Options::journal_mode(JournalMode::Delete)`",
    ],
);

pub(super) const READ_ONLY_ASKED: Advice =
    action(&["open it without `Options::read_only` to write"]);

pub(super) fn read_only_file(readable: bool) -> Advice {
    if readable { action(&[RIGHTS, READ]) } else { action(&[RIGHTS]) }
}

const RIGHTS: &str = "check who may read and write the file and its folder: SQLite makes its -wal and -shm files beside it";
const READ: &str = "open it with `Options::read_only(true)` if reading is enough";

pub(super) const FULL: Advice = advice(
    &["the disk is full", "the database has reached its `max_page_count`"],
    &["make room, then do the write again; what was committed before is safe"],
);

pub(super) const NESTED_WRITE: Advice = action(&[
    "call it with the `&Writer` that the outer body was given: it then joins that transaction",
    "if it takes no handle because it is annotated with `db = ..`, take that off and pass the handle",
    "or move it after the commit, with `on_commit`",
    "a guard counts as a body: drop or commit it first",
]);

pub(super) const ONCE_IN_RETRIED: Advice = action(&[
    "if running it again is harmless, declare it `#[retry_on_locked(idempotent)]`, and so the writer whose handle it was called with, if there is one",
    "or call it before or after the body that may run again",
    "or, if it was called with the database, move it after the commit, with `on_commit`",
]);

pub(super) const NESTED_READ: Advice = action(&[
    "call it with the `&Reader` that the outer body was given: it then reads the same snapshot",
    "or raise `Options::max_readers`",
]);

pub(super) const ROLLED_BACK: Advice = advice(
    &[
        "a statement with OR ROLLBACK or a trigger with RAISE(ROLLBACK) failed, and the body ignored its error",
        "SQLite gave up the transaction after an I/O error, a full disk or an interrupt",
        "the body ran a ROLLBACK that was prepared before it began",
    ],
    &["let the body return the first error that a statement gives it (`?`)"],
);

pub(super) const REFUSED: Advice = Advice {
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

pub(super) const UNFINISHED: Advice = advice(
    &["rows of a RETURNING statement were not read to their end, and the statement was leaked"],
    &["read all rows, or drop the statement before the body ends"],
);

pub(super) const READER_WROTE: Advice =
    action(&["make the function a `#[writer]`", "or take the write out of it"]);

pub(super) const MIGRATION: Advice = action(&[
    "mend the script and start again: the file is as it was before",
    "for a file that is older than its migrations let the first one say CREATE TABLE IF NOT EXISTS",
    "settings, VACUUM and transactions can't be in a migration: use `Options::setup`",
]);

pub(super) const NEWER_SCHEMA: Advice =
    action(&["use the newer version of the program", "or restore a backup from before the update"]);

pub(super) const OLDER_SCHEMA: Advice =
    action(&["open it once without `read_only`, so that it is migrated"]);

pub(super) const SETUP: Advice = action(&["mend what the error names, and start again"]);

pub(super) const CLOSED: Advice = action(&["open it anew: `Database::open`"]);

pub(super) const STILL_OPEN: Advice = action(&[
    "drop these guards, or let these calls return, before closing",
    "they may end in peace: their connections close with them",
]);

pub(super) const FORKED: Advice = action(&[
    "open databases after the fork, not before",
    "or start the other process with std::process::Command, which is not affected",
]);

pub(super) const NO_GLOBAL: Advice =
    action(&["at the start of `main`: db_core::install_global(Database::open(path)?)?"]);

pub(super) const SECOND_GLOBAL: Advice =
    action(&["install it once, at the start of `main`", "pass other databases as parameters"]);

pub(super) const SCRATCH: Advice =
    action(&["make the folder for temporary files writable, or name another in TMPDIR"]);

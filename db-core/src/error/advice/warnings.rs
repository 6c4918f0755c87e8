//! What stops nothing.

use super::{Advice, action, advice};

/// One more thing to do where a warning was made an error.
pub(in crate::error) const NOT_STRICT: &str =
    "or open it without the option `strict`, and be only warned";

pub(in crate::error) const WRITER_LEAK: Advice = Advice {
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
            "end SQL that takes too long by itself: the option `write_timeout`",
        ],
    ),
};

pub(in crate::error) const READER_LEAK: Advice = Advice {
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
            "end SQL that takes too long by itself: the option `read_timeout`",
        ],
    ),
};

const PINNED: &[&str] = &[
    "what was written since that snapshot has to stay in the log, which grows with every write and makes reading slower",
];

pub(in crate::error) const PINNED_BY_GUARD: Advice = Advice {
    why: ("Why", PINNED),
    act: (
        "Action",
        &[
            "end that reader: the log is used again from its beginning after the next writes",
            "end readers whose SQL takes too long by themselves: the option `read_timeout`",
        ],
    ),
};

pub(in crate::error) const PINNED_BY_OTHERS: Advice = Advice {
    why: ("Why", PINNED),
    act: (
        "Action",
        &[
            "let that program end its transaction or its query: the log is used again from its beginning after the next writes",
            "if it has no old one, but many that overlap, let it pause between them",
        ],
    ),
};

pub(in crate::error) const WAL_RESET_BUG: Advice = action(&[
    "use SQLite 3.51.3 or newer: leave rusqlite's feature `bundled` on, or update the system's library",
]);

pub(in crate::error) const NETWORK_DRIVE: Advice =
    action(&["move the database to a local disk, and let other machines ask a program there"]);

pub(in crate::error) const READ_ONLY_FOLDER: Advice = action(&[
    "let the program write in that folder",
    "or copy the database to a folder where it may",
]);

pub(in crate::error) const HELD_IN_ROLLBACK_MODE: Advice = action(&[
    "close the other applications: the file is turned to a WAL once, and stays so",
    "or accept that readers and writers block each other: `Options::journal_mode(JournalMode::Delete)`",
]);

pub(in crate::error) const SECOND_SQLITE: Advice = action(&[
    "open the file through one of the two only",
    "or leave out what brings the other one: a library or a plugin that is linked to the system's SQLite",
]);

pub(in crate::error) const NO_GATE: Advice = advice(
    &[
        "the folder of the database can't be written",
        "the file system knows no locks, as some network drives",
    ],
    &["let the program write in that folder: it makes two small files beside the database"],
);

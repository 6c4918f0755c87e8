//! The file, and the disk that it is on.

use super::{Advice, action, advice};
use crate::error::kinds::OpenProblem;

pub(in crate::error) const NOT_DURABLE: Advice = advice(
    &["the disk, its controller or its cable failed", "a network drive went away"],
    &[
        "don't repeat the write: it is done, and can be seen",
        "stop writing; a power cut may take the newest commits",
        "mend the disk, then open the database anew (it takes no more writes before), and check it: db-core verify --full FILE",
    ],
);

pub(in crate::error) const UNOPENED: Advice = advice(
    &["the program has too many files open", "the rights of the `-wal` file were changed"],
    &[
        "mend what the error names, and try again",
        "or use `Synchronous::Full`, which needs no file of its own",
    ],
);

pub(in crate::error) const SYNC_LATE: Advice = advice(
    &["the disk is overloaded, or fails", "a network drive went away"],
    &[
        "don't repeat the write: it is done, and can be seen",
        "the next writer's `Ok` says that this one is on the disk too",
    ],
);

pub(in crate::error) const NO_MORE_WRITES: Advice = action(&[
    "mend the disk, then open the database anew, in every program that has it open: what it holds can be read until then",
    "check the file: db-core verify --full FILE",
]);

pub(in crate::error) const CORRUPT: Advice = Advice {
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
            "see what is wrong: db-core verify --full FILE",
            "restore the newest backup: db-core restore BACKUP FILE",
            "as the last resort export what can be read and start anew: sqlite3 FILE .recover > out.sql, then sqlite3 NEW < out.sql, and see that NEW has your rows",
        ],
    ),
};

pub(in crate::error) const WRONG_INDEX: Advice = Advice {
    why: (
        "May occur if",
        &[
            "a function or a collation that an index uses gives other results than before",
            "the disk or its controller failed",
        ],
    ),
    act: (
        "Recovery",
        &[
            "rebuild the indexes: db-core reindex FILE: the tables are whole, so nothing is lost",
            "then check again: db-core verify --full FILE",
        ],
    ),
};

pub(in crate::error) const CHECK_FAILED: Advice = advice(
    &["a program wrote to it with `foreign_keys` off, or with its constraints off"],
    &[
        "mend what is listed, by a shell or by another program: sqlite3 FILE",
        "then check again: db-core verify FILE",
        "or open it without `startup_check`, and mend it by the program itself",
    ],
);

pub(in crate::error) const INVARIANT_FOUND: Advice = advice(
    &["a program wrote to it that does not check this before each commit"],
    &[
        "mend the rows that are listed, by a shell or by another program: sqlite3 FILE",
        "then start the program again: the command `db-core verify` does not know what it checks",
        "or open it without `startup_check`, and mend it by the program itself",
    ],
);

pub(in crate::error) const UNCHECKED: Advice = action(&[
    "an invariant: correct its query, and let `Options::migrations` make the tables that it names",
    "a table: open the file by the program that has what is missing, in `Options::on_connect`",
]);

pub(in crate::error) const MEND_WHAT_IS_LISTED: Advice =
    action(&["mend what is listed, then open it again"]);

pub(in crate::error) const INVARIANT_BROKEN: Advice = action(&[
    "correct what was to be written, and call again: the database is as it was before",
    "if the rows were wrong before this call, mend them first: `Database::verify` lists them",
]);

pub(in crate::error) const NOT_A_DATABASE: Advice = advice(
    &["the path names some other file", "the database is encrypted"],
    &[
        "check the path",
        "if it was one, restore the newest backup: db-core restore BACKUP FILE",
        "an encrypted database needs an SQLite built with SQLCipher, and its key in the option `on_connect`",
    ],
);

pub(in crate::error) fn open(problem: OpenProblem, readable: bool) -> Advice {
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
            "to put a backup in its place close it first: `db_core::restore`",
        ]),
        OpenProblem::Emptied => action(&[
            "find out what has emptied the file; keep a copy of the log: it may hold the newest commits",
            "restore the newest backup: `db_core::restore`, or the command `db-core restore`",
            "if the database is to be a new one, move the log away",
        ]),
        OpenProblem::Exists => {
            action(&["name a file that is not there yet", "or move the one that is there away"])
        }
        OpenProblem::Denied if readable => action(&[RIGHTS, READ]),
        OpenProblem::Denied => action(&[RIGHTS]),
    }
}

pub(in crate::error) const JOURNAL_MODE: Advice = advice(
    &[
        "the file is on a network drive, which has no shared memory",
        "the file or its folder is read-only",
    ],
    &[
        "move the database to a local disk",
        "or accept that readers and writers block each other: `Options::journal_mode(JournalMode::Delete)`",
    ],
);

pub(in crate::error) const READ_ONLY_ASKED: Advice =
    action(&["open it without `Options::read_only` to write"]);

pub(in crate::error) fn read_only_file(readable: bool) -> Advice {
    if readable { action(&[RIGHTS, READ]) } else { action(&[RIGHTS]) }
}

const RIGHTS: &str = "check who may read and write the file and its folder: SQLite makes its -wal and -shm files beside it";
const READ: &str = "open it with `Options::read_only(true)` if reading is enough";

pub(in crate::error) const FULL: Advice = advice(
    &["the disk is full", "the database has reached its `max_page_count`"],
    &["make room, then do the write again; what was committed before is safe"],
);

pub(in crate::error) const MIGRATION: Advice = action(&[
    "mend the script and start again: the file is as it was before",
    "for a file that is older than its migrations let the first one say CREATE TABLE IF NOT EXISTS",
    "settings, VACUUM and transactions can't be in a migration: use `Options::setup`",
]);

pub(in crate::error) const NEWER_SCHEMA: Advice =
    action(&["use the newer version of the program", "or restore a backup from before the update"]);

pub(in crate::error) const OLDER_SCHEMA: Advice =
    action(&["open it once without `read_only`, so that it is migrated"]);

pub(in crate::error) const SETUP: Advice = action(&["mend what the error names, and start again"]);

pub(in crate::error) const SCRATCH: Advice =
    action(&["make the folder for temporary files writable, or name another in TMPDIR"]);

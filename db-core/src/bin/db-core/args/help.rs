//! The longer texts of `--help`: what a subcommand does, what it changes, how it ends.

/// What follows the list of options.
macro_rules! after {
    ($text:literal) => {
        concat!(
            $text,
            "\n\n\
Exit status:
  0  done; a check has found nothing wrong
  1  a check has found something (verify, doctor)
  2  the command was called wrongly
  3  a file can't be used: missing, a folder, no database, encrypted, not permitted, no room; one
     that is to be made is there already, and not to be replaced; the answer can't be written
  4  somebody else has it locked (for longer than --timeout), or, for restore, open
  5  the file is damaged, and the work could not be done"
        )
    };
}

pub(super) const ALL: &str = "\
Looks after an SQLite database: checks, backups, upkeep, and who holds its locks.

Works on any SQLite database, made by db-core or not, also while other programs use it. verify, \
backup, stats, locks and doctor only read: they don't change a byte of the database, and leave no \
files behind. No subcommand creates a database that is missing, except restore.

vacuum, reindex, optimize and checkpoint queue with the programs that use db-core, at the locks of \
the files FILE-next and FILE-writer, which stay, and hold nothing of what is in the database.";

pub(super) const SHORT: &str = "\
When something is wrong, begin with: db-core doctor FILE
`--help` tells more than `-h`: examples, what changes in the file, the exit status.";

pub(super) const ALL_AFTER: &str = after!(
    "\
When something is wrong:
  db-core doctor shop.db                    what is wrong, and what to do about it
  db-core locks shop.db                     who makes others wait (`database is locked`)
  db-core verify shop.db                    whether the file is damaged
  db-core backup shop.db shop-backup.db     before anything is changed
  cp shop.db* /safe/                        a damaged file, which has no backup made of it any more:
                                            stop its programs, and keep all files of that name

Answers go to stdout, errors and progress to stderr. With --json there is one JSON document on \
stdout, whatever happens: `command`, `file`, `status` (the exit status), `ok` (whether that is 0), \
and either the answer or `error` with `kind`, `message` and `advice`.

`db-core COMMAND --help` has examples, and tells what each changes in the file."
);

pub(super) const VERIFY: &str = "\
Checks whether the database is whole: the structure of the file (PRAGMA integrity_check), each \
index against its table, NOT NULL, CHECK and UNIQUE, and foreign keys. Each finding tells what is \
wrong, where, and how to mend it.

All of the file is read, so a large one takes its time; others may read and write meanwhile \
(without a log, in rollback mode, writers wait until the check has ended). Of each kind of fault it \
tells a hundred at most: mend these, and check again.

An empty file is a database with nothing in it, and whole. What only your program knows must hold \
(its invariants) is not checked here: the program checks that.";

pub(super) const VERIFY_AFTER: &str = after!(
    "\
Changes: nothing in FILE and its log. Where a program has left a log, SQLite may write FILE-shm,
which it can make anew at any time.

Examples:
  db-core verify shop.db
  db-core verify --quick shop.db            a large file: without indexes and UNIQUE
  db-core verify shop.db && db-core backup shop.db shop-backup.db"
);

pub(super) const BACKUP: &str = "\
Copies the database to a file of its own while others go on reading and writing (SQLite's online \
backup). What is in the log (FILE-wal) is in the copy: nothing else belongs to it.

The copy is written beside its place, checked, and renamed only when it is whole. So under the \
name of the backup there is at any time either the old one or the new one, never half of one. One \
that is interrupted leaves a file TO.partial-.. behind, which the next one to that place removes.

An older backup at TO is replaced. What does not look like one is not, unless with --replace: a \
file that is no SQLite database, one with a -wal, -journal or another file of a database in use \
beside it, and any that is not empty if FILE is. So a database in use comes to no harm by \
swapped paths; one that nobody uses looks like a backup.";

pub(super) const BACKUP_AFTER: &str = after!(
    "\
Changes: nothing in FILE and its log (SQLite may write FILE-shm). The file TO is made, or replaced.

Examples:
  db-core backup shop.db shop-backup.db
  db-core backup --json shop.db /backup/shop-$(date +%F).db"
);

pub(super) const RESTORE: &str = "\
Puts a backup in the place of the database. The backup is checked first; if it is damaged nothing \
is changed. What was there is kept beside it under another name, with what was in its log; where \
that is is told. The new content is written in one transaction: whoever is killed meanwhile leaves \
the old database or the new one.

Stop the programs that use the database before: while one of them has it open, restore refuses. What \
programs of other users have open, only root sees: run it as root, or as the user of all programs \
that use the database. One that SQLite can't read gets another file in its place, which has its \
permissions and, where you may give it away, its owner.";

pub(super) const RESTORE_AFTER: &str = after!(
    "\
Changes: FILE has the content of BACKUP; what it was is kept under another name. BACKUP is only
read.

Examples:
  db-core verify shop-backup.db
  db-core restore shop-backup.db shop.db"
);

pub(super) const VACUUM: &str = "\
Rewrites the database without its free pages, each table in one piece: the file becomes smaller. \
It takes the write lock for all that time, waits its turn for it, and needs free room on the disk \
of up to twice the size of the file.

With --into the compact copy goes to a new file, FILE stays as it is, and writers go on (without a \
log, in rollback mode, they wait). NEW must not be there yet.";

pub(super) const VACUUM_AFTER: &str = after!(
    "\
Changes: the whole of FILE, but not what is in it (rowids of tables without an INTEGER PRIMARY KEY \
may change); if it is interrupted, nothing. With --into: nothing in FILE, and NEW is made.

Examples:
  db-core vacuum shop.db
  db-core vacuum shop.db --timeout 1m
  db-core vacuum shop.db --into shop-small.db"
);

pub(super) const REINDEX: &str = "\
Builds all indexes anew from their tables: mends an index that does not fit its table (verify says \
which), and is needed after the sorting of texts has changed. It takes the write lock for all that \
time, and waits its turn for it.";

pub(super) const REINDEX_AFTER: &str = after!(
    "\
Changes: the indexes, in one transaction; the tables stay as they are.

Examples:
  db-core reindex shop.db && db-core verify shop.db"
);

pub(super) const OPTIMIZE: &str = "\
Lets SQLite renew the statistics by which it plans queries, where they are missing or old (PRAGMA \
optimize). Queries that have become slow after much was written may become fast again. Quick on \
most files, and harmless at any time.";

pub(super) const OPTIMIZE_AFTER: &str = after!(
    "\
Changes: the tables sqlite_stat1 and sqlite_stat4, if at all.

Examples:
  db-core optimize shop.db"
);

pub(super) const CHECKPOINT: &str = "\
Carries the log (FILE-wal) into the database. SQLite does that by itself from time to time; by \
hand it is of use when the log has grown large, or a killed program has left it behind.

passive waits for nobody; full waits for writers; restart waits for readers too, so that the log \
is used again from its beginning; truncate also cuts the log to nothing, which gives its room back \
to the disk. A reader with an old snapshot keeps all but passive waiting: `db-core locks` names it.";

pub(super) const CHECKPOINT_AFTER: &str = after!(
    "\
Changes: moves what is committed from FILE-wal to FILE; what is in the database stays the same. \
Opening the file also undoes a write that a killed program has left half done (FILE-journal).

Examples:
  db-core checkpoint shop.db
  db-core checkpoint shop.db --mode passive
  db-core checkpoint shop.db --timeout 30s"
);

pub(super) const STATS: &str = "\
Shows the size of the file and of its log, pages and free pages, settings that are stored in the \
file, and of each table its rows and bytes, of each index its bytes.

For rows and bytes the whole file is read; leave them out with --brief where it is large.";

pub(super) const STATS_AFTER: &str = after!(
    "\
Changes: nothing in FILE and its log. Where a program has left a log, SQLite may write FILE-shm,
which it can make anew at any time.

Examples:
  db-core stats shop.db
  db-core stats --brief shop.db
  db-core stats --json shop.db | jq '.tables[] | [.name, .rows, .bytes]'"
);

pub(super) const LOCKS: &str = "\
Shows which processes hold SQLite's locks on the database: who keeps others from writing, and whose \
snapshot keeps the log from being reset. A program that uses db-core also tells which of its \
functions it is, once that has held the lock for a tenth of a second.

The database is not opened, and no lock is taken: it can be looked at in the worst of times. Who \
holds a lock is read from the system's table of locks, which Linux has; of processes in another \
container, and of a file on another machine, nothing is told. Of a file that is no database, or \
encrypted, the locks are told all the same, with a note that says so.";

pub(super) const LOCKS_AFTER: &str = after!(
    "\
Changes: nothing.

Examples:
  db-core locks shop.db
  db-core locks --watch shop.db             look each second, until Ctrl-C
  db-core locks --watch --interval 100ms --json shop.db >> locks.jsonl"
);

pub(super) const DOCTOR: &str = "\
Runs all checks at once, and says of each what to do: circumstances (a network drive, a folder that \
can't be written, an SQLite with known faults), what a killed program has left, whether the file is \
whole (as verify --quick; with --full as verify), settings worth changing, free room, a log that \
grows and who pins it, statistics, who holds locks now, and with --backups whether the newest backup is there, not too old, and \
can be opened (with --full: is whole).

It tells problems, advice and notes. Only problems count for the exit status. A write lock is a \
problem if its holder does not let go within --timeout, a stopped holder at once. If a lock keeps \
the file from being read, the exit status is 4, and the lines that begin with ? were not checked.";

pub(super) const DOCTOR_AFTER: &str = after!(
    "\
Changes: nothing in FILE and its log. Where a program has left a log, SQLite may write FILE-shm,
which it can make anew at any time.

Examples:
  db-core doctor shop.db
  db-core doctor --full --backups /backup --max-age 12h shop.db
  db-core doctor --json shop.db | jq -r '.checks[]? | select(.level == \"problem\") | .what'"
);

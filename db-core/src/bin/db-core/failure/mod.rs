//! Why the command could not do its work: one plain sentence, and what to do.
//!
//! The library's own advice is for programmers; here it is for whoever sits at a terminal.
//! `of_error` says what the library's errors come to, `copying` those of backups, `sqlite` those
//! of SQLite.

mod copying;
mod of_error;
mod sqlite;

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use db_core::LockHolder;

use crate::exit::Status;
use crate::holder::who;
use crate::human::{self, typed};

const WAIT_LONGER: &str = "wait for longer: --timeout 1m";
pub(crate) const OTHER_PATH: &str = "the second path is where the backup goes: give one of its own";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    /// One word for programs.
    pub(crate) kind: &'static str,
    /// What happened, with the file's name.
    pub(crate) message: String,
    /// What to do, a line each.
    pub(crate) advice: Vec<String>,
}

impl Failure {
    pub(crate) fn new(status: Status, kind: &'static str, message: String) -> Self {
        Self { status, kind, message, advice: Vec::new() }
    }

    pub(crate) fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }

    pub(crate) fn missing(path: &Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let message = match folder {
            Some(folder) if !folder.is_dir() => {
                format!("{} does not exist, nor does its folder", path.display())
            }
            _ => format!("{} does not exist", path.display()),
        };
        Self::new(Status::Unusable, "missing", message).advise("check the path; nothing was made")
    }

    pub(crate) fn folder(path: &Path) -> Self {
        let message = format!("{} is a folder, not a database file", path.display());
        Self::new(Status::Unusable, "folder", message).advise("add the file's name to the path")
    }

    pub(crate) fn special(path: &Path) -> Self {
        let message = format!("{} is a device or a pipe, not a database file", path.display());
        Self::new(Status::Unusable, "not_a_file", message).advise("check the path")
    }

    pub(crate) fn not_a_database(path: &Path) -> Self {
        let message = format!("{} is not an SQLite database, or it is encrypted", path.display());
        Self::new(Status::Unusable, "not_a_database", message)
            .advise("check the path: this may be some other file")
            .advise("an encrypted database can only be opened by a program that has its key")
            .advise("if it has been a database, its beginning is overwritten: restore a backup with db-core restore")
    }

    /// The system did not let it be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        if error.kind() == ErrorKind::PermissionDenied {
            return Self::denied(format!("you may not read {path}"));
        }
        Self::new(Status::Unusable, "io", format!("{path} can't be read: {error}"))
    }

    /// The answer could not be written.
    pub(crate) fn unheard(error: &io::Error) -> Self {
        Self::new(Status::Unusable, "output", format!("the answer can't be written: {error}"))
            .advise("make room where it is written to, or send it somewhere else")
    }

    fn denied(message: String) -> Self {
        Self::new(Status::Unusable, "denied", message)
            .advise("see who may read and write the file and its folder: ls -ld, ls -l")
            .advise("run db-core as the user that the database belongs to")
    }

    /// The file may be read, but with a log SQLite has to write beside it for that.
    pub(crate) fn unwritable_folder(path: &Path) -> Self {
        let path = path.display();
        let message = format!(
            "{path} can't be read here: in WAL mode SQLite makes {path}-shm beside it, and may not write in that folder"
        );
        Self::new(Status::Unusable, "denied", message)
            .advise("run db-core as the user that the database belongs to")
            .advise("or copy the file, and its -wal if there is one, to a folder of your own, and read it there")
    }

    /// A writer was killed in the middle, and reading alone can't undo what it left.
    pub(crate) fn unfinished(path: &Path) -> Self {
        let (path, typed) = (path.display(), typed(path));
        let message = format!(
            "{path} holds half a transaction of a program that was killed, and {path}-journal is needed to undo it"
        );
        Self::new(Status::Unusable, "unfinished", message)
            .advise(format!("let it be undone: start the program, or run: db-core checkpoint {typed}"))
            .advise("don't delete the -journal file, or move one of the two without the other: the database would stay damaged")
    }

    pub(crate) fn locked(path: &Path, waited: Duration, holders: &[LockHolder]) -> Self {
        let (path, typed) = (path.display(), typed(path));
        let waited = match waited {
            Duration::ZERO => String::new(),
            waited => format!(" (waited {})", human::time(waited)),
        };
        let message = if holders.is_empty() {
            format!("{path} is locked by another program, which the system does not name{waited}")
        } else {
            let by: Vec<_> = holders.iter().map(who).collect();
            format!("{path} is locked by {}{waited}", by.join("; and by "))
        };
        let failure = Self::new(Status::Locked, "locked", message);
        let failure = match holders.iter().find(|holder| holder.process.stopped) {
            Some(stopped) => {
                let id = stopped.process.id;
                failure.advise(format!("let the stopped program go on: kill -CONT {id}"))
            }
            None => failure.advise("wait, or let that program end what it is doing"),
        };
        failure
            .advise(format!("watch who holds it: db-core locks --watch {typed}"))
            .advise(WAIT_LONGER)
    }

    pub(crate) fn damaged(path: &Path, what: &str) -> Self {
        Self::new(Status::Damaged, "damaged", format!("{} is damaged: {what}", path.display()))
            .advise(format!(
                "stop the programs that use it, and keep a copy of all of it: cp {}* SAFE_FOLDER",
                typed(path)
            ))
            .advise(format!("see what is damaged: db-core verify {}", typed(path)))
            .advise(format!(
                "put the newest backup in its place: db-core restore BACKUP {}",
                typed(path)
            ))
    }

    /// The file was emptied, and not what is beside it, which SQLite would take for something
    /// older and delete: <https://sqlite.org/howtocorrupt.html>, section 1.4.
    pub(crate) fn emptied(path: &Path, end: &str) -> Self {
        let (path, typed) = (path.display(), typed(path));
        let message = format!(
            "{path} is empty, but {path}{end} is not, and holds what may be all that is left"
        );
        Self::new(Status::Damaged, "emptied", message)
            .advise(format!("copy {path}{end} to a safe place at once, and start no program on the file: SQLite deletes it"))
            .advise(format!("then put the newest backup in its place: db-core restore BACKUP {typed}"))
    }

    /// The file is shorter than it says of itself.
    pub(crate) fn cut(path: &Path, is: u64, should: u64) -> Self {
        let (missing, should) = (human::bytes(should - is), human::bytes(should));
        Self::damaged(path, &format!("it is cut short, {missing} of {should} are missing"))
    }

    /// What SQLite says then is no help: `SQL logic error`.
    fn virtual_table(path: &Path) -> Self {
        let base = Self::damaged(
            path,
            "a virtual table, as of full-text search, can't read the tables that it is made of",
        );
        let typed = typed(path);
        let advice = vec![
            format!(
                "build it anew, for FTS5 with its name as T: sqlite3 {typed} \"INSERT INTO T (T) VALUES ('rebuild')\""
            ),
            format!("or put the newest backup in its place: db-core restore BACKUP {typed}"),
        ];
        Self { kind: "virtual_table", advice, ..base }
    }

    fn full(path: &Path) -> Self {
        let message = format!("there is no room on the disk for {}", path.display());
        Self::new(Status::Unusable, "full", message)
            .advise("make room and try again; nothing was changed")
    }
}

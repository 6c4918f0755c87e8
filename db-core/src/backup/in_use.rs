//! Who has a database open.
//!
//! A connection that does nothing holds a lock only with a WAL, so on Linux the open files of
//! all processes are looked through as well, as far as this user may see them. By `stat`
//! alone: closing a descriptor of the database would drop SQLite's locks in this process
//! (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::engine;
use crate::error::BackupProblem;
use crate::file_id::FileId;
use crate::locks;
use crate::other_process::OtherProcess;

/// How often it is looked again, and after what pause.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// Who has a file open.
#[derive(Debug)]
pub(super) struct Users {
    /// This process.
    pub(super) here: bool,
    pub(super) others: Vec<OtherProcess>,
}

impl Users {
    pub(super) fn is_empty(&self) -> bool {
        !self.here && self.others.is_empty()
    }
}

impl From<Users> for BackupProblem {
    fn from(Users { here, others }: Users) -> Self {
        Self::InUse { here, others }
    }
}

/// Who has the database open, or a file that belongs to it.
///
/// A process that is being started has all files of the one that starts it, until its own
/// program runs: so who is found is looked for again.
pub(super) fn users(database: &Path) -> Users {
    stay(|| users_now(database))
}

/// Refuses a file that somebody has open.
pub(super) fn refuse(database: &Path) -> Result<(), BackupProblem> {
    refuse_if(users(database))
}

/// As [`refuse`], where this process itself has the file open by one descriptor.
pub(super) fn refuse_others(database: &Path) -> Result<(), BackupProblem> {
    refuse_if(stay(|| {
        let (own, others) = open_files(database);
        Users { here: own > 1, others }
    }))
}

fn refuse_if(users: Users) -> Result<(), BackupProblem> {
    if users.is_empty() { Ok(()) } else { Err(users.into()) }
}

fn stay(look: impl Fn() -> Users) -> Users {
    let mut users = look();
    for _ in 0..LOOKS {
        // This process knows what it does.
        if users.is_empty() || users.here {
            break;
        }
        thread::sleep(PAUSE);
        users = look();
    }
    users
}

fn users_now(database: &Path) -> Users {
    let (own, others) = open_files(database);
    let mut users = Users { here: own > 0, others };
    users.here |= FileId::of(database).is_ok_and(|file| engine::is_open_here(&file));
    for process in locks::on_database(database) {
        if !users.others.iter().any(|other| other.id == process.id) {
            users.others.push(process);
        }
    }
    users
}

/// How many descriptors of it this process has, and which others have one, by
/// <https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html>.
#[cfg(target_os = "linux")]
fn open_files(database: &Path) -> (usize, Vec<OtherProcess>) {
    use crate::sidecar;
    use std::fs;

    let beside = ["-wal", "-shm", "-journal"].map(|suffix| sidecar::named(database, suffix));
    let files: Vec<_> = std::iter::once(database)
        .chain(beside.iter().map(AsRef::as_ref))
        .filter_map(|path| FileId::of(path).ok())
        .collect();
    let (mut own, mut others) = (0, Vec::new());
    if files.is_empty() {
        return (own, others);
    }
    let this = locks::this_process();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let open = fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten();
        let is_one =
            |fd: &fs::DirEntry| FileId::of(&fd.path()).is_ok_and(|file| files.contains(&file));
        match open.filter(is_one).count() {
            0 => {}
            descriptors if id == this => own = descriptors,
            _ => others.push(OtherProcess::describe(id)),
        }
    }
    (own, others)
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
fn open_files(_database: &Path) -> (usize, Vec<OtherProcess>) {
    (0, Vec::new())
}

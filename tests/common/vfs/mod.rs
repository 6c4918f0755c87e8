//! A disk that tells what was written to it, and fails when it is told to.
//!
//! SQLite's files in a watched folder go through [`shim`], which is the process's VFS;
//! db-core's own sync of the WAL comes by its hook. Both put what they do into one log,
//! in the order in which it happened. Real syncs are left out: what a sync is worth is
//! decided by whoever reads the log.
#![allow(dead_code, reason = "each suite uses its part")]

mod shim;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

/// A file, from its creation to its deletion; a later one of the same name is another.
pub type FileNo = usize;

/// What has happened, at the place in the log where it had ended.
#[derive(Debug)]
pub enum Event {
    Created {
        file: FileNo,
        path: PathBuf,
    },
    Deleted {
        path: PathBuf,
    },
    /// What was created and deleted before the place `upto` of the log stays so.
    FolderSynced {
        upto: usize,
    },
    Written {
        file: FileNo,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncated {
        file: FileNo,
        size: usize,
    },
    /// What was done to the file before the place `upto` of the log is on the disk.
    Synced {
        file: FileNo,
        upto: usize,
        by: By,
        name: Name,
    },
    /// The sync failed, and as in Linux what it was to write counts as written.
    SyncFailed {
        file: FileNo,
        upto: usize,
    },
    Noted(Note),
}

/// Who asked for a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Sqlite,
    Shared,
}

/// What a test knows at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// This transaction was `Ok`.
    Acked(i64),
    /// A checkpoint has ended that had this transaction before it.
    Checkpointed(i64),
}

/// Which of a database's files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Database,
    Wal,
    Journal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Write,
    Truncate,
    Sync,
    /// db-core's own sync of the WAL.
    SharedSync,
}

/// What is about to be done.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub kind: Kind,
    pub name: Name,
    /// How often this kind was done to files of this name since faults were set, from 1.
    pub nth: usize,
}

/// How it fails instead.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// SQLite's code for it.
    pub code: i32,
    /// Whether the first half of a write gets there all the same.
    pub half: bool,
}

type Faults = Box<dyn FnMut(Call) -> Option<Fault> + Send>;
/// How often each kind was done to each name.
type Counts = HashMap<(u8, u8), usize>;
type Before = Arc<dyn Fn() + Send + Sync>;

/// A watched folder.
#[derive(Default)]
pub struct Disk {
    log: Mutex<Log>,
    faults: Mutex<(Counts, Option<Faults>)>,
    /// What db-core's own sync waits for.
    before_sync: Mutex<Option<Before>>,
}

#[derive(Default)]
struct Log {
    events: Vec<Event>,
    names: HashMap<PathBuf, FileNo>,
    files: usize,
}

static WATCHED: Mutex<Vec<(PathBuf, Arc<Disk>)>> = Mutex::new(Vec::new());

/// A panic of one test is no matter of the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// Watches the databases in `folder`; those that are open already are not seen.
    pub fn watch(folder: &Path) -> Arc<Self> {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            shim::install();
            assert!(db_core::__faults::intercept_wal_syncs(|path, sync| {
                Self::of(path).map_or_else(sync, |disk| disk.shared_sync(path))
            }));
        });
        let disk = Arc::new(Self::default());
        lock(&WATCHED).push((folder.to_owned(), Arc::clone(&disk)));
        disk
    }

    fn of(path: &Path) -> Option<Arc<Self>> {
        let watched = lock(&WATCHED);
        let found = watched.iter().find(|(folder, _)| path.starts_with(folder));
        found.map(|(_, disk)| Arc::clone(disk))
    }

    /// The log up to now; it begins anew.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut lock(&self.log).events)
    }

    /// Looks at the log.
    pub fn look<T>(&self, look: impl FnOnce(&[Event]) -> T) -> T {
        look(&lock(&self.log).events)
    }

    pub fn note(&self, note: Note) {
        lock(&self.log).events.push(Event::Noted(note));
    }

    /// From now on `faults` says what fails.
    pub fn fail(&self, faults: impl FnMut(Call) -> Option<Fault> + Send + 'static) {
        *lock(&self.faults) = (HashMap::new(), Some(Box::new(faults)));
    }

    /// From now on nothing fails.
    pub fn heal(&self) {
        *lock(&self.faults) = (HashMap::new(), None);
    }

    /// Runs `before` in each of db-core's own syncs: as long as that takes, it hangs.
    pub fn before_shared_syncs(&self, before: impl Fn() + Send + Sync + 'static) {
        *lock(&self.before_sync) = Some(Arc::new(before));
    }

    fn fault(&self, kind: Kind, name: Name) -> Option<Fault> {
        let (counts, faults) = &mut *lock(&self.faults);
        let faults = faults.as_mut()?;
        let nth = counts.entry((kind as u8, name as u8)).or_default();
        *nth += 1;
        faults(Call { kind, name, nth: *nth })
    }

    /// db-core's own syncs: of a WAL, and of the folder that it is in.
    fn shared_sync(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            let log = &mut *lock(&self.log);
            log.events.push(Event::FolderSynced { upto: log.events.len() });
            return Ok(());
        }
        let (file, upto) = {
            let log = lock(&self.log);
            (log.names.get(path).copied(), log.events.len())
        };
        // Others commit meanwhile.
        thread::sleep(Duration::from_micros(150));
        let before = lock(&self.before_sync).clone();
        if let Some(before) = before {
            before();
        }
        let failed = self.fault(Kind::SharedSync, Name::Wal).is_some();
        if let Some(file) = file {
            let synced = Event::Synced { file, upto, by: By::Shared, name: Name::Wal };
            let failure = Event::SyncFailed { file, upto };
            lock(&self.log).events.push(if failed { failure } else { synced });
        }
        if failed { Err(io::Error::other("the disk does not answer")) } else { Ok(()) }
    }

    /// What the shim calls when a file has been opened.
    fn opened(&self, path: &Path) -> FileNo {
        let log = &mut *lock(&self.log);
        if let Some(file) = log.names.get(path) {
            return *file;
        }
        let file = log.files;
        log.files += 1;
        log.names.insert(path.to_owned(), file);
        log.events.push(Event::Created { file, path: path.to_owned() });
        file
    }

    /// Deletes by `delete`, which says whether it has.
    fn deleted(&self, path: &Path, sync_folder: bool, delete: impl FnOnce() -> bool) {
        let log = &mut *lock(&self.log);
        if delete() {
            log.names.remove(path);
            log.events.push(Event::Deleted { path: path.to_owned() });
            if sync_folder {
                log.events.push(Event::FolderSynced { upto: log.events.len() });
            }
        }
    }

    /// Writes by `write`, given how many of the bytes.
    fn written(
        &self,
        (file, name): (FileNo, Name),
        at: usize,
        bytes: &[u8],
        write: impl FnOnce(usize) -> i32,
    ) -> i32 {
        let fault = self.fault(Kind::Write, name);
        let length = match fault {
            None => bytes.len(),
            Some(Fault { half: true, .. }) => bytes.len() / 2,
            Some(Fault { code, .. }) => return code,
        };
        // Under the lock, so that no sync begins between the two.
        let log = &mut *lock(&self.log);
        let code = write(length);
        if code == 0 {
            log.events.push(Event::Written { file, at, bytes: bytes[..length].to_vec() });
        }
        fault.map_or(code, |fault| fault.code)
    }

    fn truncated(
        &self,
        (file, name): (FileNo, Name),
        size: usize,
        truncate: impl FnOnce() -> i32,
    ) -> i32 {
        if let Some(fault) = self.fault(Kind::Truncate, name) {
            return fault.code;
        }
        let log = &mut *lock(&self.log);
        let code = truncate();
        if code == 0 {
            log.events.push(Event::Truncated { file, size });
        }
        code
    }

    fn synced(&self, (file, name): (FileNo, Name), with_folder: bool) -> i32 {
        let upto = lock(&self.log).events.len();
        let fault = self.fault(Kind::Sync, name);
        let log = &mut *lock(&self.log);
        if let Some(fault) = fault {
            log.events.push(Event::SyncFailed { file, upto });
            return fault.code;
        }
        log.events.push(Event::Synced { file, upto, by: By::Sqlite, name });
        if with_folder {
            log.events.push(Event::FolderSynced { upto });
        }
        0
    }
}

impl Name {
    fn of(path: &Path) -> Self {
        let ends_with = |end: &str| path.as_os_str().to_string_lossy().ends_with(end);
        if ends_with("-wal") {
            Self::Wal
        } else if ends_with("-journal") {
            Self::Journal
        } else {
            Self::Database
        }
    }
}

/// Numbers that look random, and are the same again for the same seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }
}

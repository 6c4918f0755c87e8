//! The engine of one opened database: its connections and who may use them.
//!
//! `open` makes connections, `watchdog` guards them by its `rules`, `raw` runs the statements
//! that only the engine runs. `writer` and `readers` are the two ways to work with the file:
//! to write is to `wait` for the `turn`, alone or in a `group` (to which `lend` gives a call),
//! with other calls `nested` inside, and then for the disk (`durable`, with `wal`). `explain`
//! adds to a body's error what only the engine knows, `checks` looks at the circumstances,
//! `prepare_file` brings a file into shape when it is opened, `closing` ends it. `oversight`
//! is what the watcher does about what stays open, `soundness` what is checked of the database,
//! `report` what an engine tells of itself.
//! `upkeep`, `vacuum` and `checkpoint` keep the file small and fast, in a writer's turn:
//! `in_turn` has the connection for it, `busy_wait` waits inside of a statement.

mod admission;
mod busy_wait;
mod checkpoint;
mod checks;
mod closing;
mod durable;
mod explain;
mod group;
mod in_turn;
mod lend;
mod nested;
mod open;
mod oversight;
mod prepare_file;
mod raw;
mod readers;
mod ready;
mod report;
mod rules;
mod scratch;
mod seat;
mod soundness;
mod turn;
mod upkeep;
mod vacuum;
mod wait;
mod wal;
mod watchdog;
mod writer;

pub use checkpoint::{Checkpoint, Checkpointed};
pub(crate) use durable::Patience;
pub(crate) use group::{Followers, Member, Ran};
pub(crate) use readers::ReadTx;
pub use report::{active_connections, lock_holders};
pub(crate) use scratch::Scratch;
pub(crate) use wait::Wait;
pub use wal::intercept_wal_syncs;
pub(crate) use writer::{Callback, WriteTx};

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::{Mutex, RecursiveRwLock};

use crate::error::{Error, Result, Spent, is_lock};
use crate::file_id::FileId;
use crate::gate::Gate;
use crate::lane::{Lane, Registry};
use crate::locks;
use crate::open_guard::Kind;
use crate::options::Options;
use crate::process;
use crate::site::Site;
use crate::sync::SharedSync;
use crate::threads;
use crate::watch::{Counters, Opener, Watched, Watcher};
use lend::Lent;
use oversight::{Log, Oversight};
use readers::Readers;
pub(crate) use ready::Ready;
use seat::Seat;
use wal::Wal;

/// What the lane's holder leaves there: which engine it writes through, and who.
#[derive(Clone, Debug)]
pub(crate) struct LaneNote {
    engine: u64,
    seat: Seat,
    stage: Stage,
}

/// How far the lane's holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Has the turn, and no transaction yet.
    Beginning,
    /// Waits at the gate, for another process.
    AtGate,
    /// Waits for somebody who does not queue.
    WaitsOutside,
    /// Is at work.
    Writing,
}

/// Where the writers of a file queue: the threads of this process in the lane, the
/// processes at the gate.
pub(super) struct Queue {
    lane: Lane<LaneNote, Lent>,
    gate: Gate,
}

static QUEUES: Registry<Queue> = Registry::new();
/// Held by who opens a database, and alone by who replaces the file of one.
pub(crate) static OPENING: RecursiveRwLock<()> = RecursiveRwLock::new(());

/// How a connection is opened: to write or to read.
type Open = fn(&Path, &Options) -> Result<Ready>;

static ENGINES: Mutex<Vec<Weak<Engine>>> = Mutex::new(Vec::new());

/// One opened database.
pub(crate) struct Engine {
    id: u64,
    /// As it was given, and absolute.
    path: PathBuf,
    /// The name by which this process has opened the file first. SQLite finds the WAL
    /// by the file's name: through two hard links there would be two
    /// (<https://sqlite.org/howtocorrupt.html>, section 2.5).
    file: PathBuf,
    identity: FileId,
    options: Options,
    process: u32,
    /// The options' `busy_timeout`, as SQLite takes it.
    busy_millis: i32,
    closed: AtomicBool,
    /// `close` has stopped waiting for the guards.
    abandoned: AtomicBool,
    queue: Arc<Queue>,
    /// Commits that wait for the disk, with [`Synchronous::Shared`].
    sync: SharedSync<Wal>,
    /// The writer's connection while nobody writes. Taken and given back only by the
    /// lane's holder; `None` before it is opened anew.
    writer: Mutex<Option<Box<Ready>>>,
    readers: Arc<Readers>,
    counters: Counters,
    log: Arc<Log>,
    watcher: Option<(Arc<Watcher>, Arc<dyn Watched>)>,
    /// Last, so that the folder goes after the connections.
    _scratch: Option<Scratch>,
}

/// Whether this process has the file open as a database.
pub(crate) fn is_open_here(file: &FileId) -> bool {
    // The last reference to one may be that here, and is dropped without the lock.
    let engines: Vec<_> = ENGINES.lock().iter().filter_map(Weak::upgrade).collect();
    engines.iter().any(|engine| engine.identity == *file && !engine.is_closed())
}

impl Engine {
    pub(crate) fn open(
        path: &Path,
        options: Options,
        scratch: Option<Scratch>,
        site: Site,
    ) -> Result<Arc<Self>> {
        let start = Instant::now();
        options.check()?;
        let path = open::resolve(path, &options)?;
        if scratch.is_none() {
            checks::circumstances(&path, &options)?;
        }
        // Again in a set-up that opens another one, also while somebody waits to be alone.
        let opening = OPENING.read();
        let opened = Self::open_file(&path, options.clone(), scratch, site);
        drop(opening);
        opened
            .map_err(|mut error| {
                open::tell_if_readable(&mut error, &path, &options);
                error.add_file(&path, || options.newest_backup(&path));
                error
            })
            .map_err(|error| match error {
                Error::Sqlite(busy) if is_lock(&busy) => {
                    let holder = locks::of_database(&path).of_a_lock(true);
                    let once = (1, start.elapsed());
                    Error::locked(Some(&path), None, once, Spent::default(), holder)
                }
                error => error,
            })
    }

    fn open_file(
        path: &Path,
        options: Options,
        scratch: Option<Scratch>,
        site: Site,
    ) -> Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // SQLite's notes about the file's locks are inherited, the locks are not.
        if let Some(opened_by) = QUEUES.inherited(path) {
            let process = process::id();
            return Err(Error::Forked { path: path.to_owned(), opened_by, process });
        }
        let connect = |file: &Path| {
            if options.read_only {
                open::reader(file, &options)
            } else {
                open::writer(file, &options)
            }
        };
        let queue_of = |path: &Path| {
            let make = || Queue { lane: Lane::new(), gate: Gate::new(path.to_owned()) };
            QUEUES.shared(path, make).map_err(|error| open::unreadable(path, error))
        };
        // A new file has no identity before it is there.
        let (queue, file, first) = if path.exists() {
            let (queue, file) = queue_of(path)?;
            let first = connect(&file)?;
            (queue, file, first)
        } else {
            let first = connect(path)?;
            let (queue, file) = queue_of(path)?;
            let first = if file == path { first } else { connect(&file)? };
            (queue, file, first)
        };
        let options = prepare_file::with_journal_of(&first, path, options)?;
        let identity = FileId::of(&file).map_err(|error| open::unreadable(path, error))?;
        let mut engine = Self {
            identity,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            path: path.to_owned(),
            file,
            process: process::id(),
            busy_millis: i32::try_from(options.busy_timeout_for_sqlite().as_millis())
                .unwrap_or(i32::MAX),
            closed: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            queue,
            sync: SharedSync::new(),
            writer: Mutex::new(None),
            readers: Arc::new(Readers::new(options.max_readers)),
            options,
            counters: Counters::default(),
            log: Arc::default(),
            watcher: None,
            _scratch: scratch,
        };
        engine.prepare_file(first, site)?;
        engine.watch();
        let engine = Arc::new(engine);
        let mut engines = ENGINES.lock();
        engines.retain(|engine| engine.strong_count() > 0);
        engines.push(Arc::downgrade(&engine));
        Ok(engine)
    }

    /// Has the watcher look after it.
    fn watch(&mut self) {
        let oversight: Arc<dyn Watched> = Arc::new(Oversight {
            engine: self.id,
            path: self.path.clone(),
            file: self.file.clone(),
            options: self.options.clone(),
            queue: Arc::clone(&self.queue),
            readers: Arc::clone(&self.readers),
            log: Arc::clone(&self.log),
            others_told: AtomicBool::default(),
        });
        self.watcher = Some((Watcher::watch(Arc::clone(&oversight)), oversight));
    }

    /// To be called when a guard or a call has become one that can be seen.
    #[inline]
    fn opened(&self) {
        if let Some((watcher, _)) = &self.watcher {
            watcher.opened();
        }
    }

    /// Opens another connection to the same file: by its name there may be another one
    /// by now, whose WAL would be this one's.
    fn open_another(&self, open: Open, options: &Options) -> Result<Ready> {
        match FileId::of(&self.file) {
            Ok(identity) if identity == self.identity => open(&self.file, options),
            _ => Err(open::replaced(&self.path)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file was when it was opened, whatever a link leads to now.
    pub(crate) fn file(&self) -> (&Path, &FileId) {
        (&self.file, &self.identity)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The same for all databases of this process on the same file.
    pub(crate) fn lane_key(&self) -> usize {
        Arc::as_ptr(&self.queue).addr()
    }

    /// This database's own.
    pub(crate) fn own_key(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Refuses a use after `close`, and in a forked process: SQLite's connections do
    /// not survive a fork (<https://sqlite.org/howtocorrupt.html>, section 2.6).
    pub(crate) fn usable(&self) -> Result<()> {
        if self.forked() {
            return Err(Error::Forked {
                path: self.path.clone(),
                opened_by: self.process,
                process: process::id(),
            });
        }
        if self.is_closed() { Err(self.closed()) } else { Ok(()) }
    }

    /// As [`usable`](Self::usable), for who has begun before it was closed.
    fn usable_here(&self) -> Result<()> {
        if self.forked() { self.usable() } else { Ok(()) }
    }

    fn closed(&self) -> Error {
        Error::Closed { path: self.path.clone() }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn forked(&self) -> bool {
        process::id() != self.process
    }

    fn note(&self, site: Site) -> LaneNote {
        self.note_of(Opener::new(Kind::Writer, site))
    }

    fn note_of(&self, opener: Opener) -> LaneNote {
        LaneNote { engine: self.id, seat: Seat::new(opener, None), stage: Stage::Beginning }
    }
}

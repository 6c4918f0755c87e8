//! Who is measured: the same transaction, an `INSERT` and an `UPDATE` with cached
//! statements, as programs have it without db-core and with it.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use db_core::rusqlite::{Connection, TransactionBehavior};
use db_core::{Database, Options, Result, Synchronous, Writer, retry_on_locked, writer};

use super::{COUNT, INSERT, SCHEMA, by_hand};

/// What is on disk when a transaction has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Normal,
    Full,
    /// As much as with `Full`; by hand there is only that.
    Shared,
}

impl Mode {
    fn ours(self) -> Synchronous {
        match self {
            Self::Normal => Synchronous::Normal,
            Self::Full => Synchronous::Full,
            Self::Shared => Synchronous::Shared,
        }
    }

    fn by_hand(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full | Self::Shared => "FULL",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Full => "full",
            Self::Shared => "shared",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Normal, Self::Full, Self::Shared].into_iter().find(|mode| mode.name() == name)
    }
}

/// Makes the file that a contender works on.
pub fn make_file(path: &Path) {
    by_hand(path, "NORMAL").execute_batch(SCHEMA).unwrap();
}

pub trait Contender: Sync {
    fn name(&self) -> &'static str;

    /// One transaction of this worker; returns when its body began.
    fn once(&self, worker: usize, sku: u32) -> Instant;
}

fn once_by_hand(conn: &mut Connection, sku: u32) -> Instant {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let entered = Instant::now();
    tx.prepare_cached(INSERT).unwrap().execute((sku, 1)).unwrap();
    tx.prepare_cached(COUNT).unwrap().execute([]).unwrap();
    tx.commit().unwrap();
    entered
}

/// (a): a connection for each worker, and SQLite's own waiting.
pub struct Own(Vec<Mutex<Connection>>);

impl Own {
    pub fn open(path: &Path, mode: Mode, workers: usize) -> Self {
        let connection = |_| {
            let conn = by_hand(path, mode.by_hand());
            conn.busy_timeout(Duration::from_secs(30)).unwrap();
            // Nobody else ever takes it.
            Mutex::new(conn)
        };
        Self((0..workers).map(connection).collect())
    }
}

impl Contender for Own {
    fn name(&self) -> &'static str {
        "(a) a connection each"
    }

    fn once(&self, worker: usize, sku: u32) -> Instant {
        once_by_hand(&mut self.0[worker].lock().unwrap(), sku)
    }
}

/// (b): one connection behind a mutex.
pub struct Behind(Mutex<Connection>);

impl Behind {
    pub fn open(path: &Path, mode: Mode) -> Self {
        Self(Mutex::new(by_hand(path, mode.by_hand())))
    }
}

impl Contender for Behind {
    fn name(&self) -> &'static str {
        "(b) Mutex<Connection>"
    }

    fn once(&self, _worker: usize, sku: u32) -> Instant {
        once_by_hand(&mut self.0.lock().unwrap(), sku)
    }
}

/// (c), (d) and (e): db-core.
pub struct Ours {
    db: Database,
    writer: OurWriter,
}

/// Which of db-core's writers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OurWriter {
    Once,
    Grouped,
    Idempotent,
}

fn order(conn: &Connection, sku: u32) -> Result<Instant> {
    let entered = Instant::now();
    conn.prepare_cached(INSERT)?.execute((sku, 1))?;
    conn.prepare_cached(COUNT)?.execute([])?;
    Ok(entered)
}

#[writer]
fn order_once(db: &Writer, sku: u32) -> Result<Instant> {
    order(db, sku)
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn order_grouped(db: &Writer, sku: u32) -> Result<Instant> {
    order(db, sku)
}

#[writer]
#[retry_on_locked(idempotent)]
fn order_idempotent(db: &Writer, sku: u32) -> Result<Instant> {
    order(db, sku)
}

impl OurWriter {
    pub fn name(self) -> &'static str {
        match self {
            Self::Once => "(c) #[writer]",
            Self::Grouped => "(d) #[writer(group)]",
            Self::Idempotent => "(e) (d) without group",
        }
    }

    /// For the command line of a process.
    pub fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Grouped => "grouped",
            Self::Idempotent => "idempotent",
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Once, Self::Grouped, Self::Idempotent];
        all.into_iter().find(|writer| writer.word() == word)
    }
}

impl Ours {
    pub fn open(path: &Path, mode: Mode, writer: OurWriter) -> Self {
        Self { db: Options::new().synchronous(mode.ours()).open(path).unwrap(), writer }
    }
}

impl Contender for Ours {
    fn name(&self) -> &'static str {
        self.writer.name()
    }

    fn once(&self, _worker: usize, sku: u32) -> Instant {
        match self.writer {
            OurWriter::Once => order_once(&self.db, sku),
            OurWriter::Grouped => order_grouped(&self.db, sku),
            OurWriter::Idempotent => order_idempotent(&self.db, sku),
        }
        .unwrap()
    }
}

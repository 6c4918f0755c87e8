//! Another process that holds the write lock for a known time: this program run again.

use std::env;
use std::hint;
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use db_core::Database;
use db_core::rusqlite::TransactionBehavior;

use crate::harness::{INSERT, Process, by_hand};

/// The first argument of a process that is a holder.
const HOLDER: &str = "--holder";

/// How the holder has the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// As any program: `BEGIN IMMEDIATE`.
    Plain,
    /// With db-core, so that others who use it can queue.
    Ours,
}

impl Holding {
    pub const BOTH: [Self; 2] = [Self::Plain, Self::Ours];

    fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Ours => "ours",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "rusqlite",
            Self::Ours => "db-core",
        }
    }
}

pub struct Holder(Process);

impl Holder {
    pub fn start(holding: Holding, path: &Path) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([HOLDER, holding.word()]).arg(path);
        Self(Process::start(&mut command).unwrap())
    }

    /// Takes the lock, for so long; returns when it has it.
    pub fn take(&mut self, length: Duration) {
        assert_eq!(self.0.ask(&length.as_nanos().to_string()), "held");
    }

    /// When it began to let go.
    pub fn released(&mut self) -> SystemTime {
        let nanos = self.0.hear().unwrap().parse().unwrap();
        UNIX_EPOCH + Duration::from_nanos(nanos)
    }

    /// In a process that was started as a holder: holds the lock whenever it is told to,
    /// and returns true at the end.
    pub fn serve() -> bool {
        let mut words = env::args_os().skip(1);
        if words.next().is_none_or(|word| word != HOLDER) {
            return false;
        }
        let holding = words.next().unwrap();
        let holding = Holding::BOTH.into_iter().find(|each| each.word() == holding).unwrap();
        let path = PathBuf::from(words.next().unwrap());
        let lengths = stdin().lines().map_while(Result::ok);
        let lengths = lengths.map(|line| Duration::from_nanos(line.parse().unwrap()));
        match holding {
            Holding::Plain => {
                let mut conn = by_hand(&path, "NORMAL");
                for length in lengths {
                    let begin = TransactionBehavior::Immediate;
                    let tx = conn.transaction_with_behavior(begin).unwrap();
                    tx.execute(INSERT, (1, 1)).unwrap();
                    let released = hold(length);
                    tx.commit().unwrap();
                    tell(released);
                }
            }
            Holding::Ours => {
                let db = Database::open(&path).unwrap();
                for length in lengths {
                    let writer = db.writer().unwrap();
                    writer.execute(INSERT, (1, 1)).unwrap();
                    let released = hold(length);
                    writer.commit().unwrap();
                    tell(released);
                }
            }
        }
        true
    }
}

/// Ends busy, as who works is: a processor that has slept takes a fifth of a millisecond
/// for the commit, which would count as waiting.
fn hold(length: Duration) -> SystemTime {
    println!("held");
    let end = Instant::now() + length;
    thread::sleep(length.saturating_sub(Duration::from_millis(2)));
    while Instant::now() < end {
        hint::spin_loop();
    }
    SystemTime::now()
}

/// By the clock of the day, the one that all processes have in common.
fn tell(released: SystemTime) {
    println!("{}", released.duration_since(UNIX_EPOCH).unwrap().as_nanos());
}

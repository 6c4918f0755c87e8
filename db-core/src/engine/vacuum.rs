//! VACUUM: the file without its free pages, in its place or as another file.
//!
//! In its place it has a writer's turn, and a connection of its own. As another file it only
//! reads, and writers go on; the new file gets its name when it is whole and on the disk.

use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::admission::refuse_in_repeatable;
use super::busy_wait::{wait_inside, waiting_until};
use super::checkpoint::Checkpoint;
use super::durable::Patience;
use super::readers::ReadTx;
use super::ready::Ready;
use super::turn::{Busy, WriteTurn, is_busy};
use super::wait::Wait;
use super::watchdog::Mode;
use super::{Engine, Stage, open};
use crate::error::{Error, OpenProblem, Result};
use crate::new_file::{create, rename_if_free, sync_folder_of};
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::sidecar;

impl Engine {
    /// Writes the file anew, without its free pages.
    pub(crate) fn vacuum(&self, wait: &Wait) -> Result<()> {
        self.in_slices(wait, || {
            let turn = self.upkeep_turn(wait)?;
            let mut ready = self.open_in_turn(wait)?;
            // The copy that SQLite makes of the whole database would be in memory otherwise. On
            // the writer's connection this would drop the program's own temporary tables.
            ready.session.conn().execute_batch("PRAGMA temp_store = FILE")?;
            ready.session.conn().busy_timeout(Duration::ZERO)?;
            if self.options.journal_mode != JournalMode::Wal {
                ready.session.lend(wait_inside).unwrap_or(Ok(()))?;
            }
            let vacuumed = self.run_vacuum(&ready, &turn, wait)?;
            if vacuumed {
                self.end_vacuum(&ready, wait)?;
            }
            Ok(vacuumed.then_some(()))
        })
    }

    /// `false` if somebody was in the way for a slice.
    fn run_vacuum(&self, ready: &Ready, turn: &WriteTurn<'_>, wait: &Wait) -> Result<bool> {
        let _inside = self.inside_turn(wait);
        let deadline = self.upkeep_deadline(wait);
        let slice = Deadline::after(Instant::now(), self.upkeep_slice()).earlier(deadline);
        let has_log = self.options.journal_mode == JournalMode::Wal;
        let waited = Cell::new(None);
        let run = || {
            turn.begins(&ready.watchdog);
            let vacuum = || ready.session.conn().execute_batch("VACUUM");
            let (ran, until) = waiting_until(slice, vacuum);
            if ran.as_ref().is_err_and(is_busy) {
                turn.at(Stage::WaitsOutside);
                waited.set(Some(Instant::now()));
            } else if until.is_some() {
                self.counters.locks_met.add();
                waited.set(until);
            }
            ran
        };
        // Without a log it has waited inside.
        let longest = if has_log { Duration::MAX } else { Duration::ZERO };
        let ran = self.while_busy_for((deadline, longest), run, || true);
        if let Some(until) = waited.get() {
            wait.spend_until(until, |spent| &mut spent.outsiders);
        }
        match ran {
            Ok(()) => Ok(true),
            Err(Busy::Error(error)) if is_busy(&error) => Ok(false),
            Err(busy) => Err(self.busy_error(busy, wait)),
        }
    }

    /// Brings it to the disk, and makes the file itself smaller.
    fn end_vacuum(&self, ready: &Ready, wait: &Wait) -> Result<()> {
        self.note_wait(wait);
        self.note_checkpoint(&ready.session);
        if self.shares_syncs() {
            self.follow_wal(ready, wait.site)?;
            // It is done, and can't be taken back: only a sync that fails is an error.
            let patience = Patience::until(Deadline::NEVER);
            self.wait_for_disk(wait.site, self.count_commit(), &patience)?;
        }
        // If a reader needs the log, a later one does it.
        let _ = Checkpoint::Truncate.make(ready.session.conn());
        Ok(())
    }

    /// Writes what is committed to a new file, without free pages.
    pub(crate) fn vacuum_into(&self, target: &Path, wait: &Wait) -> Result<()> {
        self.usable()?;
        self.refuse_inside_writer(wait.site)?;
        refuse_in_repeatable(wait.site, false)?;
        let target = new_file(target)?;
        let failed = |error| unwritten(&target, error);
        let part = Part::beside(&target, &self.file).map_err(failed)?;
        let open = || self.open_within(open::reader, wait);
        let reading = ReadTx::begin_with(self, wait.site, &wait.span, (false, false), open)?;
        reading.ready().watchdog.set_mode(Mode::Engine);
        let conn = reading.ready().session.conn();
        conn.busy_timeout(Duration::ZERO)?;
        let run = || {
            part.clear();
            conn.execute("VACUUM INTO ?1", [part.0.to_str()]).map(drop)
        };
        let ran = self.while_busy_for((wait.deadline, Duration::MAX), run, || true);
        ran.map_err(|busy| {
            let (Busy::Deadline(error) | Busy::Error(error)) = busy;
            open::explain(&self.path, error)
        })?;
        drop(reading);
        part.publish(&target).map_err(failed)
    }
}

/// Checks that `path` can be a new file, and makes it absolute.
fn new_file(path: &Path) -> Result<PathBuf> {
    let refused = |problem| Err(open::failure(path, problem, None));
    if path.as_os_str().is_empty() {
        return refused(OpenProblem::Empty);
    }
    let absolute = std::path::absolute(path).map_err(|error| open::unreadable(path, error))?;
    // A link counts, wherever it leads.
    if fs::symlink_metadata(&absolute).is_ok() {
        return refused(OpenProblem::Exists);
    }
    if !absolute.parent().is_some_and(Path::is_dir) {
        return refused(OpenProblem::NoFolder);
    }
    if absolute.to_str().is_none() {
        // As text it is given to the authorizer, which keeps bodies from attaching files.
        let error = io::Error::new(ErrorKind::InvalidFilename, "its path is not UTF-8");
        return Err(open::unreadable(path, error));
    }
    Ok(absolute)
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::AlreadyExists => open::failure(path, OpenProblem::Exists, None),
        _ => open::unreadable(path, error),
    }
}

/// A file that is not whole yet, beside the one that it is to be. Gone when it is dropped.
struct Part(PathBuf);

impl Part {
    /// Makes an empty one, which nobody may read who may not read the database.
    fn beside(target: &Path, database: &Path) -> io::Result<Self> {
        let like = fs::metadata(database)?;
        let part = Self(sidecar::named(target, &format!(".{:08x}.part", fastrand::u32(..))));
        sidecar::share(&create(&part.0)?, &like);
        Ok(part)
    }

    /// SQLite takes an empty file for one that is not there.
    fn clear(&self) {
        // If it can't be, SQLite says so.
        let _ = OpenOptions::new().write(true).truncate(true).open(&self.0);
    }

    /// Brings it to the disk, and gives it its name if that is still free.
    fn publish(self, target: &Path) -> io::Result<()> {
        // Windows syncs only what may be written.
        OpenOptions::new().write(true).open(&self.0)?.sync_all()?;
        rename_if_free(&self.0, target)?;
        sync_folder_of(target)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // What can't be removed is named as what it is.
        let _ = fs::remove_file(&self.0);
        let _ = fs::remove_file(sidecar::named(&self.0, "-journal"));
    }
}

//! What a process that stays inside for long leaves for the others: who it is, which of
//! its functions writes, since when.
//!
//! It is in the file whose lock the process holds, and is taken back before that is let go.
//! A process that is killed leaves its note, so one is believed only of the process that
//! the system names as the holder, and not of an earlier one that had its number: in a
//! container that is started anew the same program has the same one.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::turnstile::WRITER;
use crate::other_process::{OtherProcess, TheirWriter};
use crate::sidecar;
use crate::units::cut;

/// Of one length, so that it is written and read at once.
const LENGTH: usize = 512;

const PLACE: usize = 300;

/// What a note begins with, and ends with: one that is half written has not both.
const HEAD: &str = "db-core 1";
const END: &str = "end";

/// Writes the note of this process. Where it can't be written there is none.
pub(super) fn write(file: &File, writer: &TheirWriter) {
    let since = writer.since.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let id = OtherProcess::identity("self").unwrap_or_else(|| std::process::id().to_string());
    let place = cut(&writer.place, PLACE);
    let mut note = format!("{HEAD}\n{id}\n{since}\n{place}\n{END}\n").into_bytes();
    note.resize(LENGTH, b'\n');
    let _ = sidecar::write_at(file, &note, 0);
}

/// Takes it back.
pub(super) fn clear(file: &File) {
    let _ = sidecar::write_at(file, &[b'\n'; LENGTH], 0);
}

/// The note that a process has left beside that database, if it is known to write to it.
pub(crate) fn note_beside(database: &Path, process: u32) -> Option<TheirWriter> {
    read(&sidecar::open_to_read(database, WRITER).ok()?, process)
}

/// The note of that process, if there is one.
pub(super) fn read(file: &File, process: u32) -> Option<TheirWriter> {
    let mut bytes = [0; LENGTH];
    let length = sidecar::read_at(file, &mut bytes, 0).ok()?;
    let id = OtherProcess::identity(&process.to_string());
    parse(str::from_utf8(&bytes[..length]).ok()?, process, id.as_deref())
}

/// Without an identity, as of a process that this one may not see, the number must do.
fn parse(note: &str, process: u32, identity: Option<&str>) -> Option<TheirWriter> {
    let mut lines = note.lines();
    let mut next = || lines.next();
    let is_whole = next()? == HEAD;
    let id = next()?;
    let since: u64 = next()?.parse().ok()?;
    let place = next()?.to_owned();
    let is_theirs = match identity {
        Some(identity) => id == identity,
        None => id.split(' ').next()? == process.to_string(),
    };
    if !is_whole || next()? != END || !is_theirs {
        return None;
    }
    // What another program may have written there must not overflow the clock.
    let since = UNIX_EPOCH.checked_add(Duration::from_millis(since))?;
    let is_clock = since <= SystemTime::now() + Duration::from_hours(24);
    is_clock.then(|| TheirWriter::new(place, since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> TheirWriter {
        let since = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        TheirWriter::new("`shop::import` (src/import.rs:42, thread ä)".into(), since)
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_gone_when_cleared() {
        let file = tempfile::tempfile().unwrap();
        let this = std::process::id();
        assert_eq!(read(&file, this), None);
        write(&file, &writer());
        let told = read(&file, this).unwrap();
        assert_eq!((told.place, told.since), (writer().place, writer().since));
        assert_eq!(read(&file, 1), None, "of another process");
        let long = TheirWriter { place: "ü".repeat(1000), ..writer() };
        write(&file, &long);
        assert!(read(&file, this).is_none_or(|read| read.place.starts_with("üüü")));
        clear(&file);
        assert_eq!(read(&file, this), None);
    }

    #[test]
    fn what_is_no_whole_note_is_none() {
        let whole = format!("{HEAD}\n7 99\n1700000000123\n`f` (a.rs:1)\n{END}\n");
        let parse = |note: &str| parse(note, 7, None);
        assert!(parse(&whole).is_some());
        for at in 0..whole.len() - 1 {
            assert_eq!(parse(&whole[..at]), None, "cut at {at}");
        }
        assert_eq!(parse(&whole.replace("db-core 1", "db-core 2")), None);
        assert_eq!(parse(&whole.replace("1700000000123", &u64::MAX.to_string())), None);
        assert_eq!(parse(&whole.replace("7 99", "77 99")), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_note_of_an_earlier_process_of_the_same_number_is_none() {
        let note = format!("{HEAD}\n1 99\n1700000000123\n`f` (a.rs:1)\n{END}\n");
        assert!(parse(&note, 1, Some("1 99")).is_some());
        assert!(parse(&note, 4711, Some("1 99")).is_some(), "its own number, in a container");
        assert_eq!(parse(&note, 1, Some("1 100")), None);
        assert_eq!(parse(&note, 1, Some("11 99")), None);
    }
}

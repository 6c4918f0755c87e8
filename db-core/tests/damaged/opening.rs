//! `Database::open` on every damaged database, and reading all that is in it.

use std::sync::mpsc;
use std::thread;

use db_core::{Database, Error, IntegrityCheck, JournalMode, Options};

use super::corpus::{Damaged, Placed, each};
use super::run::LIMIT;

#[test]
fn opening_ends_with_an_error_or_a_database_that_answers() {
    each(|damaged| {
        for check in [IntegrityCheck::None, IntegrityCheck::Quick, IntegrityCheck::Full] {
            let what = format!("opened with {check:?}: {}", damaged.told);
            try_opening(damaged, Options::new().startup_check(check), check, &what);
            let keep = Options::new().startup_check(check).journal_mode(JournalMode::Keep);
            try_opening(damaged, keep, check, &format!("{what}, keeping its journal"));
        }
    });
}

fn try_opening(damaged: &Damaged, options: Options, check: IntegrityCheck, what: &str) {
    let placed = damaged.put();
    let before = placed.bytes();
    let path = placed.path.clone();
    let (tell, told) = mpsc::channel();
    // One that panics drops the channel, and is told by its own message.
    let work = thread::spawn(move || tell.send(open(&path, options)));
    let Ok(opened) = told.recv_timeout(LIMIT) else {
        panic!("{}: {what}", if work.is_finished() { "it panicked" } else { "it hangs" });
    };
    let _ = work.join();
    match opened {
        Ok(found) => {
            let checked = check != IntegrityCheck::None;
            assert!(!checked || found == 0, "{found} findings, and not refused: {what}");
        }
        Err(error) => {
            let text = format!("{error:#}");
            assert!(!text.is_empty() && !text.contains("unwrap"), "{what}: {text}");
            // What is in the rows is checked after the file has got its journal.
            let converted = matches!(error, Error::CheckFailed(_)) && !what.contains("keeping");
            if !converted {
                assert_unchanged(damaged, &placed, &before, &format!("{what}: {error}"));
            }
        }
    }
}

/// Who is refused leaves the file as it was; but the log of a killed program is carried over by
/// whoever closes the database last.
fn assert_unchanged(damaged: &Damaged, placed: &Placed, before: &[u8], what: &str) {
    assert!(damaged.has_log() || placed.bytes() == before, "changed: {what}");
}

/// How much is damaged, by a quick check after it was opened.
fn open(path: &std::path::Path, options: Options) -> Result<usize, Error> {
    let db: Database = options.on_warning(|_| ()).open(path)?;
    let found = db.verify(IntegrityCheck::Quick)?;
    // Whatever is left of it must be readable, or refused.
    let _ = db.read(|reader| {
        let mut names = reader.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
        let names: Vec<String> =
            names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for name in names {
            let count = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
            let _rows: i64 = reader.query_row(&count, [], |row| row.get(0))?;
        }
        Ok::<_, Error>(())
    });
    Ok(found.len())
}

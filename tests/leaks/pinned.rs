//! A reader so old that the log can't be reset is told of, with the size of the log.

use super::*;

const SOON: Duration = ms(30);

/// More pages than a checkpoint waits for, and than one byte a row would make.
const BIG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
                   INSERT INTO item (name) SELECT hex(randomblob(2000)) FROM n";

/// Writers write much here, and may take long for it.
fn ear() -> Ear {
    Ear::of(|guard| guard.kind == Kind::Reader)
}

/// Of that many pages at least the log is after [`BIG`].
const PAGES: u64 = 1500;

fn grow(db: &Database) {
    db.write(|w| w.execute_batch(BIG)).unwrap();
}

fn wal_size(db: &Database) -> u64 {
    let mut wal = db.path().as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).unwrap().len()
}

#[track_caller]
fn by_guard(heard: &Heard) -> (u64, &OpenGuard) {
    match &heard.what {
        What::PinnedByGuard(bytes, guard) => (*bytes, guard),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_own_reader_is_told_once_with_the_size() {
    // If it has not come to pin the log in time, it is reported as a leak before.
    let ear = Ear::of(|_| false);
    let db = ear.open(ms(300));
    let (line, reader) = (line!(), db.reader().unwrap());
    count(&reader).unwrap();
    grow(&db);
    let size = wal_size(&db);
    assert!(size > PAGES * 4096, "{size}");
    let pinned = ear.first();
    assert_eq!(pinned.path, db.path());
    let (bytes, guard) = by_guard(&pinned);
    assert_eq!(bytes, size);
    assert_eq!((guard.kind, guard.site.line()), (Kind::Reader, line));
    let megabytes = format!("{}.{} MB", size / 1_000_000, size / 100_000 % 10);
    assert_eq!(
        without_times(&pinned.report),
        format!(
            "the log of {} can't be reset and has grown to {megabytes}: \
             a reader has been open for <time>, by {}:{line} (thread {})\n\
             \n\
             Why:\n  \
             - what was written since that snapshot has to stay in the log, which grows with \
             every write and makes reading slower\n\
             \n\
             Action:\n  \
             - end that reader: the log is used again from its beginning after the next writes\n  \
             - end readers whose SQL takes too long by themselves: the option `read_timeout`",
            db.path().display(),
            file!(),
            guard.thread
        )
    );
    grow(&db);
    ear.stays_at(1);
    assert_eq!(count(&reader).unwrap(), 0);
    drop(reader);
    grow(&db);
    ear.stays_at(1);
}

/// Reported first as what it was then.
#[test]
fn a_leak_that_comes_to_pin_the_log_is_told_of_again() {
    let ear = ear();
    let db = ear.open(SOON);
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    assert_eq!(ear.first().leak().kind, Kind::Reader);
    ear.stays_at(1);
    grow(&db);
    by_guard(&ear.number(2));
    ear.stays_at(2);
}

#[test]
fn the_next_one_is_told_of_again() {
    let ear = ear();
    let db = ear.open(SOON);
    for round in 0..3 {
        let reader = db.reader().unwrap();
        count(&reader).unwrap();
        ear.number(2 * round + 1).leak();
        grow(&db);
        by_guard(&ear.number(2 * round + 2));
        drop(reader);
        // Nobody needs the log now.
        db.write(|w| insert(w, "apple")).unwrap();
    }
    ear.stays_at(6);
}

/// What was said of the reader that was opened in that line of this file.
fn said_of(ear: &Ear, line: u32) -> Vec<Heard> {
    let is_it = |guard: &OpenGuard| guard.site.line() == line;
    let mut heard = ear.heard();
    heard.retain(|heard| match &heard.what {
        What::Leak(guard) | What::PinnedByGuard(_, guard) => is_it(guard),
        What::PinnedByProcesses(..) => true,
    });
    heard
}

#[test]
fn a_large_log_alone_is_no_reason() {
    let ear = ear();
    let db = ear.open(SOON);
    let is_only_a_leak = |line| {
        wait_until("it is reported", || !said_of(&ear, line).is_empty());
        looks(5);
        let said = said_of(&ear, line);
        let [heard] = &said[..] else { panic!("{said:#?}") };
        heard.leak();
    };
    grow(&db);
    assert!(wal_size(&db) > PAGES * 4096);
    // Opened afterwards it needs nothing of the log that the database has not.
    let (line, reader) = (line!(), db.reader().unwrap());
    count(&reader).unwrap();
    is_only_a_leak(line);
    drop(reader);

    // Nor is a reader that was there, and has gone.
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    grow(&db);
    drop(reader);
    let (line, reader) = (line!(), db.reader().unwrap());
    count(&reader).unwrap();
    is_only_a_leak(line);
    drop(reader);
}

#[test]
fn a_reader_that_is_not_old_is_no_reason() {
    let ear = ear();
    let db = ear.open(PATIENCE);
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    grow(&db);
    ear.stays_at(0);
    drop(reader);
}

#[cfg(target_os = "linux")]
#[test]
fn another_process_is_told_once_with_the_size() {
    let ear = ear();
    let db = ear.open(SOON);
    let foreign = ForeignLock::take(db.path(), Lock::Reading);
    grow(&db);
    let size = wal_size(&db);
    pinned_for_long(&db, &ear, 1);
    let heard = ear.first();
    let What::PinnedByProcesses(bytes, processes) = &heard.what else { panic!("{heard:?}") };
    assert!(*bytes >= size, "{bytes} of {size}");
    let [process] = &processes[..] else { panic!("{processes:?}") };
    assert!(!process.is_this && process.process.id != std::process::id());
    let megabytes = format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    assert_eq!(
        without_processes(&heard.line),
        format!(
            "the log of {} can't be reset and has grown to {megabytes}: \
             process <id> (<program>), which has a snapshot",
            db.path().display()
        )
    );
    assert!(heard.report.contains("let that program end"), "{}", heard.report);
    grow(&db);
    ear.stays_at(1);
    foreign.release();
    grow(&db);
    ear.stays_at(1);

    // The next one is told of again.
    let foreign = ForeignLock::take(db.path(), Lock::Reading);
    grow(&db);
    pinned_for_long(&db, &ear, 2);
    assert!(matches!(ear.number(2).what, What::PinnedByProcesses(..)));
    foreign.release();
    ear.stays_at(2);
}

/// Lets the log be pinned for long, and writes now and then, until that many warnings were
/// heard. When it is looked next, nothing is open here any more.
#[cfg(target_os = "linux")]
#[track_caller]
fn pinned_for_long(db: &Database, ear: &Ear, number: usize) {
    for _ in 0..10 {
        thread::sleep(SOON);
        db.write(|w| insert(w, "apple")).unwrap();
        looks(2);
        if ear.count() >= number {
            return;
        }
    }
    panic!("it was never told");
}

/// It has not been there for long enough.
#[cfg(target_os = "linux")]
#[test]
fn another_process_that_has_just_begun_to_read_is_not_told_of() {
    let ear = ear();
    let db = ear.open(PATIENCE);
    let foreign = ForeignLock::take(db.path(), Lock::Reading);
    grow(&db);
    let writer = db.writer().unwrap();
    ear.stays_at(0);
    drop(writer);
    foreign.release();
}

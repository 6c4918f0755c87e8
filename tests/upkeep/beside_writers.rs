//! Upkeep beside writers and readers, of this process and of another one: nobody meets a lock.

use super::*;

const FOR: Duration = ms(1200);

/// Another process that writes until it is told to end.
#[test]
fn neighbour() {
    let Some(path) = Process::role() else { return };
    // As the file is.
    let options = Options::new().journal_mode(JournalMode::Keep).writer_timeout(PATIENCE);
    let db = options.open(path).unwrap();
    Process::say("neighbour: begins");
    let ended = AtomicBool::new(false);
    let written = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut written = 0;
            while !ended.load(Ordering::SeqCst) {
                insert(&db, "theirs").unwrap();
                written += 1;
            }
            written
        });
        std::io::stdin().read_line(&mut String::new()).unwrap();
        ended.store(true, Ordering::SeqCst);
        writing.join().unwrap()
    });
    Process::say(&format!("neighbour: {written}"));
}

fn nobody_meets_a_lock(options: Options, readers: usize) {
    let db = TestDb::with(options.writer_timeout(PATIENCE));
    let mut neighbour = Process::again("beside_writers::neighbour", db.path());
    assert_eq!(neighbour.hear("neighbour: ").as_deref(), Some("begins"));
    let ended = AtomicBool::new(false);
    let ours: usize = thread::scope(|scope| {
        let (db, ended) = (&db, &ended);
        let goes_on = move || !ended.load(Ordering::SeqCst);
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    let mut written = 0;
                    while goes_on() {
                        insert(db, "ours").unwrap();
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        for _ in 0..readers {
            scope.spawn(move || {
                while goes_on() {
                    assert!(number(db, "SELECT count(*) FROM item") >= 0);
                }
            });
        }
        // Whatever comes of it, they end.
        let end = Ending(ended);
        let (start, mut rounds) = (Instant::now(), 0);
        while start.elapsed() < FOR || rounds < 2 {
            for (name, operation) in OPERATIONS {
                operation(db.maintain_within(PATIENCE))
                    .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            }
            let copy = db.beside(&format!("{rounds}.db"));
            db.maintain_within(PATIENCE).vacuum_into(&copy).unwrap();
            common::assert_whole(&copy);
            rounds += 1;
        }
        drop(end);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    neighbour.tell("end");
    let theirs: usize = neighbour.hear("neighbour: ").unwrap().parse().unwrap();
    assert_eq!(db.names().len(), ours + theirs);
    assert!(ours > 20 && theirs > 5, "{ours} of ours, {theirs} of theirs");
    db.assert_whole();
}

#[test]
fn with_a_log() {
    nobody_meets_a_lock(Options::new(), 2);
}

#[test]
fn with_shared_syncs() {
    nobody_meets_a_lock(Options::new().synchronous(Synchronous::Shared), 2);
}

/// Readers and writers wait for each other there, in SQLite, without a queue.
#[test]
fn without_a_log() {
    nobody_meets_a_lock(Options::new().journal_mode(JournalMode::Delete), 0);
}

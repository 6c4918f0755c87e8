use super::*;

/// Starts a writer that waits behind all others, for as long as `within` says.
fn queue<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    db: &'env Database,
    name: &'static str,
    within: Duration,
) -> ScopedJoinHandle<'scope, Result<()>> {
    // One that waits, or has given up already because this machine is so busy.
    let seen = || db.stats().waiting as u64 + db.stats().timeouts;
    let before = seen();
    let thread = scope.spawn(move || {
        let writer = db.writer_within(within)?;
        sell(&writer, name)?;
        writer.commit()
    });
    wait_until("it waits", || seen() == before + 1);
    thread
}

/// Starts five writers that wait, lets the ones at `leaving` give up, and tells
/// what the others do.
fn others_are_served_when_some_leave(leaving: &[usize]) {
    const NAMES: [&str; 5] = ["0", "1", "2", "3", "4"];
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let threads: Vec<_> = (0..5)
            .map(|n| {
                // The leaving ones are in the queue long enough to be seen there.
                let leaves = leaving.contains(&n);
                let within = if leaves { ms(300) } else { common::PATIENCE };
                queue(scope, &db, NAMES[n], within)
            })
            .collect();
        wait_until("they leave", || db.stats().waiting == 5 - leaving.len());
        importer.end();
        for (n, thread) in threads.into_iter().enumerate() {
            match thread.join().unwrap() {
                Ok(()) => assert!(!leaving.contains(&n), "{n}"),
                Err(error) => {
                    names_the_importer(&timeout(error));
                    assert!(leaving.contains(&n), "{n}");
                }
            }
        }
    });
    let mut expected = vec!["imported"];
    let stay = NAMES.iter().enumerate();
    expected.extend(stay.filter(|(n, _)| !leaving.contains(n)).map(|(_, name)| name));
    assert_eq!(db.names(), expected);
    assert_eq!(db.stats().waiting, 0);
    // The lane is free.
    db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
}

#[test]
fn one_that_leaves_from_the_middle_disturbs_nobody() {
    others_are_served_when_some_leave(&[2]);
}

#[test]
fn one_that_leaves_from_the_head_disturbs_nobody() {
    others_are_served_when_some_leave(&[0, 1]);
}

#[test]
fn one_that_leaves_from_the_end_disturbs_nobody() {
    others_are_served_when_some_leave(&[4]);
}

#[test]
fn when_all_leave_the_turn_is_free() {
    others_are_served_when_some_leave(&[0, 1, 2, 3, 4]);
}

/// Deadlines come while turns are handed over: whoever gets a turn keeps it, and
/// whoever gets none takes none away.
#[test]
fn deadlines_amid_the_traffic_lose_no_turn() {
    const TIMES: u64 = 60;
    let db = TestDb::new();
    let (late, start) = (AtomicUsize::new(0), Barrier::new(8));
    thread::scope(|scope| {
        for n in 0..8 {
            let (db, late, start) = (&db, &late, &start);
            scope.spawn(move || {
                start.wait();
                for time in 0..TIMES {
                    // Half of them have no patience at all.
                    let within = match n % 2 {
                        0 => common::PATIENCE,
                        _ => Duration::from_micros(time * 37 % 400),
                    };
                    let sold = db.writer_within(within).and_then(|writer| {
                        sell(&writer, "sold")?;
                        writer.commit()
                    });
                    match sold {
                        Ok(()) => {}
                        Err(Error::WriterTimeout(_)) if n % 2 == 1 => {
                            late.fetch_add(1, SeqCst);
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    let total = usize::try_from(TIMES).unwrap() * 8;
    assert_eq!(db.names().len(), total - late.load(SeqCst));
    assert_eq!(db.stats().waiting, 0);
    db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
}

#[test]
fn many_deadlines_at_once_are_all_kept() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let late = || gives_up(ms(40), || sell_soon(&db, "late"));
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(late)).collect();
        for thread in threads {
            names_the_importer(&timeout(thread.join().unwrap()));
        }
        assert_eq!(db.stats().waiting, 0);
        assert_eq!(db.stats().timeouts, 24);
        importer.end();
    });
    assert_eq!(db.names(), ["imported"]);
}

use super::*;

/// A body that waits for a thread which waits for the body.
#[test]
fn a_thread_joined_by_a_body_that_it_waits_for_gives_up() {
    let db = TestDb::new();
    db.write(|w| {
        let error = thread::scope(|scope| {
            let joined = scope.spawn(|| gives_up(ms(40), || sell_soon(&db, "joined")));
            joined.join().unwrap()
        });
        let timeout = timeout(error);
        assert!(matches!(timeout.waited_for, WaitedFor::Writer(_)));
        sell(w, "outer")
    })
    .unwrap();
    assert_eq!(db.names(), ["outer"]);
}

/// Two databases, taken in the opposite order by two threads.
#[test]
fn two_threads_that_wait_for_each_other_give_up() {
    let (one, two) = (TestDb::new(), TestDb::new());
    let both = Barrier::new(2);
    let cross = |first: &Database, second: &Database| {
        first.write(|w| {
            sell(w, "first")?;
            both.wait();
            sell_soon(second, "second")
        })
    };
    let results = thread::scope(|scope| {
        let there = scope.spawn(|| cross(&one, &two));
        let back = scope.spawn(|| cross(&two, &one));
        [there.join().unwrap(), back.join().unwrap()]
    });
    let late = results.iter().filter(|result| result.is_err()).count();
    assert!(late > 0);
    for result in results {
        match result {
            Ok(()) | Err(Error::WriterTimeout(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(one.names().len() + two.names().len(), 4 - 2 * late);
    sell(&one, "after").unwrap();
    sell(&two, "after").unwrap();
}

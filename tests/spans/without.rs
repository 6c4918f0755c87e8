//! Where nobody listens, or not to all of it. In processes of their own: a subscriber is the
//! whole program's.

use common::Process;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// Runs `body` as the only test of another process, in which nobody listens yet.
fn alone(test: &str, body: impl FnOnce()) {
    if Process::role().is_some() {
        return body();
    }
    let mut process = Process::again(test, "");
    assert_eq!(process.hear("it is "), Some("done".to_owned()));
    assert!(process.ended().success());
}

/// All that is told of elsewhere in these tests.
fn work() {
    let (faults, clock) = (Faults::new(), FakeClock::new());
    let options = patient().slow_hold(Duration::ZERO).leak_after(ms(1)).on_warning(|_warning| ());
    let db = TestDb::with(options.faults(&faults).clock(&clock));
    add(&db, "a").unwrap();
    faults.inject(Fault::Busy.at_turn().of("add_retried"));
    add_retried(&db, "b").unwrap();
    add_and(&db, "c", |w| add_grouped(w, "d").unwrap()).unwrap();
    assert_eq!(count(&db).unwrap(), 4);
    assert_eq!(count_retried(&db).unwrap(), 4);
    thread::scope(|threads| {
        let guard = db.writer().unwrap();
        threads.spawn(|| add_soon(&db, "late").unwrap_err()).join().unwrap();
        let grouped = ["e", "f"].map(|name| threads.spawn(|| add_grouped(&db, name)));
        wait_until("both wait", || db.stats().waiting == 2);
        drop(guard);
        grouped.into_iter().for_each(|call| call.join().unwrap().unwrap());
    });
    let panics = || db.write(|_w| -> Result<()> { panic!("as it was told") });
    std::panic::catch_unwind(panics).unwrap_err();
    db.write(|w| events::fill(w)).unwrap();
    let bare = Connection::open(db.path()).unwrap();
    clear(&bare).unwrap();
    assert!(db.names().is_empty());
    let stats = db.stats();
    assert_eq!((stats.retries, stats.timeouts, stats.checkpoints), (1, 1, 1));
}

#[test]
fn without_a_subscriber_all_works() {
    alone("without::without_a_subscriber_all_works", || {
        work();
        Process::say("it is done");
    });
}

#[test]
fn where_only_warnings_are_wanted_they_come_without_spans() {
    alone("without::where_only_warnings_are_wanted_they_come_without_spans", || {
        let subscriber = tracing_subscriber::registry().with(LevelFilter::WARN);
        tracing::subscriber::set_global_default(subscriber.with(recorder::Recorder)).unwrap();
        work();
        let said = recorder::events();
        assert!(said.iter().all(|said| said.level == Level::WARN && said.span.is_none()));
        let mut messages: Vec<_> = said.iter().map(|said| &*said.message).collect();
        messages.retain(|message| *message != "leak");
        messages.dedup();
        assert_eq!(messages, ["slow hold", "timeout", "slow hold"]);
        Process::say("it is done");
    });
}

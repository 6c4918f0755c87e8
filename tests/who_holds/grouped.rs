//! A grouped call whose body another one's thread runs is the holder for as long as that
//! takes: with its own place, and both threads.

use std::thread;

use db_core::{OpenGuard, Options, Result, Writer, retry_on_locked, writer};

use super::common::{PATIENCE, TestDb, wait_until};
use super::desk::{Comes, Desk, ENDLESS};
use super::inside::three_ways;
use super::statements::stays_none;

#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn lead(db: &Writer, desk: &Desk) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('leads')", [])?;
    desk.serve(db);
    Ok(())
}

#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn follow(db: &Writer, desk: &Desk) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('follows')", [])?;
    desk.serve(db);
    Ok(())
}
const FOLLOW: u32 = line!() - 5;

#[writer]
fn sell(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('sold')", [])?;
    Ok(())
}

#[test]
fn a_member_is_the_holder_while_another_thread_runs_it() {
    let db = TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE));
    let named = |name: &str| thread::Builder::new().name(name.into());
    let place = |guard: &OpenGuard| (guard.site.function(), guard.thread.clone());
    thread::scope(|scope| {
        // They wait in this order behind somebody else, and so share a transaction.
        let other = db.writer().unwrap();
        let leader = Comes::start(scope, named("0"), |desk| lead(&*db, &desk).unwrap());
        wait_until("the first one waits", || db.stats().waiting == 1);
        let member = Comes::start(scope, named("1"), |desk| follow(&*db, &desk).unwrap());
        wait_until("the second one waits", || db.stats().waiting == 2);
        let seller = named("2").spawn_scoped(scope, || sell(&*db).unwrap()).unwrap();
        wait_until("the third one waits", || db.stats().waiting == 3);
        drop(other);

        let leader = leader.inside();
        let lead = Some("who_holds::grouped::lead");
        for writer in three_ways(&db) {
            assert_eq!(place(&writer), (lead, "0".into()));
            let behind: Vec<_> = writer.behind.iter().map(|one| one.thread.as_str()).collect();
            assert_eq!(behind, ["1", "2"]);
        }
        leader.run(ENDLESS);
        let statement = || db.stats().writer.unwrap().statement;
        wait_until("its statement is known", || statement().is_some());
        leader.interrupt();
        let led_for = db.stats().writer.unwrap().open_for;
        leader.goes_on();

        let member = member.inside();
        let follow = Some("who_holds::grouped::follow");
        for writer in three_ways(&db) {
            assert_eq!(place(&writer), (follow, "1, run by thread 0".into()));
            assert_eq!(writer.site.line(), FOLLOW);
            assert!(writer.open_for < led_for, "the leader's time is counted to it");
            let behind: Vec<_> = writer.behind.iter().map(|one| one.thread.as_str()).collect();
            assert_eq!(behind, ["2"]);
        }
        // It is on the connection on which the leader was in one.
        stays_none(statement, || db.stats().writer.unwrap().open_for);
        member.run(ENDLESS);
        wait_until("its statement is known", || statement().as_deref() == Some(ENDLESS));
        member.interrupt();
        member.let_go();
        seller.join().unwrap();
    });
    assert_eq!(db.names(), ["leads", "follows", "sold"]);
    assert_eq!(db.stats().grouped, 1);
}

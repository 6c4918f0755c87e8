//! Calls of `#[writer(group)]`, that run in the transaction of the one who leads: a fault of
//! one of them is its own, or costs all of them no more than another run.

use super::common::Runs;
use super::*;

/// Members of a group, by name.
macro_rules! members {
    ($($name:ident)*) => {$(
        #[writer(group)]
        #[retry_on_locked(max_attempts = 3, idempotent)]
        fn $name(db: &Writer, ran: &Runs, seen: &Seen) -> Result<()> {
            ran.run();
            seen.note(insert(db, "half"))?;
            let whole = "UPDATE item SET name = ?1 WHERE name = 'half'";
            seen.note(db.execute(whole, [stringify!($name)]))?;
            Ok(())
        }
    )*};
}

members! { lead second third }

type Member = for<'a, 'b, 'c> fn(&'a Database, &'b Runs, &'c Seen) -> Result<()>;

const NAMES: [&str; 3] = ["lead", "second", "third"];

/// What the three came to, in one group: whoever leads is `lead`.
struct Ended {
    kit: Kit,
    results: [Result<()>; 3],
    ran: [usize; 3],
    seen: [Vec<i32>; 3],
}

impl Ended {
    /// Attempts and outcome of each.
    fn calls(&self) -> [(u32, bool); 3] {
        NAMES.map(|name| {
            let call = self.kit.faults.last_call_of(name).unwrap();
            (call.attempts, call.is_ok)
        })
    }

    fn sorted(&self) -> Vec<String> {
        let mut names = self.kit.db.names();
        names.sort();
        names
    }

    /// All are `Ok`, and were run so often, in so many attempts.
    #[track_caller]
    fn all_ok(&self, ran: [usize; 3], attempts: [u32; 3]) {
        assert!(self.results.iter().all(Result::is_ok), "{:?}", self.results);
        assert_eq!(self.ran, ran);
        assert_eq!(self.calls(), attempts.map(|attempts| (attempts, true)));
        assert_eq!(self.sorted(), NAMES);
        self.kit.faults.assert_all_met();
        self.kit.db.assert_whole();
    }
}

fn kit(synchronous: Synchronous) -> Kit {
    // However slow the machine is, the group is not closed for it.
    let options = Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE);
    Kit::with(options.synchronous(synchronous))
}

/// Has the three wait in that order, and then go on, as one group.
#[track_caller]
fn group(kit: Kit, injections: impl IntoIterator<Item = Injection>) -> Ended {
    let calls: [Member; 3] = [
        |db, ran, seen| lead(db, ran, seen),
        |db, ran, seen| second(db, ran, seen),
        |db, ran, seen| third(db, ran, seen),
    ];
    let (ran, seen) = ([(); 3].map(|()| Runs::new()), [(); 3].map(|()| Seen::new()));
    let results = thread::scope(|scope| {
        let other = kit.db.writer().unwrap();
        let mut waiting = 0;
        let (ran, seen, db) = (&ran, &seen, &kit.db);
        let threads = [0, 1, 2].map(|n| {
            let thread = scope.spawn(move || calls[n](db, &ran[n], &seen[n]));
            waiting += 1;
            wait_until("it waits", || db.stats().waiting == waiting);
            thread
        });
        injections.into_iter().for_each(|injection| kit.faults.inject(injection));
        drop(other);
        threads.map(|thread| thread.join().unwrap())
    });
    let ran = ran.map(|ran| ran.count());
    Ended { kit, results, ran, seen: seen.map(|seen| seen.codes()) }
}

#[test]
fn without_a_fault_they_are_one() {
    let ended = group(kit(Synchronous::Normal), []);
    ended.all_ok([1; 3], [1; 3]);
    // The two who followed.
    assert_eq!(ended.kit.db.stats().grouped, 2);
    assert_eq!(ended.kit.db.names(), NAMES);
}

/// It is undone, and run again in a transaction of its own, when the others are done.
#[test]
fn a_lock_at_a_followers_statement_is_its_own() {
    for (name, n) in [("second", 1), ("third", 2)] {
        for number in [1, 2] {
            let busy = Fault::Busy.at_statement(number).of(name);
            let ended = group(kit(Synchronous::Normal), [busy]);
            let once_more = |at: usize| if at == n { 2 } else { 1 };
            ended.all_ok([0, 1, 2].map(once_more), [0, 1, 2].map(|n| once_more(n) as u32));
            let codes = |at: usize| vec![ffi::SQLITE_BUSY; usize::from(at == n)];
            assert_eq!(ended.seen, [0, 1, 2].map(codes));
            assert_eq!(ended.kit.db.names().last().unwrap(), name);
            assert_eq!(ended.kit.clock.skipped(), Duration::from_millis(500));
        }
    }
}

/// Nobody has joined it yet.
#[test]
fn a_lock_at_the_leaders_statement_is_its_own() {
    let busy = Fault::BusySnapshot.at_statement(2).of("lead");
    let ended = group(kit(Synchronous::Normal), [busy]);
    ended.all_ok([2, 1, 1], [2, 1, 1]);
    assert_eq!(ended.seen[0], [ffi::SQLITE_BUSY_SNAPSHOT]);
}

/// A disk that is full for one need not be its fault: the group is lost, and each runs again
/// by itself, which is no attempt.
#[test]
fn a_full_disk_loses_the_group() {
    for fault in [Fault::DiskFull, Fault::FailedSync] {
        let ended = group(kit(Synchronous::Normal), [fault.at_statement(1).of("second")]);
        // The third was not there yet.
        ended.all_ok([2, 2, 1], [1; 3]);
        assert_eq!(ended.seen.each_ref().map(Vec::len), [0, 1, 0]);
    }
    // One that is full for it alone as well has no other's error.
    let full = Fault::DiskFull.at_statement(1).of("second").times(2);
    let ended = group(kit(Synchronous::Normal), [full]);
    assert!(matches!(ended.results[1], Err(Error::Full(_))), "{:?}", ended.results);
    assert_eq!(ended.calls(), [(1, true), (1, false), (1, true)]);
    assert_eq!(ended.ran, [2, 2, 1]);
    assert_eq!(ended.sorted(), ["lead", "third"]);
    ended.kit.db.assert_whole();
}

/// Whose ever it is, it is that of all of them.
#[test]
fn a_fault_at_the_commit_that_they_share() {
    for name in NAMES {
        for (fault, _, _) in ALL {
            let ended = group(kit(Synchronous::Full), [fault.at_commit().of(name)]);
            ended.all_ok([2; 3], [1; 3]);
            assert_eq!(ended.kit.clock.skipped(), Duration::ZERO);
        }
    }
    let ended = group(kit(Synchronous::Normal), [Fault::Busy.at_commit()]);
    ended.all_ok([2; 3], [1; 3]);
}

/// And then at its own: an attempt, and no other's.
#[test]
fn a_fault_at_the_commit_and_at_the_one_after_it() {
    let full = Fault::DiskFull.at_commit().of("second").times(2);
    let ended = group(kit(Synchronous::Normal), [full]);
    assert!(matches!(ended.results[1], Err(Error::Full(_))), "{:?}", ended.results);
    assert_eq!(ended.calls(), [(1, true), (1, false), (1, true)]);
    assert_eq!(ended.sorted(), ["lead", "third"]);
    // A lock that stays lets the rest go, who queue again.
    let busy = Fault::Busy.at_commit().of("second").times(2);
    let ended = group(kit(Synchronous::Normal), [busy]);
    ended.all_ok([2, 3, 2], [1, 2, 1]);
}

/// Only who leads has a turn. One that fails there queues again, behind the others.
#[test]
fn a_fault_at_the_turn() {
    let busy = |name| Fault::Busy.at_turn().of(name);
    let ended = group(kit(Synchronous::Normal), [busy("lead")]);
    ended.all_ok([1; 3], [2, 1, 1]);
    let ended = group(kit(Synchronous::Normal), [busy("second"), busy("third")]);
    assert_eq!(ended.calls(), [(1, true); 3]);
    assert_eq!(ended.kit.faults.pending().len(), 2);
    // It is no lock for the others if the first can't begin for another reason.
    let ended = group(kit(Synchronous::Normal), [Fault::DiskFull.at_turn().of("lead")]);
    assert_eq!(ended.calls(), [(1, false), (1, true), (1, true)]);
    assert_eq!(ended.sorted(), ["second", "third"]);
}

/// The sync is that of all who were committed by it, whoever it was asked for.
#[test]
fn a_failed_sync_after_the_commit_that_they_share() {
    for name in NAMES {
        let failed = Fault::FailedSync.at_commit().of(name);
        let ended = group(kit(Synchronous::Shared), [failed]);
        for result in &ended.results {
            let Err(Error::NotDurable(error)) = result else { panic!("{result:?}") };
            assert!(error.committed);
        }
        assert_eq!(ended.ran, [1; 3]);
        assert_eq!(ended.calls(), [(1, false); 3]);
        assert_eq!(ended.sorted(), NAMES);
    }
}

//! What must hold at each commit holds after each member of a group: whoever breaks it is
//! undone alone, and nobody mends it for another.

use db_core::{Error, Invariant};

use super::*;

fn shop() -> TestDb {
    let holds = Invariant::in_range("item", "qty", 0..).named("stock is never negative");
    TestDb::with(options().check_before_commit(&[holds]))
}

/// One call of a group that runs these statements.
fn runs<'a>(db: &'a TestDb, runs: &'a Runs, sql: &'static str) -> Call<'a, Result<()>> {
    write(db, runs, move |w| Ok(w.execute_batch(sql)?))
}

#[track_caller]
fn broken(ended: &Result<()>, row: &str) {
    let Err(Error::InvariantBroken(broken)) = ended else { panic!("{ended:?}") };
    assert_eq!(broken.findings.len(), 1);
    assert_eq!(broken.findings[0].place.as_deref(), Some(row));
}

const ADD: &str = "INSERT INTO item (name, qty) VALUES ('good', 1)";
const BREAK: &str = "INSERT INTO item (name, qty) VALUES ('bad', -1)";
const MEND: &str = "UPDATE item SET qty = 5";

#[test]
fn a_member_that_breaks_it_is_undone_alone() {
    let (db, ran) = (shop(), Runs::new());
    let (ended, grown) = counted(&db, [ADD, BREAK, MEND, ADD].map(|sql| runs(&db, &ran, sql)));
    broken(&ended[1], "id = 2, qty = -1");
    assert!([0, 2, 3].iter().all(|&n| ended[n].is_ok()), "{ended:?}");
    assert_eq!(db.names(), ["good", "good"]);
    // The first; the second by itself, and refused; the others together.
    assert_eq!((grown.commits, grown.grouped), (2, 1));
    assert_eq!(ran.count(), 5);
}

#[test]
fn no_follower_mends_what_the_leader_breaks() {
    let (db, ran) = (shop(), Runs::new());
    let (ended, _) = counted(&db, [BREAK, MEND, ADD].map(|sql| runs(&db, &ran, sql)));
    broken(&ended[0], "id = 1, qty = -1");
    assert!(ended[1].is_ok() && ended[2].is_ok(), "{ended:?}");
    assert_eq!(db.names(), ["good"]);
    assert_eq!(ran.count(), 3);
}

#[test]
fn members_that_keep_it_share_their_commit() {
    let (db, ran) = (shop(), Runs::new());
    let (ended, grown) = counted(&db, [ADD, MEND, ADD].map(|sql| runs(&db, &ran, sql)));
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!((grown.commits, grown.grouped, ran.count()), (1, 2, 3));
}

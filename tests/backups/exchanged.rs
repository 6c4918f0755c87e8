//! Where there is no database, or none that SQLite can read, the new file gets its name:
//! nothing that others have made meanwhile is replaced, and whatever fails, all is as it was.

use killed::{go_on, stopped_at};

use super::*;

/// SQLite can't read it, and what was committed last is in its log.
fn damaged() -> Shop {
    let shop = Shop::new();
    fill(&shop.database());
    left_beside::leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('in the log')");
    let mut bytes = fs::read(shop.database()).unwrap();
    bytes[..100].fill(0x5A);
    fs::write(shop.database(), bytes).unwrap();
    shop
}

#[test]
fn a_database_that_is_made_meanwhile_is_not_replaced() {
    let shop = Shop::new();
    fs::remove_file(shop.database()).unwrap();
    let mut restorer = stopped_at("aside", &shop);
    make_file(&shop.database());
    let conn = Connection::open(shop.database()).unwrap();
    conn.execute("INSERT INTO item (name) VALUES ('mine')", []).unwrap();
    let told = go_on(&mut restorer);
    assert!(told.contains("shop.db is open in "), "{told}");
    drop(conn);
    assert_eq!(names(&shop.database()), ["mine"]);
    assert_whole(&shop.database());
    no_partial_files(shop.folder.path());
}

/// Somebody has taken away the new file, so that the last step fails.
#[test]
fn a_damaged_database_has_its_log_again_if_it_is_not_replaced() {
    let shop = damaged();
    let contents = || -> Vec<_> {
        let names =
            files(shop.folder.path()).into_iter().filter(|name| !name.contains(".partial-"));
        names.map(|name| (fs::read(shop.folder.path().join(&name)).unwrap(), name)).collect()
    };
    let before = contents();
    let mut restorer = stopped_at("aside", &shop);
    for partial in partial_files(shop.folder.path()) {
        fs::remove_file(partial).unwrap();
    }
    let told = go_on(&mut restorer);
    assert!(told.contains("was not restored") && told.contains("try again"), "{told}");
    assert!(contents() == before);
}

/// After a kill they are apart; the next restore brings them together again.
#[test]
fn a_damaged_database_is_not_parted_from_its_log_by_a_kill() {
    let shop = damaged();
    let log = fs::read(left_beside::log_of(&shop.database())).unwrap();
    stopped_at("aside", &shop).kill();
    assert!(!left_beside::log_of(&shop.database()).exists());
    // A restore that is refused has done that as well.
    let mut restorer = stopped_at("locked", &shop);
    assert!(fs::read(left_beside::log_of(&shop.database())).unwrap() == log);
    assert_eq!(go_on(&mut restorer), "restored");
    shop.is_restored();
    let is_kept = |name: &String| name.contains(".replaced-");
    let kept: Vec<_> = files(shop.folder.path()).into_iter().filter(is_kept).collect();
    let [old, beside] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(*beside, format!("{old}-wal"));
    assert!(fs::read(shop.folder.path().join(beside)).unwrap() == log);
}

/// A connection of this process is known by its second descriptor.
#[cfg(target_os = "linux")]
#[test]
fn a_damaged_database_that_is_open_is_not_replaced() {
    let shop = damaged();
    let mut restorer = stopped_at("locked", &shop);
    let conn = Connection::open(shop.database()).unwrap();
    let told = go_on(&mut restorer);
    assert!(told.contains("shop.db is open in process "), "{told}");
    drop(conn);
    shop.restore().unwrap();
    shop.is_restored();
}

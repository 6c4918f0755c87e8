//! A damaged database does not take the place of a good backup, nor a damaged backup that of a
//! database.

use rusqlite::functions::FunctionFlags;

use super::*;

/// Overwrites some of the file's pages.
pub(crate) fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0x5A);
    fs::write(path, bytes).unwrap();
}

/// A database of some size that is damaged, with a good backup from before.
fn damaged() -> Shop {
    let shop = Shop::new();
    fill(&shop.database());
    spoil(&shop.database());
    shop
}

#[test]
fn a_damaged_database_does_not_replace_a_good_backup() {
    let shop = damaged();
    let before = fs::read(shop.backup()).unwrap();
    let db = Database::open(shop.database()).unwrap();
    let failed = failed(db.backup_to(shop.backup(), quiet));
    assert_eq!(failed.task, BackupTask::Backup);
    assert_eq!(failed.database, shop.database());
    let BackupProblem::Damaged(findings) = &failed.problem else { panic!("{failed:?}") };
    assert!(findings.iter().all(|finding| finding.kind.is_damage()) && !findings.is_empty());
    let told = Error::Backup(Box::new(failed)).report();
    assert!(told.contains("the database itself is most likely damaged: "), "{told}");
    assert!(told.contains("\n\nKnown:\n  - "), "{told}");
    assert!(told.contains("none was replaced"), "{told}");
    assert!(fs::read(shop.backup()).unwrap() == before);
    no_partial_files(shop.folder.path());
}

#[test]
fn an_index_that_does_not_fit_is_damage_too() {
    let shop = Shop::new();
    let conn = Connection::open(shop.database()).unwrap();
    conn.execute_batch(
        "CREATE INDEX by_name ON item (name);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX by_name ON item (qty)'
         WHERE name = 'by_name'",
    )
    .unwrap();
    drop(conn);
    let db = Database::open(shop.database()).unwrap();
    let told = told(db.backup_to(shop.backup(), quiet));
    assert!(told.contains("index by_name"), "{told}");
    assert!(told.contains("db-core reindex "), "{told}");
    assert_eq!(names(&shop.backup()), ["apple"]);
}

/// A collation that only the program itself has: the tables without it are checked.
#[test]
fn a_backup_that_cannot_be_checked_in_full_is_checked_in_part() {
    let shop = Shop::new();
    let conn = Connection::open(shop.backup()).unwrap();
    conn.execute_batch(
        "CREATE TABLE word (w TEXT COLLATE NOCASE UNIQUE);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'german') WHERE name = 'word'",
    )
    .unwrap();
    drop(conn);
    shop.restore().unwrap();
    assert_eq!(names(&shop.database()), ["apple"]);
    fill(&shop.backup());
    spoil(&shop.backup());
    let told = told(shop.restore());
    assert!(told.contains("copy.db is damaged: "), "{told}");
    assert_eq!(names(&shop.database()), ["apple"]);
}

/// Tables that need what only the program itself has: a collation or a function of this name.
const OF_THE_PROGRAM: [(&str, &str); 6] = [
    ("CREATE TABLE word (w TEXT COLLATE NOCASE UNIQUE)", "NOCASE"),
    ("CREATE TABLE word (w TEXT COLLATE NOCASE)", "NOCASE"),
    ("CREATE TABLE word (w TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID", "NOCASE"),
    ("CREATE TABLE word (w TEXT); CREATE INDEX word_i ON word (abs(w))", "abs"),
    ("CREATE TABLE word (w TEXT, v AS (abs(w)))", "abs"),
    ("CREATE TABLE word (w TEXT, CHECK (abs(w) IS NOT NULL))", "abs"),
];

fn fill_with(path: &Path, (make, own): (&str, &str)) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(&format!(
        "{make};
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO word (w) SELECT printf('%s%0500d', char(65 + i % 26), i) FROM n;
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, '{own}', 'mine') WHERE tbl_name = 'word'",
    ))
    .unwrap();
}

#[test]
fn a_table_that_needs_the_program_is_checked_in_part() {
    for table in OF_THE_PROGRAM {
        let shop = Shop::new();
        fill_with(&shop.backup(), table);
        shop.restore().unwrap();
        shop.is_restored_but_for("word");
        spoil(&shop.backup());
        let told = told(shop.restore());
        assert!(told.contains("copy.db is damaged: "), "{table:?}: {told}");
    }
}

/// Its own functions are SQLite's to use only in a schema that it trusts.
fn trusting(path: &Path) -> Database {
    let connect = |conn: &mut Connection| {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        conn.create_scalar_function("mine", 1, flags, |call| call.get::<i64>(0).map(|x| -x))
    };
    Options::new().trusted_schema(true).on_connect(connect).open(path).unwrap()
}

#[test]
fn an_index_on_a_function_of_the_program_is_checked_with_it() {
    let shop = Shop::new();
    let db = trusting(&shop.database());
    db.write(|w| {
        w.execute_batch(
            "CREATE TABLE word (w INTEGER); CREATE INDEX by_mine ON word (mine(w));
             INSERT INTO word VALUES (1)",
        )
    })
    .unwrap();
    db.backup_to(shop.backup(), quiet).unwrap();
    db.close().unwrap();
    shop.restore().unwrap();
    assert_eq!(names(&shop.database()), ["apple", "pear"]);
    let conn = Connection::open(shop.database()).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX by_mine ON word (w)' WHERE name = 'by_mine'",
    )
    .unwrap();
    drop(conn);
    let db = trusting(&shop.database());
    let told = told(db.backup_to(shop.backup(), quiet));
    assert!(told.contains("index by_mine"), "{told}");
}

/// What is wrong with rows, and not with the file, is no reason to have no backup.
#[test]
fn broken_foreign_keys_are_backed_up_and_restored() {
    let shop = Shop::new();
    let conn = Connection::open(shop.database()).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE sale (item INTEGER REFERENCES item (id));
         INSERT INTO sale VALUES (99)",
    )
    .unwrap();
    drop(conn);
    let db = Database::open(shop.database()).unwrap();
    db.backup_to(shop.backup(), quiet).unwrap();
    db.close().unwrap();
    shop.restore().unwrap();
    assert_eq!(names(&shop.database()), ["apple", "pear"]);
}

#[test]
fn what_is_no_whole_backup_is_refused_and_the_database_is_untouched() {
    let shop = Shop::new();
    let good = {
        let large = shop.folder.path().join("large.db");
        make_file(&large);
        fill(&large);
        let bytes = fs::read(&large).unwrap();
        fs::remove_file(large).unwrap();
        bytes
    };
    let backup = shop.folder.path().join("bad.db");
    let before = (fs::read(shop.database()).unwrap(), files(shop.folder.path()));
    let mut flipped = good.clone();
    flipped[good.len() / 2..good.len() / 2 + 8_192].fill(0x5A);
    let mut headless = good.clone();
    headless[..100].fill(0);
    let text = b"Dear diary, today I was no database at all. ".repeat(100);
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty", b"", "the file is empty"),
        ("short", b"SQLite", "is damaged"),
        ("text", &text, "not a database"),
        ("headless", &headless, "not a database"),
        ("truncated", &good[..good.len() * 2 / 3], "is damaged"),
        ("flipped", &flipped, "is damaged"),
    ];
    for (case, bytes, words) in cases {
        fs::write(&backup, bytes).unwrap();
        let told = told(restore(&backup, shop.database(), quiet));
        let line = told.lines().next().unwrap();
        assert!(line.contains("shop.db was not restored: the backup "), "{case}: {told}");
        assert!(line.contains("bad.db is damaged: ") && line.contains(words), "{case}: {told}");
        assert!(told.contains("restore an older backup"), "{case}: {told}");
        assert!(fs::read(&backup).unwrap() == bytes, "{case}");
        fs::remove_file(&backup).unwrap();
        assert_eq!(files(shop.folder.path()), before.1, "{case}");
        assert!(fs::read(shop.database()).unwrap() == before.0, "{case}");
    }
    shop.is_as_it_was();
}

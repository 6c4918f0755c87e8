//! What killed processes have left beside the old database: it is carried into the old file,
//! or kept with it, and never applied to the new one.

use super::*;

const WRITER: &str = "left_beside::writer";

/// A process that commits to a WAL, or has begun to write with a rollback journal, and never
/// ends by itself. It is given the path and what it runs, on two lines.
#[test]
fn writer() {
    let Some(given) = Process::role() else { return };
    let given = given.into_string().unwrap();
    let (path, sql) = given.split_once('\n').unwrap();
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(sql).unwrap();
    Process::say("writer: done");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

fn killed_writer(path: &Path, sql: &str) {
    let mut writer = Process::again(WRITER, format!("{}\n{sql}", path.to_str().unwrap()));
    assert_eq!(writer.hear("writer: ").as_deref(), Some("done"));
    writer.kill();
}

/// Leaves a WAL with what `sql` has committed beside the database.
pub(crate) fn leave_log(path: &Path, sql: &str) {
    let settings = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;";
    killed_writer(path, &format!("{settings} {sql}"));
    assert!(log_of(path).metadata().unwrap().len() > 0);
}

/// Leaves half of a transaction in the database, and the journal to undo it beside.
pub(crate) fn leave_journal(path: &Path) {
    let before = fs::read(path).unwrap();
    let sql = "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; PRAGMA cache_spill = 1;
               CREATE TABLE filler (x);
               WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
               INSERT INTO filler SELECT zeroblob(1000) FROM n;
               BEGIN; DELETE FROM item; UPDATE filler SET x = randomblob(1000);";
    killed_writer(path, &sql.replace('\n', " "));
    assert!(beside(path, "-journal").metadata().unwrap().len() > 0);
    assert!(fs::read(path).unwrap() != before);
}

pub(crate) fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[track_caller]
fn nothing_is_beside(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        assert!(!beside(path, suffix).exists(), "{suffix}");
    }
}

#[test]
fn a_log_is_carried_into_the_old_file() {
    let shop = Shop::new();
    leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('in the log')");
    let kept = shop.restore().unwrap().kept.unwrap();
    nothing_is_beside(&shop.database());
    nothing_is_beside(&kept);
    shop.is_restored();
    assert_eq!(names(&kept), ["apple", "pear", "in the log"]);
    assert_whole(&kept);
}

#[test]
fn what_a_killed_writer_had_begun_is_rolled_back_in_the_old_file() {
    let shop = Shop::new();
    leave_journal(&shop.database());
    let kept = shop.restore().unwrap().kept.unwrap();
    nothing_is_beside(&shop.database());
    nothing_is_beside(&kept);
    shop.is_restored();
    assert_eq!(names(&kept), ["apple", "pear"]);
    assert_whole(&kept);
}

/// Whether the bytes are in one of the files.
fn is_in(bytes: &[u8], files: &[PathBuf]) -> bool {
    let read = |path: &PathBuf| fs::read(path).unwrap_or_default();
    files.iter().any(|path| read(path).windows(bytes.len()).any(|window| window == bytes))
}

/// However the old database is damaged: the new one is whole, and what was committed to the
/// old one is in the kept files.
#[test]
fn the_log_of_a_damaged_database_is_not_lost() {
    type Spoil = fn(&mut Vec<u8>);
    let cases: [(&str, Spoil); 4] = [
        ("pages", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle..middle + 8_192].fill(0x5A);
        }),
        ("header", |bytes| bytes[..100].fill(0x5A)),
        ("truncated", |bytes| bytes.truncate(bytes.len() / 2)),
        ("emptied", Vec::clear),
    ];
    for (case, spoil) in cases {
        let shop = Shop::new();
        fill(&shop.database());
        leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('committed in the log')");
        let mut bytes = fs::read(shop.database()).unwrap();
        spoil(&mut bytes);
        fs::write(shop.database(), bytes).unwrap();
        let kept = shop.restore().unwrap().kept.unwrap();
        nothing_is_beside(&shop.database());
        shop.is_restored();
        assert!(is_in(b"committed in the log", &[kept.clone(), log_of(&kept)]), "{case}");
    }
}

#[test]
fn a_damaged_database_without_a_log_is_kept_byte_by_byte() {
    for size in [0, 50, 100_000] {
        let shop = Shop::new();
        fs::write(shop.database(), vec![0x5A; size]).unwrap();
        let kept = shop.restore().unwrap().kept.unwrap();
        shop.is_restored();
        assert!(fs::read(kept).unwrap() == vec![0x5A; size], "{size}");
    }
}

/// Somebody has deleted the database and not its log.
#[test]
fn a_log_without_a_database_is_not_applied() {
    let shop = Shop::new();
    leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('committed in the log')");
    fs::remove_file(shop.database()).unwrap();
    assert_eq!(shop.restore().unwrap().kept, None);
    nothing_is_beside(&shop.database());
    shop.is_restored();
    let logs: Vec<_> =
        files(shop.folder.path()).into_iter().filter(|name| name.contains(".replaced-")).collect();
    let [log] = &logs[..] else { panic!("{logs:?}") };
    assert!(is_in(b"committed in the log", &[shop.folder.path().join(log)]));
}

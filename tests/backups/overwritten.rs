//! A database is restored within its file, by one transaction of SQLite: whoever has it open
//! without being seen goes on with the new content, and nobody loses what he has committed.

use std::sync::Mutex;
use std::time::Duration;

use common::Foreign;

use super::*;

/// Both are filled, with these settings of the file.
fn shop(old: &str, new: &str) -> Shop {
    let shop = Shop::new();
    let set = |path: &Path, sql: &str, rows: usize| {
        let conn = Connection::open(path).unwrap();
        conn.query_row("PRAGMA journal_mode = DELETE", [], |_row| Ok(())).unwrap();
        let steps = format!(
            "CREATE TABLE filler (x);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
             INSERT INTO filler SELECT zeroblob(1000) FROM n;
             {sql}; VACUUM"
        );
        conn.execute_batch(&steps).unwrap();
    };
    set(&shop.database(), old, 2000);
    set(&shop.backup(), new, 900);
    shop
}

fn wal(path: &Path) {
    let conn = Connection::open(path).unwrap();
    conn.query_row("PRAGMA journal_mode = WAL", [], |_row| Ok(())).unwrap();
}

/// All but what SQLite counts: <https://sqlite.org/fileformat2.html#the_database_header>.
fn content(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    for counter in [24..28, 40..44, 92..100] {
        bytes[counter].fill(0);
    }
    bytes
}

#[test]
fn the_file_has_the_content_of_the_backup_whatever_its_pages_are() {
    let pages = ["PRAGMA page_size = 512", "PRAGMA page_size = 4096", "PRAGMA page_size = 65536"];
    let vacuums = ["PRAGMA auto_vacuum = NONE", "PRAGMA auto_vacuum = FULL"];
    for (n, old) in pages.iter().enumerate() {
        for (m, new) in pages.iter().enumerate() {
            let settings = |pages: &str, n: usize| format!("{pages}; {}", vacuums[n % 2]);
            let shop = shop(&settings(old, n), &settings(new, n + m));
            let case = format!("{old}, {new}");
            if n != m {
                wal(&shop.database());
            }
            if m != 1 {
                wal(&shop.backup());
            }
            let before = content(&shop.database());
            let kept = shop.restore().unwrap().kept.unwrap();
            assert!(content(&shop.database()) == content(&shop.backup()), "{case}");
            assert!(content(&kept) == before, "{case}");
            shop.is_restored();
            assert_eq!(names(&kept), ["apple", "pear"], "{case}");
            assert_whole(&kept);
        }
    }
}

/// Some bytes of each page are an extension's, as those of a checksum:
/// <https://sqlite.org/cksumvfs.html>
fn with_reserved_bytes(path: &Path, name: &str) {
    fs::remove_file(path).unwrap();
    Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 1").unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[20] = 8;
    // Where the content of the first page begins, which is empty yet.
    let end = u16::try_from(bytes.len() - 8).unwrap();
    bytes[105..107].copy_from_slice(&end.to_be_bytes());
    fs::write(path, bytes).unwrap();
    make_file(path);
    fill(path);
    let conn = Connection::open(path).unwrap();
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name]).unwrap();
}

#[test]
fn bytes_that_are_reserved_in_each_page_stay_reserved() {
    for (in_old, in_new) in [(true, true), (true, false), (false, true)] {
        let shop = Shop::new();
        if in_old {
            with_reserved_bytes(&shop.database(), "old");
        }
        if in_new {
            with_reserved_bytes(&shop.backup(), "apple");
        }
        let before = content(&shop.database());
        let kept = shop.restore().unwrap().kept.unwrap();
        assert!(content(&shop.database()) == content(&shop.backup()));
        assert!(content(&kept) == before);
        assert_eq!(fs::read(shop.database()).unwrap()[20], if in_new { 8 } else { 0 });
        shop.is_restored();
        assert_whole(&kept);
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_cannot_be_written_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    let mode = |mode| fs::set_permissions(shop.database(), fs::Permissions::from_mode(mode));
    mode(0o400).unwrap();
    if fs::File::options().write(true).open(shop.database()).is_ok() {
        println!("skipped: this user may write everything");
        return;
    }
    let before = (fs::read(shop.database()).unwrap(), files(shop.folder.path()));
    let told = told(shop.restore());
    assert!(told.contains("shop.db: ") && told.contains("may not be written"), "{told}");
    assert!((fs::read(shop.database()).unwrap(), files(shop.folder.path())) == before);
    mode(0o600).unwrap();
    shop.is_as_it_was();
}

type Seen = (Connection, Foreign);

static UNSEEN: Mutex<Option<Seen>> = Mutex::new(None);

/// With a rollback journal who does nothing has no lock; he has come after the look at the list
/// of open files, or is not in it.
fn come_unseen(step: &str) {
    let mut unseen = UNSEEN.lock().unwrap();
    match (step, &mut *unseen) {
        ("copied", None) => Process::say("unseen: copied"),
        ("looked", None) => {
            let path = PathBuf::from(Process::role().unwrap()).join("shop.db");
            let conn = Connection::open(&path).unwrap();
            conn.busy_timeout(Duration::ZERO).unwrap();
            conn.execute("INSERT INTO item (name) VALUES ('before')", []).unwrap();
            let mut foreign = Foreign::open(&path);
            foreign.run("INSERT INTO item (name) VALUES ('before it')").unwrap();
            *unseen = Some((conn, foreign));
        }
        ("alone" | "kept" | "writing", Some((conn, _))) => {
            let written = conn.execute("INSERT INTO item (name) VALUES ('lost')", []);
            assert!(written.is_err(), "{step}: it is not alone");
        }
        _ => {}
    }
}

/// A process of its own, for the steps of the restore are told once a process.
#[test]
fn restorer() {
    let Some(folder) = Process::role() else { return };
    let folder = PathBuf::from(folder);
    assert!(db_core::__faults::intercept_restore(come_unseen));
    let path = folder.join("shop.db");
    let kept = restore(folder.join("copy.db"), &path, quiet).unwrap().kept.unwrap();
    let (conn, mut foreign) = UNSEEN.lock().unwrap().take().unwrap();
    assert_eq!(names(&kept), ["apple", "pear", "before", "before it"]);
    assert_eq!(names(&path), ["apple"]);
    for name in ["of this process", "of another"] {
        foreign.run(&format!("INSERT INTO item (name) VALUES ('{name}, foreign')")).unwrap();
        conn.execute("INSERT INTO item (name) VALUES (?1)", [name]).unwrap();
    }
    drop((conn, foreign));
    Process::say("unseen: done");
}

#[test]
fn whoever_has_it_open_unseen_goes_on_with_the_new_content() {
    for new in ["", "PRAGMA page_size = 512", "PRAGMA page_size = 65536"] {
        let shop = shop("", new);
        if new.is_empty() {
            wal(&shop.backup());
        }
        let mut process = Process::again("overwritten::restorer", shop.folder.path());
        assert_eq!(process.hear("unseen: ").as_deref(), Some("copied"));
        assert_eq!(process.hear("unseen: ").as_deref(), Some("done"), "{new}");
        assert!(process.ended().success());
        let expected = [
            "apple",
            "of this process, foreign",
            "of this process",
            "of another, foreign",
            "of another",
        ];
        assert_eq!(names(&shop.database()), expected, "{new}");
        assert_whole(&shop.database());
    }
}

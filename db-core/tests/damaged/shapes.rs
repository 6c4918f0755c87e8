//! Databases of all kinds, small enough that most of the damage hits something.

use std::collections::BTreeMap;

use rusqlite::Connection;

/// The files of a database, by what follows its name.
pub type Files = BTreeMap<&'static str, Vec<u8>>;

/// A kind of database.
pub struct Shape {
    pub name: &'static str,
    /// Before anything is in the file.
    settings: &'static str,
    schema: &'static str,
    /// What stays in the log.
    in_log: Option<&'static str>,
}

const ROWS: &str = "
    CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, price REAL CHECK (price >= 0));
    CREATE TABLE line (product INTEGER NOT NULL REFERENCES product, qty INTEGER NOT NULL);
    CREATE INDEX line_by_product ON line (product, qty);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO product SELECT i, 'product ' || i, i / 7.0 FROM n;
    INSERT INTO line SELECT id, id * 3 FROM product;
    INSERT INTO line SELECT id, id * 5 FROM product;";

const WITHOUT_ROWID: &str = "
    CREATE TABLE word (text TEXT, lang TEXT, n INTEGER, PRIMARY KEY (text, lang)) WITHOUT ROWID;
    CREATE INDEX word_by_number ON word (n);
    CREATE TABLE strict (a INTEGER NOT NULL, b TEXT, c BLOB) STRICT;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO word SELECT 'word ' || i, 'en', i % 17 FROM n;
    INSERT INTO strict SELECT n, text, zeroblob(n) FROM word;";

const FULL_TEXT: &str = "
    CREATE VIRTUAL TABLE note USING fts5 (title, body);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
        INSERT INTO note SELECT 'note ' || i, 'some words of the note ' || i * 31 FROM n;
    CREATE TABLE tag (note INTEGER, tag TEXT);
    CREATE TRIGGER tagged AFTER INSERT ON tag BEGIN SELECT new.tag; END;
    CREATE VIEW tags AS SELECT tag, count(*) AS notes FROM tag GROUP BY tag;
    INSERT INTO tag SELECT rowid, 'tag' FROM note;";

const OVERFLOW: &str = "
    CREATE TABLE photo (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB);
    CREATE INDEX photo_by_name ON photo (name);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
        INSERT INTO photo SELECT i, hex(randomblob(3 * i)), randomblob(1000 * i) FROM n;
    DELETE FROM photo WHERE id % 4 = 0;";

const MANY_TABLES: &str = "
    CREATE TABLE a (x UNIQUE, y UNIQUE); CREATE TABLE b (x REFERENCES a (x), y);
    CREATE TABLE c (x, y AS (x + 1) STORED, z AS (x * 2)); CREATE INDEX c_z ON c (z, x + y);
    CREATE TABLE d (x DEFAULT 'a', y TEXT COLLATE NOCASE); CREATE INDEX d_y ON d (y) WHERE y > 'c';
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        INSERT INTO a SELECT i, -i FROM n;
    INSERT INTO b SELECT x, y FROM a; INSERT INTO c SELECT x FROM a;
    INSERT INTO d (y) SELECT 'y' || x FROM a; ANALYZE;";

const SMALL_PAGES: &str = "PRAGMA page_size = 512; PRAGMA journal_mode = DELETE";

pub const SHAPES: [Shape; 11] = [
    shape("delete", "PRAGMA journal_mode = DELETE", ROWS),
    shape("wal", "PRAGMA journal_mode = WAL", ROWS),
    shape("small pages", SMALL_PAGES, ROWS),
    shape("without rowid", SMALL_PAGES, WITHOUT_ROWID),
    shape("full text", "PRAGMA journal_mode = WAL", FULL_TEXT),
    shape("overflow", SMALL_PAGES, OVERFLOW),
    shape("auto-vacuum", "PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL", OVERFLOW),
    shape("incremental", "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2", ROWS),
    shape("many tables", "PRAGMA page_size = 1024; PRAGMA encoding = 'UTF-16'", MANY_TABLES),
    Shape {
        name: "live log",
        settings: "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL",
        schema: ROWS,
        in_log: Some("UPDATE line SET qty = qty + 1; CREATE TABLE newer AS SELECT * FROM product"),
    },
    Shape {
        name: "all in the log",
        settings: "PRAGMA page_size = 512; PRAGMA journal_mode = WAL",
        schema: "",
        in_log: Some(WITHOUT_ROWID),
    },
];

const fn shape(name: &'static str, settings: &'static str, schema: &'static str) -> Shape {
    Shape { name, settings, schema, in_log: None }
}

impl Shape {
    /// Its files, undamaged.
    pub fn make(&self) -> Files {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(self.settings).unwrap();
        conn.execute_batch(&format!("BEGIN; {} ; COMMIT", self.schema)).unwrap();
        let read = |end: &'static str| {
            let file = folder.path().join(format!("shop.db{end}"));
            std::fs::read(file).ok().map(|bytes| (end, bytes))
        };
        let Some(in_log) = self.in_log else {
            drop(conn);
            return read("").into_iter().collect();
        };
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 0")
            .unwrap();
        conn.execute_batch(&format!("BEGIN; {in_log}; COMMIT")).unwrap();
        // As a kill would leave them.
        ["", "-wal", "-shm"].into_iter().filter_map(read).collect()
    }
}

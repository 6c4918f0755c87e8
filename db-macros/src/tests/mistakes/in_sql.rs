//! What a body must not do by SQL.

use super::{expand, messages};

/// Its job, the call, and a word of the one message about it.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "reader",
        "execute(\"DELETE FROM t; DELETE FROM u; DROP TABLE u\", ())",
        "and `DROP TABLE` write",
    ),
    ("reader", "execute(\"REINDEX\", ())", "`REINDEX` writes"),
    ("reader", "execute(\"ROLLBACK\", ())", "remove `ROLLBACK`"),
    ("reader(autocommit)", "execute(\"BEGIN; END\", ())", "and `autocommit` too"),
    ("reader", "execute(\"SAVEPOINT a\", ())", "nothing to roll back to"),
    ("reader", "execute(\"CREATE TEMPORARY TABLE a (b)\", ())", "`CREATE TEMP` would outlive"),
    ("writer", "execute(\"begin; commit\", ())", "remove `BEGIN` and `COMMIT`; `Ok` commits"),
    ("writer", "execute(\"ROLLBACK TO a\", ())", "remove `ROLLBACK TO`"),
    ("writer", "execute(\"DETACH a\", ())", "`DETACH` in a body"),
    ("writer", "execute(\"VACUUM; VACUUM main\", ())", "call `Database::vacuum`, outside"),
    (
        "writer",
        "execute(\"PRAGMA main.wal_checkpoint(TRUNCATE)\", ())",
        "`PRAGMA wal_checkpoint` cannot run in a body: call `Database::checkpoint`, outside",
    ),
    (
        "writer",
        "execute(\"pragma Incremental_Vacuum(9)\", ())",
        "cannot run in a body: call `Database::vacuum`, outside of annotated functions",
    ),
    ("writer", "execute(\"PRAGMA shrink_memory\", ())", "on a connection of its own, outside"),
    (
        "writer",
        "execute(\"PRAGMA \\\"cache_size\\\" = 5\", ())",
        "`PRAGMA cache_size` would stay set",
    ),
    ("writer", "pragma_update(None, \"cache_size\", 5)", "`PRAGMA cache_size` would stay set"),
    ("writer", "execute(\"CREATE TABLE temp.a (b)\", ())", "`CREATE TABLE temp..` would"),
    ("writer", "unchecked_transaction()", "remove `unchecked_transaction()`"),
    ("retry", "execute(\"INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)\", ())", "second row"),
    ("retry", "execute(\"UPDATE a SET n = n + 1\", ())", "changes `n` again"),
    ("retry", "execute(\"REPLACE INTO a SELECT n + 1 FROM a\", ())", "computes from `a`"),
    ("retry", "execute(\"DELETE FROM a WHERE n IN (SELECT n FROM a LIMIT 9)\", ())", "picks other"),
];

pub(super) fn items() -> Vec<(String, &'static str)> {
    let item = |(job, call, part): &(&str, &str, &'static str)| {
        let (attribute, ty) = match *job {
            "retry" => ("retry_on_locked(idempotent)".to_owned(), "Connection"),
            "writer" => ((*job).to_owned(), "Writer"),
            _ => ((*job).to_owned(), "Reader"),
        };
        (format!("#[{attribute}] fn f(db: &{ty}) -> Result<()> {{ db.{call} }}"), *part)
    };
    MISTAKES.iter().map(item).collect()
}

#[test]
fn each_is_said_once() {
    for (item, part) in items() {
        let said = messages(expand(&item));
        assert!(said.len() == 1 && said[0].contains(part), "{item}\n{said:#?}");
    }
}

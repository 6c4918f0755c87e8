//! What the body of a reader or a writer may not prepare, and what to do instead.

use rusqlite::ffi::{SQLITE_ATTACH, SQLITE_DETACH};
use rusqlite::hooks::{AuthAction, AuthContext, TransactionOperation};

pub(super) const END: &str = "return `Ok` to commit, `Err` to roll back";
const NEST: &str = "call another writer with this `&Writer`, or use `Writer::savepoint`";
const SET: &str = "set it with `Options`, or in `Options::on_connect`";
const OUTSIDE: &str = "run it on a connection of its own, outside of annotated functions";
const CHECKPOINT: &str = "call `Database::checkpoint`, outside of annotated functions";
const VACUUM: &str = "call `Database::vacuum`, outside of annotated functions";
const TEMP: &str =
    "it would outlive the body on this connection; use WITH, or a table of the database";
const READ: &str = "a reader only reads";
const DEFER: &str = "defer_foreign_keys";

pub(super) fn refused_in_body(context: &AuthContext<'_>) -> Option<(String, &'static str)> {
    let temporary = context.database_name == Some("temp");
    let (statement, instead) = match context.action {
        AuthAction::Transaction { operation } => (transaction(operation, false).into(), END),
        AuthAction::Savepoint { operation, .. } => (transaction(operation, true).into(), NEST),
        AuthAction::Attach { .. } => ("ATTACH".into(), SET),
        AuthAction::Detach { .. } => ("DETACH".into(), SET),
        // Where the file is no literal SQLite names none, and rusqlite does not know it then.
        AuthAction::Unknown { code: SQLITE_ATTACH, .. } => ("ATTACH".into(), SET),
        AuthAction::Unknown { code: SQLITE_DETACH, .. } => ("DETACH".into(), SET),
        // SQLite tells `CREATE TABLE temp.t` as any other table, in another database.
        AuthAction::CreateTable { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::CreateVtable { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::CreateIndex { .. }
            if temporary =>
        {
            ("CREATE of a temporary object".into(), TEMP)
        }
        AuthAction::CreateTempTable { .. } => ("CREATE TEMP TABLE".into(), TEMP),
        AuthAction::CreateTempIndex { .. } => ("CREATE INDEX on a TEMP table".into(), TEMP),
        AuthAction::CreateTempTrigger { .. } => ("CREATE TEMP TRIGGER".into(), TEMP),
        AuthAction::CreateTempView { .. } => ("CREATE TEMP VIEW".into(), TEMP),
        AuthAction::Pragma { pragma_name, pragma_value } if sets(pragma_name, pragma_value) => {
            let is = |name: &str| pragma_name.eq_ignore_ascii_case(name);
            let instead = match () {
                () if is("wal_checkpoint") => CHECKPOINT,
                () if is("incremental_vacuum") => VACUUM,
                () if acts(pragma_name) => OUTSIDE,
                () => SET,
            };
            (format!("PRAGMA {pragma_name}"), instead)
        }
        _ => return None,
    };
    Some((statement, instead))
}

/// Writes that `sqlite3_total_changes` does not count.
pub(super) fn is_uncounted(action: &AuthAction<'_>) -> bool {
    match *action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } => table_name.starts_with("sqlite_"),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            pragma_value.is_some() && writes(pragma_name)
        }
        AuthAction::Analyze { .. } | AuthAction::Reindex { .. } => true,
        _ => false,
    }
}

/// SQLite asks again whenever it prepares the statement anew, and each run of it makes it
/// do that before the next (`OP_Expire`), so a cached one is seen as well.
pub(super) fn defers(action: &AuthAction<'_>) -> bool {
    matches!(action, AuthAction::Pragma { pragma_name, pragma_value: Some(_) }
        if pragma_name.eq_ignore_ascii_case(DEFER))
}

pub(super) fn refused_in_reader(action: &AuthAction<'_>) -> Option<(String, &'static str)> {
    let statement = match *action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
            if table_name.starts_with("sqlite_") =>
        {
            "a change of the schema".to_owned()
        }
        AuthAction::Insert { table_name } => format!("an INSERT into {table_name}"),
        AuthAction::Update { table_name, .. } => format!("an UPDATE of {table_name}"),
        AuthAction::Delete { table_name } => format!("a DELETE from {table_name}"),
        AuthAction::Analyze { .. } => "ANALYZE".to_owned(),
        AuthAction::Reindex { .. } => "REINDEX".to_owned(),
        AuthAction::Pragma { pragma_name, .. } if pragma_name.eq_ignore_ascii_case("optimize") => {
            "PRAGMA optimize".to_owned()
        }
        AuthAction::AlterTable { table_name, .. } => format!("an ALTER TABLE {table_name}"),
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } if writes(pragma_name) => {
            format!("PRAGMA {pragma_name}")
        }
        _ => return None,
    };
    Some((statement, READ))
}

fn transaction(operation: TransactionOperation, savepoint: bool) -> &'static str {
    match (operation, savepoint) {
        (TransactionOperation::Begin, false) => "BEGIN",
        (TransactionOperation::Begin, true) => "SAVEPOINT",
        (TransactionOperation::Release, _) => "RELEASE",
        (TransactionOperation::Rollback, false) => "ROLLBACK",
        (TransactionOperation::Rollback, true) => "ROLLBACK TO",
        // SQLite names a COMMIT so: https://sqlite.org/c3ref/c_alter_table.html
        _ => "COMMIT",
    }
}

/// Whether a pragma changes the connection or the file's settings. Asking never
/// does, except for the few that act without a value; a value may also be a
/// question's argument, or belong to the transaction and end with it. What is refused
/// here is refused as a literal when compiled (`sql/pragma.rs` of `db-macros`).
fn sets(name: &str, value: Option<&str>) -> bool {
    const ASKS: &[&str] = &[
        "foreign_key_check",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_list",
        "table_xinfo",
    ];
    const TRANSACTIONS: &[&str] = &[DEFER, "optimize"];
    match value {
        None => acts(name),
        Some(_) => !is_one_of(name, ASKS) && !writes(name) && !is_one_of(name, TRANSACTIONS),
    }
}

/// Pragmas that do something to the file or the connection, with a value or without.
fn acts(name: &str) -> bool {
    is_one_of(name, &["wal_checkpoint", "incremental_vacuum", "shrink_memory"])
}

/// Pragmas whose value is stored in the file, inside the transaction.
fn writes(name: &str) -> bool {
    is_one_of(name, &["user_version", "application_id"])
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_is_allowed_and_setting_is_not() {
        assert!(!sets("table_info", Some("stock")));
        assert!(!sets("journal_mode", None));
        assert!(!sets("defer_foreign_keys", Some("ON")));
        assert!(!sets("user_version", Some("3")));
        assert!(!sets("optimize", Some("0x10002")));
        assert!(sets("journal_mode", Some("delete")));
        assert!(sets("FOREIGN_KEYS", Some("0")));
        assert!(sets("wal_checkpoint", None));
    }
}

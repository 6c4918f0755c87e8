//! By what a row of a table is found.

use rusqlite::Connection;

/// The columns of the primary key, or the rowid's name; none for a view.
pub(super) fn of_table(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk";
    let mut keys = conn.prepare(sql)?;
    let keys = keys.query_map([table], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    let is_table = "SELECT EXISTS (
                        SELECT 1 FROM sqlite_schema
                        WHERE type = 'table' AND name = ?1 COLLATE NOCASE)";
    if keys.is_empty() && conn.query_row(is_table, [table], |row| row.get(0))? {
        return Ok(rowid(conn, table)?.into_iter().map(str::to_owned).collect());
    }
    Ok(keys)
}

/// The name by which the rowid of a table is reached: a column of the table's own may have it.
/// <https://sqlite.org/lang_createtable.html#rowid>
pub(super) fn rowid(conn: &Connection, table: &str) -> rusqlite::Result<Option<&'static str>> {
    let taken = "SELECT EXISTS (
                     SELECT 1 FROM pragma_table_xinfo(?1, 'main') WHERE name = ?2 COLLATE NOCASE)";
    for name in ["rowid", "_rowid_", "oid"] {
        if !conn.query_row(taken, [table, name], |row| row.get(0))? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

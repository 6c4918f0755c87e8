#[retry_on_locked(idempotent = "the id is unique")]
fn import(conn: &mut rusqlite::Connection, rows: &[Row]) -> rusqlite::Result<()> {
    conn.transaction()?.commit()
}

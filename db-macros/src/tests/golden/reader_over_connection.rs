#[reader(db = db_core::global()?, autocommit, crate = my::db)]
#[retry_on_locked]
fn count(&self, conn: &Connection, _: u8, _skipped: u8, mut n: u8, mut s: &str, [a, b]: [u8; 2]) -> rusqlite::Result<impl Iterator<Item = impl Debug>> {
    body
}

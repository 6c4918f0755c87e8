#[reader]
fn stock(db: &Reader, sku: &str) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
}

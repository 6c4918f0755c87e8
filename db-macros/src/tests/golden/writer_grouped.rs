#[writer(group)]
#[db_core::retry_on_locked(idempotent)]
fn set_stock(&self, db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

#[retry_on_locked(max_attempts = 4, idempotent, deadline = 1min, base_delay = 250ms, max_delay = LONGEST, jitter)]
#[writer]
fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

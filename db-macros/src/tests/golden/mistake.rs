#[writer(timeout = 10)]
fn set(db: &Writer, n: i64) -> Result<()> {
    body
}

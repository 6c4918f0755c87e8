#[writer]
fn set(&self, db: &Writer, n: i64) -> Result<()>;

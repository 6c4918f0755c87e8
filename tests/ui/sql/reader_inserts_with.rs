// The statement behind a comment and a `WITH` counts, also in a raw string.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader, sku: &str) -> Result<()> {
    db.execute(
        r#"
        -- what is "missing"
        WITH missing(sku) AS (SELECT ?1)
        INSERT INTO stock SELECT sku, 0 FROM missing
        "#,
        [sku],
    )?;
    Ok(())
}

fn main() {}

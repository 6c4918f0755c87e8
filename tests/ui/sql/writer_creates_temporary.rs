// A temporary table would be there for the next body of the connection.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute_batch(
        "CREATE TEMP TABLE wanted AS SELECT sku FROM stock WHERE qty < 9;
         UPDATE stock SET qty = 9 WHERE sku IN wanted;",
    )?;
    Ok(())
}

fn main() {}

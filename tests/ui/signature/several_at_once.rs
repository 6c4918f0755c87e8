// Five mistakes, five errors; the callers have none.

use db_core::{Database, Writer, retry_on_locked, writer};

#[writer(timeout = 10)]
#[retry_on_locked]
async fn set(db: &Writer, qty: &mut i64) {
    *qty += 1;
    db.execute("UPDATE stock SET qty = ?1", [*qty])?;
}

async fn caller(db: &Database) {
    set(db, &mut 1).await;
}

fn main() {}

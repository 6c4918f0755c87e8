// A method without a body is looked at as well.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Stock {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(&mut self, db: &Writer, qty: i64) -> Result<()>;
}

fn main() {}

// A box is a value as well.

use db_core::{Reader, Result, reader, retry_on_locked};

struct Report {
    rows: Vec<i64>,
}

impl Report {
    #[reader]
    #[retry_on_locked]
    fn finish(self: Box<Self>, db: &Reader) -> Result<Vec<i64>> {
        db.query_row("SELECT 1", (), |_| Ok(()))?;
        Ok(self.rows)
    }
}

fn main() {}

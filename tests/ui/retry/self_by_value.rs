// The first attempt would use it up.

use db_core::{Reader, Result, reader, retry_on_locked};

struct Report {
    rows: Vec<i64>,
}

impl Report {
    #[reader]
    #[retry_on_locked]
    fn finish(self, db: &Reader) -> Result<Vec<i64>> {
        db.query_row("SELECT 1", (), |_| Ok(()))?;
        Ok(self.rows)
    }
}

fn main() {}

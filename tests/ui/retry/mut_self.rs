// The same for what `self` holds.

use db_core::{Reader, Result, reader, retry_on_locked};

struct Report {
    rows: Vec<i64>,
}

impl Report {
    #[reader]
    #[retry_on_locked]
    fn fill(&mut self, db: &Reader) -> Result<()> {
        self.rows.push(db.query_row("SELECT 1", (), |row| row.get(0))?);
        Ok(())
    }
}

fn main() {}

// A trait's reader cannot be implemented as a writer.

use db_core::{Reader, Result, Writer, reader, writer};

trait Stock {
    #[reader]
    fn count(&self, db: &Reader) -> Result<()>;
}

struct Shop;

impl Stock for Shop {
    #[writer]
    fn count(&self, db: &Writer) -> Result<()> {
        db.execute("DELETE FROM stock", ())?;
        Ok(())
    }
}

fn main() {}

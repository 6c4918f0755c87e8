// One function at a time.

use db_core::{Reader, Result, reader};

struct Shop;

#[reader]
impl Shop {
    fn stock(&self, _: &Reader) -> Result<i64> {
        Ok(1)
    }
}

fn main() {}

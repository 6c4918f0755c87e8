// `self` is not one.

use db_core::{Result, writer};

struct Shop;

impl Shop {
    #[writer]
    fn set(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}

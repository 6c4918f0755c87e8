// Only functions read and write.

use db_core::{reader, retry_on_locked};

#[reader]
#[retry_on_locked]
struct Stock {
    qty: i64,
}

fn main() {
    let _ = Stock { qty: 1 };
}

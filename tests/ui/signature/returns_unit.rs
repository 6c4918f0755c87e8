// Written out, it is still nothing.

use db_core::{Writer, writer};

#[writer]
fn set(db: &Writer) -> () {
    db.execute("UPDATE stock SET qty = 0", ()).unwrap();
}

fn main() {}

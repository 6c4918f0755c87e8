// What is behind `impl Trait` cannot be seen.

use std::fmt::Debug;

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader) -> impl Debug {
    let stock: Result<i64> = Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?);
    stock
}

fn main() {}

//! The application: a shop with a stock, and an import that takes long.

use std::sync::mpsc::Receiver;

use db_core::{Reader, Result, Writer, reader, writer};

pub const SCHEMA: &[&str] = &[
    "CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)",
    "CREATE TABLE line (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, text TEXT NOT NULL)",
];

/// Does not wait for long, as the show must go on.
#[writer(timeout = 400ms)]
pub fn sell(db: &Writer, sku: &str) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
    Ok(())
}

/// Patient, so that it is seen in the queue.
#[writer(timeout = 5s)]
pub fn restock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty + ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

/// One statement that runs for seconds, or until `write_timeout` ends it.
#[writer]
pub fn import(db: &Writer, lines: u32) -> Result<()> {
    db.execute(
        "INSERT INTO line (sku, text)
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
         SELECT 'A-1', hex(randomblob(8)) FROM number",
        [lines],
    )?;
    Ok(())
}

/// A report that is written while its snapshot is open, until somebody says `done`.
#[reader]
pub fn report(db: &Reader, done: &Receiver<()>) -> Result<i64> {
    let lines = db.query_row("SELECT count(*) FROM line", [], |row| row.get(0))?;
    let _ = done.recv();
    Ok(lines)
}

//! The same shop without db-core: plain rusqlite, a connection for each thread, nobody
//! waits for a lock (`--naive`).
//!
//! The statements are those of `shop.rs`. A transaction keeps an order whole here too;
//! what is lost is every order whose clerk meets `database is locked`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::book::Order;
use crate::clock::Turn;
use crate::shop::{Low, Shelves, ShopError};
use crate::till::{Receipts, Till};

/// A connection with the settings that db-core gives its own, except for the waiting.
/// The file is in WAL mode already.
pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL")?;
    Ok(conn)
}

impl Till for Connection {
    fn place(&self, order: &Order, turn: &Turn, receipts: &Arc<Receipts>) -> Result<(), ShopError> {
        // Dropped without a commit, it rolls back.
        let tx = self.unchecked_transaction()?;
        turn.came();
        tx.execute(
            "INSERT INTO orders (id, customer, placed_on) VALUES (?1, ?2, ?3)",
            (order.id, &order.customer, &order.date),
        )?;
        for line in &order.lines {
            let in_stock = in_stock(&tx, line.product)?;
            if in_stock < line.quantity {
                return Err(ShopError::Short {
                    product: line.product,
                    wanted: line.quantity,
                    in_stock,
                });
            }
            tx.execute(
                "UPDATE products SET in_stock = in_stock - ?2 WHERE id = ?1",
                (line.product, line.quantity),
            )?;
            tx.execute(
                "INSERT INTO order_lines
                     (order_id, product_id, price_cents, quantity, discount_percent)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (order.id, line.product, line.price_cents, line.quantity, line.discount_percent),
            )?;
        }
        tx.commit()?;
        receipts.print(order.cents());
        Ok(())
    }

    fn restock(&self, product: i64, level: i64, turn: &Turn) -> Result<i64, ShopError> {
        let tx = self.unchecked_transaction()?;
        turn.came();
        let units = level - in_stock(&tx, product)?;
        if units <= 0 {
            return Ok(0);
        }
        tx.execute("UPDATE products SET in_stock = ?2 WHERE id = ?1", (product, level))?;
        tx.execute("INSERT INTO restocks (product_id, units) VALUES (?1, ?2)", (product, units))?;
        tx.commit()?;
        Ok(units)
    }

    /// Four queries, each at a moment of its own: with luck they belong together.
    fn look(&self) -> Result<Shelves, ShopError> {
        Ok(Shelves {
            in_stock: total(self, "SELECT sum(in_stock) FROM products")?,
            sold: total(self, "SELECT sum(quantity) FROM order_lines")?,
            restocked: total(self, "SELECT sum(units) FROM restocks")?,
            low: low_stock(self)?,
        })
    }
}

fn in_stock(conn: &Connection, product: i64) -> rusqlite::Result<i64> {
    conn.query_row("SELECT in_stock FROM products WHERE id = ?1", [product], |row| row.get(0))
}

fn total(conn: &Connection, sum: &str) -> rusqlite::Result<i64> {
    let total: Option<i64> = conn.query_row(sum, [], |row| row.get(0))?;
    Ok(total.unwrap_or(0))
}

fn low_stock(conn: &Connection) -> rusqlite::Result<Vec<Low>> {
    let mut query = conn.prepare_cached(
        "SELECT name, in_stock FROM products
         WHERE in_stock < reorder_level AND NOT discontinued
         ORDER BY in_stock, name",
    )?;
    let rows = query.query_map([], |row| Ok(Low { name: row.get(0)?, in_stock: row.get(1)? }))?;
    rows.collect()
}

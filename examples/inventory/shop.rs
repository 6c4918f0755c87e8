//! The shop: everything it does with its database. This is what one writes with
//! db-core.
//!
//! Nothing here waits for a lock, begins a transaction, or knows that there are
//! threads: each function says what it is, and is called with the database, or with the
//! handle of the function that calls it, whose transaction it then joins.

use std::sync::Arc;

use db_core::{Invariant, Reader, Result, Writer, reader, retry_on_locked, writer};

use crate::book::{Line, Order, Product};
use crate::clock::Turn;
use crate::till::Receipts;

/// What `Options::migrations` gets.
pub const SCHEMA: &[&str] = &["
    CREATE TABLE products (
        id            INTEGER PRIMARY KEY,
        name          TEXT NOT NULL,
        unit          TEXT NOT NULL,
        price_cents   INTEGER NOT NULL,
        in_stock      INTEGER NOT NULL CHECK (in_stock >= 0),
        reorder_level INTEGER NOT NULL,
        discontinued  INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE orders (
        id        INTEGER PRIMARY KEY,
        customer  TEXT NOT NULL,
        placed_on TEXT NOT NULL
    ) STRICT;
    CREATE TABLE order_lines (
        order_id         INTEGER NOT NULL REFERENCES orders,
        product_id       INTEGER NOT NULL REFERENCES products,
        price_cents      INTEGER NOT NULL,
        quantity         INTEGER NOT NULL CHECK (quantity > 0),
        discount_percent INTEGER NOT NULL,
        PRIMARY KEY (order_id, product_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE restocks (
        id         INTEGER PRIMARY KEY,
        product_id INTEGER NOT NULL REFERENCES products,
        units      INTEGER NOT NULL CHECK (units > 0)
    ) STRICT;
"];

/// What must always hold, and no CHECK of one row can say.
pub fn invariants() -> [Invariant; 3] {
    [
        Invariant::new(
            "every order has a line",
            "SELECT id, customer FROM orders
             WHERE NOT EXISTS (SELECT 1 FROM order_lines WHERE order_id = orders.id)",
        ),
        Invariant::in_range("order_lines", "discount_percent", 0..=100),
        Invariant::valid_date("orders", "placed_on"),
    ]
}

/// Why an order was not placed. Nothing of it is in the database then.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    #[error("product {product} is short: {wanted} wanted, {in_stock} in stock")]
    Short { product: i64, wanted: i64, in_stock: i64 },
    #[error(transparent)]
    Database(#[from] db_core::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Places an order: all its lines, or none. Runs once a call: an order is not
/// idempotent.
#[writer]
pub fn place_order(
    db: &Writer,
    order: &Order,
    turn: &Turn,
    receipts: &Arc<Receipts>,
) -> Result<(), ShopError> {
    turn.came();
    db.execute(
        "INSERT INTO orders (id, customer, placed_on) VALUES (?1, ?2, ?3)",
        (order.id, &order.customer, &order.date),
    )?;
    for line in &order.lines {
        sell(db, order.id, line)?;
    }
    // A refused order prints no receipt: this runs only once the order is committed.
    let (receipts, cents) = (Arc::clone(receipts), order.cents());
    db.on_commit(move || receipts.print(cents));
    Ok(())
}

/// What a careless program might do: it notes an order, and forgets its lines.
#[writer]
pub fn place_nothing(db: &Writer, customer: &str, date: &str) -> Result<()> {
    db.execute("INSERT INTO orders (customer, placed_on) VALUES (?1, ?2)", (customer, date))?;
    Ok(())
}

/// Called with a `&Writer` it is a part of that writer's transaction.
#[writer]
fn sell(db: &Writer, order: i64, line: &Line) -> Result<(), ShopError> {
    let in_stock = in_stock(db, line.product)?;
    if in_stock < line.quantity {
        return Err(ShopError::Short { product: line.product, wanted: line.quantity, in_stock });
    }
    db.execute(
        "UPDATE products SET in_stock = in_stock - ?2 WHERE id = ?1",
        (line.product, line.quantity),
    )?;
    db.execute(
        "INSERT INTO order_lines (order_id, product_id, price_cents, quantity, discount_percent)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (order, line.product, line.price_cents, line.quantity, line.discount_percent),
    )?;
    Ok(())
}

/// Fills the shelf of a product up to `level`. Doing that again changes nothing, so it
/// may run again when a lock was in the way. Says how many units came.
#[writer]
#[retry_on_locked(max_attempts = 5, base_delay = 50ms, idempotent)]
pub fn restock(db: &Writer, product: i64, level: i64, turn: &Turn) -> Result<i64, ShopError> {
    turn.came();
    let units = level - in_stock(db, product)?;
    if units <= 0 {
        return Ok(0);
    }
    db.execute("UPDATE products SET in_stock = ?2 WHERE id = ?1", (product, level))?;
    db.execute("INSERT INTO restocks (product_id, units) VALUES (?1, ?2)", (product, units))?;
    Ok(units)
}

/// Puts the products on their shelves; those that are there stay as they are.
#[writer]
#[retry_on_locked(max_attempts = 5, idempotent)]
pub fn fill_shelves(db: &Writer, products: &[Product]) -> Result<()> {
    let mut insert = db.prepare(
        "INSERT OR IGNORE INTO products
             (id, name, unit, price_cents, in_stock, reorder_level, discontinued)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for product in products {
        insert.execute((
            product.id,
            &product.name,
            &product.unit,
            product.price_cents,
            product.in_stock,
            product.reorder_level,
            product.discontinued,
        ))?;
    }
    Ok(())
}

/// A single statement needs no snapshot.
#[reader(autocommit)]
fn in_stock(db: &Reader, product: i64) -> Result<i64> {
    Ok(db.query_row("SELECT in_stock FROM products WHERE id = ?1", [product], |row| row.get(0))?)
}

/// What a look at the shelves shows.
#[derive(Debug)]
pub struct Shelves {
    pub in_stock: i64,
    pub sold: i64,
    pub restocked: i64,
    /// What should be reordered, the scarcest first.
    pub low: Vec<Low>,
}

#[derive(Debug)]
pub struct Low {
    pub name: String,
    pub in_stock: i64,
}

/// Looks at the shelves. However many clerks sell meanwhile, all its queries see one
/// moment, so the units add up.
#[reader]
pub fn look(db: &Reader) -> Result<Shelves> {
    Ok(Shelves {
        in_stock: total(db, "SELECT sum(in_stock) FROM products")?,
        sold: total(db, "SELECT sum(quantity) FROM order_lines")?,
        restocked: total(db, "SELECT sum(units) FROM restocks")?,
        low: low_stock(db)?,
    })
}

#[reader(autocommit)]
fn total(db: &Reader, sum: &str) -> Result<i64> {
    let total: Option<i64> = db.query_row(sum, [], |row| row.get(0))?;
    Ok(total.unwrap_or(0))
}

#[reader]
pub fn low_stock(db: &Reader) -> Result<Vec<Low>> {
    let mut query = db.prepare_cached(
        "SELECT name, in_stock FROM products
         WHERE in_stock < reorder_level AND NOT discontinued
         ORDER BY in_stock, name",
    )?;
    let rows = query.query_map([], |row| Ok(Low { name: row.get(0)?, in_stock: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

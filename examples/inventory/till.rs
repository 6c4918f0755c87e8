//! The till: what a clerk can do, with db-core or without (`naive.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use db_core::Database;

use crate::book::Order;
use crate::clock::Turn;
use crate::shop::{self, Shelves, ShopError};

pub trait Till: Send {
    fn place(&self, order: &Order, turn: &Turn, receipts: &Arc<Receipts>) -> Result<(), ShopError>;
    fn restock(&self, product: i64, level: i64, turn: &Turn) -> Result<i64, ShopError>;
    fn look(&self) -> Result<Shelves, ShopError>;
}

impl Till for Database {
    fn place(&self, order: &Order, turn: &Turn, receipts: &Arc<Receipts>) -> Result<(), ShopError> {
        shop::place_order(self, order, turn, receipts)
    }

    fn restock(&self, product: i64, level: i64, turn: &Turn) -> Result<i64, ShopError> {
        shop::restock(self, product, level, turn)
    }

    fn look(&self) -> Result<Shelves, ShopError> {
        Ok(shop::look(self)?)
    }
}

/// The receipts that customers got: one for each order that was placed.
#[derive(Debug, Default)]
pub struct Receipts {
    orders: AtomicUsize,
    cents: AtomicI64,
}

impl Receipts {
    pub fn print(&self, cents: i64) {
        self.orders.fetch_add(1, Ordering::Relaxed);
        self.cents.fetch_add(cents, Ordering::Relaxed);
    }

    pub fn orders(&self) -> usize {
        self.orders.load(Ordering::Relaxed)
    }

    pub fn cents(&self) -> i64 {
        self.cents.load(Ordering::Relaxed)
    }
}

/// Whether a lock of somebody else is the reason.
pub fn is_locked(error: &ShopError) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    match error {
        ShopError::Short { .. } => false,
        ShopError::Database(error) => error.is_locked(),
        ShopError::Sqlite(error) => {
            matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
        }
    }
}

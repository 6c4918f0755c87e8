//! Afterwards: what is in the file, read in one snapshot, against what the book says.

use std::collections::BTreeMap;

use db_core::{Error, Finding, Reader, Result, reader};

use crate::book::{Book, Line, Order, Totals};
use crate::report::{money, number, plural};
use crate::run::Told;

/// What is in the file.
#[derive(Debug)]
pub struct Audit {
    /// As the book has them: sorted by number, their lines by product.
    pub orders: Vec<Order>,
    pub stock: Vec<Stock>,
    pub restocks: usize,
}

#[derive(Debug)]
pub struct Stock {
    pub product: i64,
    pub in_stock: i64,
    pub sold: i64,
    pub restocked: i64,
}

/// Connections of db-core, before and after.
#[derive(Debug)]
pub struct Left {
    /// In use before the database was opened.
    pub before: usize,
    /// In use after the last call.
    pub after: usize,
    /// Open, in use or not, after it was closed.
    pub open: usize,
}

/// One thing that must be so.
#[derive(Debug)]
pub struct Check {
    pub passed: bool,
    pub what: &'static str,
    pub found: String,
}

/// Reads it all. A reader that is called with a `&Reader` reads the same moment.
#[reader]
pub fn audit(db: &Reader) -> Result<Audit> {
    Ok(Audit { orders: orders(db)?, stock: stock(db)?, restocks: restocks(db)? })
}

#[reader]
fn orders(db: &Reader) -> Result<Vec<Order>> {
    let mut orders = BTreeMap::new();
    let mut query = db.prepare("SELECT id, customer, placed_on FROM orders")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let order =
            Order { id: row.get(0)?, customer: row.get(1)?, date: row.get(2)?, lines: Vec::new() };
        orders.insert(order.id, order);
    }
    let mut query = db.prepare(
        "SELECT order_id, product_id, price_cents, quantity, discount_percent
         FROM order_lines ORDER BY order_id, product_id",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        // A foreign key sees to it that there is one.
        if let Some(order) = orders.get_mut(&row.get(0)?) {
            order.lines.push(Line {
                product: row.get(1)?,
                price_cents: row.get(2)?,
                quantity: row.get(3)?,
                discount_percent: row.get(4)?,
            });
        }
    }
    Ok(orders.into_values().collect())
}

#[reader]
fn stock(db: &Reader) -> Result<Vec<Stock>> {
    let mut query = db.prepare(
        "SELECT id, in_stock,
             (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE product_id = p.id),
             (SELECT coalesce(sum(units), 0) FROM restocks WHERE product_id = p.id)
         FROM products AS p ORDER BY id",
    )?;
    let rows = query.query_map([], |row| {
        Ok(Stock {
            product: row.get(0)?,
            in_stock: row.get(1)?,
            sold: row.get(2)?,
            restocked: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[reader(autocommit)]
fn restocks(db: &Reader) -> Result<usize> {
    let count: u32 = db.query_row("SELECT count(*) FROM restocks", [], |row| row.get(0))?;
    Ok(count as usize)
}

/// Checks what is in the file, what those who worked tell, and that all went home.
pub fn check(book: &Book, audit: &Audit, told: &Told, left: &Left) -> Vec<Check> {
    vec![
        whole(book, audit),
        sums(book, audit),
        balance(book, audit),
        receipts(audit, told),
        looks(told),
        Check {
            passed: left.after == left.before && left.open == 0,
            what: "every connection was given back",
            found: format!("{} before, {} after, {} left", left.before, left.after, left.open),
        },
    ]
}

/// The file, its foreign keys, its settings, and what must always hold.
pub fn sound(findings: &[Finding]) -> Check {
    Check {
        passed: findings.is_empty(),
        what: "the file is sound",
        found: match findings {
            [] => "full check, three invariants".to_owned(),
            [first, ..] => first.to_string(),
        },
    }
}

/// What became of an order that breaks an invariant.
pub fn refused(error: Option<&Error>) -> Check {
    let broken = match error {
        Some(Error::InvariantBroken(broken)) => broken.findings.first(),
        _ => None,
    };
    Check {
        passed: broken.is_some(),
        what: "an order without a line was refused",
        found: match (broken, error) {
            (Some(finding), _) => finding.place.clone().unwrap_or_default(),
            (None, Some(error)) => error.to_string(),
            (None, None) => "it is in the file".to_owned(),
        },
    }
}

fn whole(book: &Book, audit: &Audit) -> Check {
    let found: BTreeMap<_, _> = audit.orders.iter().map(|order| (order.id, order)).collect();
    let placed = book.orders.iter().filter(|order| found.contains_key(&order.id));
    let missing = book.orders.len() - placed.count();
    let other = audit.orders.iter().filter(|order| {
        let at = book.orders.binary_search_by_key(&order.id, |order| order.id);
        at.map_or(true, |at| book.orders[at] != **order)
    });
    let other = other.count();
    Check {
        passed: missing == 0 && other == 0,
        what: "every order is there with all its lines",
        found: match (missing, other) {
            (0, 0) => format!("all {}", number(book.orders.len())),
            _ => format!("{} missing, {} wrong", number(missing), number(other)),
        },
    }
}

fn sums(book: &Book, audit: &Audit) -> Check {
    let (wanted, found) = (Totals::of(&book.orders), Totals::of(&audit.orders));
    Check {
        passed: wanted == found,
        what: "lines, units and money are the book's",
        found: if wanted == found {
            "to the cent".to_owned()
        } else {
            format!("{} off", money((wanted.cents - found.cents).abs()))
        },
    }
}

fn balance(book: &Book, audit: &Audit) -> Check {
    let mut wrong = book.products.len().abs_diff(audit.stock.len());
    for (product, stock) in book.products.iter().zip(&audit.stock) {
        let should = product.in_stock + stock.restocked - stock.sold;
        wrong += usize::from(product.id != stock.product || stock.in_stock != should);
    }
    Check {
        passed: wrong == 0,
        what: "opening stock + restocked - sold = stock",
        found: match wrong {
            0 => format!("for each of {}", plural(book.products.len(), "product")),
            _ => format!("not for {}", plural(wrong, "product")),
        },
    }
}

fn receipts(audit: &Audit, told: &Told) -> Check {
    let (orders, cents) = (told.receipts.orders(), told.receipts.cents());
    let Totals { orders: placed, cents: worth, .. } = Totals::of(&audit.orders);
    Check {
        passed: orders == placed && cents == worth && told.restocks == audit.restocks,
        what: "the clerks' receipts are in the file",
        found: format!("{}, {}", plural(orders, "receipt"), plural(told.restocks, "restock")),
    }
}

fn looks(told: &Told) -> Check {
    Check {
        passed: told.torn == 0 && told.looks > 0,
        what: "every look at the shelves added up",
        found: match told.torn {
            0 => plural(told.looks, "look"),
            torn => format!("{} of {} did not", number(torn), plural(told.looks, "look")),
        },
    }
}

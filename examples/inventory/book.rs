//! The order book: products and orders as the CSV files have them. It never changes, so
//! it is what the shop is checked against.

use std::str::FromStr;

use anyhow::Context as _;

#[derive(Debug)]
pub struct Book {
    pub products: Vec<Product>,
    /// In the order of their numbers, which is that of their dates.
    pub orders: Vec<Order>,
}

#[derive(Debug)]
pub struct Product {
    pub id: i64,
    pub name: String,
    pub unit: String,
    pub price_cents: i64,
    pub in_stock: i64,
    pub reorder_level: i64,
    /// As of the end of the book: earlier orders still sell it.
    pub discontinued: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    pub id: i64,
    pub customer: String,
    pub date: String,
    /// In the order of their products.
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub product: i64,
    pub price_cents: i64,
    pub quantity: i64,
    pub discount_percent: i64,
}

/// What a number of orders come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub orders: usize,
    pub lines: usize,
    pub units: i64,
    pub cents: i64,
}

impl Line {
    /// What the line costs, rounded to a whole cent.
    pub fn cents(&self) -> i64 {
        (self.price_cents * self.quantity * (100 - self.discount_percent) + 50) / 100
    }
}

impl Order {
    pub fn cents(&self) -> i64 {
        self.lines.iter().map(Line::cents).sum()
    }
}

impl Totals {
    pub fn of<'a>(orders: impl IntoIterator<Item = &'a Order>) -> Self {
        let mut totals = Self::default();
        for order in orders {
            totals.orders += 1;
            totals.lines += order.lines.len();
            totals.units += order.lines.iter().map(|line| line.quantity).sum::<i64>();
            totals.cents += order.cents();
        }
        totals
    }
}

impl Book {
    /// The units on the shelves before the first order.
    pub fn opening_stock(&self) -> i64 {
        self.products.iter().map(|product| product.in_stock).sum()
    }
}

/// Reads the book. It is part of the program, so that this runs in any folder.
pub fn read() -> anyhow::Result<Book> {
    Ok(Book {
        products: products(include_str!("../data/products.csv")).context("products.csv")?,
        orders: orders(include_str!("../data/order_lines.csv")).context("order_lines.csv")?,
    })
}

fn products(csv: &str) -> anyhow::Result<Vec<Product>> {
    let mut rows = Rows::new(csv);
    let mut products = Vec::new();
    while rows.next()? {
        products.push(Product {
            id: rows.get("product_id")?,
            name: rows.get("name")?,
            unit: rows.get("unit")?,
            price_cents: rows.get("price_cents")?,
            in_stock: rows.get("in_stock")?,
            reorder_level: rows.get("reorder_level")?,
            discontinued: rows.get::<u8>("discontinued")? == 1,
        });
    }
    Ok(products)
}

/// The file has a row for each line; the rows of an order stand together.
fn orders(csv: &str) -> anyhow::Result<Vec<Order>> {
    let mut rows = Rows::new(csv);
    let mut orders: Vec<Order> = Vec::new();
    while rows.next()? {
        let id = rows.get("order_id")?;
        if orders.last().is_none_or(|order| order.id != id) {
            orders.push(Order {
                id,
                customer: rows.get("customer_id")?,
                date: rows.get("order_date")?,
                lines: Vec::new(),
            });
        }
        let line = Line {
            product: rows.get("product_id")?,
            price_cents: rows.get("price_cents")?,
            quantity: rows.get("quantity")?,
            discount_percent: rows.get("discount_percent")?,
        };
        if let Some(order) = orders.last_mut() {
            order.lines.push(line);
        }
    }
    Ok(orders)
}

/// The rows of a CSV file, one after the other, their fields found by name.
struct Rows<'a> {
    reader: csv::Reader<&'a [u8]>,
    row: csv::StringRecord,
}

impl<'a> Rows<'a> {
    fn new(csv: &'a str) -> Self {
        Self { reader: csv::Reader::from_reader(csv.as_bytes()), row: csv::StringRecord::new() }
    }

    fn next(&mut self) -> csv::Result<bool> {
        self.reader.read_record(&mut self.row)
    }

    fn get<T>(&mut self, column: &str) -> anyhow::Result<T>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let line = self.row.position().map_or(0, csv::Position::line);
        let at = self.reader.headers()?.iter().position(|name| name == column);
        let field = at.and_then(|at| self.row.get(at));
        let field = field.with_context(|| format!("line {line} has no `{column}`"))?;
        field.parse().with_context(|| format!("line {line}: `{column}` is `{field}`"))
    }
}

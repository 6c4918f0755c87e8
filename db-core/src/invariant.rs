//! What must always hold in a database, as a query for the rows that break it.

use std::ops::{Bound, RangeBounds};

use rusqlite::types::{Value, ValueRef};

use crate::units::quoted;

/// Something that must always hold: a name, and a query that returns the rows that break it.
///
/// The name is what a person reads when it does not hold, so make it a sentence. All columns
/// that the query returns are told, so let it return what the row is found by.
///
/// ```
/// use db_core::{Error, Invariant, Options};
///
/// let never_negative =
///     Invariant::new("stock is never negative", "SELECT sku, qty FROM stock WHERE qty < 0");
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.db");
/// let db = Options::new()
///     .migrations(&["CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER)"])
///     .check_before_commit(&[never_negative])
///     .open(&path)?;
/// db.write(|w| w.execute("INSERT INTO stock VALUES ('A-1', 1)", []))?;
/// let sold = db.write(|w| Ok::<_, Error>(w.execute("UPDATE stock SET qty = qty - 2", [])?));
/// assert!(sold.unwrap_err().to_string().contains("sku = 'A-1', qty = -1"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Invariant {
    name: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// The rows that this query returns break it.
    Query(String),
    /// The rows of a table for which a condition holds break it; these columns tell why.
    Rows { table: String, columns: Vec<String>, condition: String },
    /// Values that stand in more than one row break it.
    Twice { table: String, columns: Vec<String> },
}

impl Invariant {
    /// An invariant that a query checks: each row that it returns breaks it.
    ///
    /// What it may name are tables that are there when it is checked; a query that can't be
    /// run is a broken invariant.
    pub fn new(name: impl Into<String>, query: impl Into<String>) -> Self {
        Self { name: name.into(), rule: Rule::Query(query.into()) }
    }

    /// No row of `table` has NULL in `column`.
    #[must_use]
    pub fn not_null(table: &str, column: &str) -> Self {
        let name = format!("{column} of {table} is never NULL");
        let condition = format!("{} IS NULL", column_of(table, column));
        Self::rows(name, table, column, condition)
    }

    /// In every row of `table` the number (or text, or blob) in `column` is in `range`. NULL
    /// is in every range, as for a CHECK; text is in no range of numbers.
    ///
    /// ```
    /// use db_core::Invariant;
    ///
    /// let qty = Invariant::in_range("stock", "qty", 0..=10_000);
    /// let price = Invariant::in_range("product", "price", 0.01..);
    /// assert_eq!(qty.name(), "qty of stock is 0 to 10000");
    /// assert_eq!(price.name(), "price of product is at least 0.01");
    /// ```
    #[must_use]
    pub fn in_range<V: Clone + Into<Value>>(
        table: &str,
        column: &str,
        range: impl RangeBounds<V>,
    ) -> Self {
        let literal = |value: &V| literal((&value.clone().into()).into());
        let (low, high) = (range.start_bound(), range.end_bound());
        let name = column_of(table, column);
        let mut broken = Vec::new();
        match low {
            Bound::Included(low) => broken.push(format!("{name} < {}", literal(low))),
            Bound::Excluded(low) => broken.push(format!("{name} <= {}", literal(low))),
            Bound::Unbounded => {}
        }
        match high {
            Bound::Included(high) => broken.push(format!("{name} > {}", literal(high))),
            Bound::Excluded(high) => broken.push(format!("{name} >= {}", literal(high))),
            Bound::Unbounded => {}
        }
        // SQLite sorts numbers before text before blobs: https://sqlite.org/datatype3.html
        let of_numbers = [low, high].iter().any(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => {
                matches!((*value).clone().into(), Value::Integer(_) | Value::Real(_))
            }
            Bound::Unbounded => false,
        });
        if of_numbers {
            broken.push(format!("typeof({name}) IN ('text', 'blob')"));
        }
        // Nothing is in a range that has no number at its end.
        let endless = [low, high].into_iter().any(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => literal(value) == "NULL",
            Bound::Unbounded => false,
        });
        let condition = match broken.as_slice() {
            _ if endless => format!("{name} IS NOT NULL"),
            [] => "0".to_owned(),
            broken => broken.join(" OR "),
        };
        let is = match (low, high) {
            (Bound::Included(low), Bound::Included(high)) => {
                format!("{} to {}", literal(low), literal(high))
            }
            (low, high) => {
                let low = match low {
                    Bound::Included(low) => format!("at least {}", literal(low)),
                    Bound::Excluded(low) => format!("more than {}", literal(low)),
                    Bound::Unbounded => String::new(),
                };
                let high = match high {
                    Bound::Included(high) => format!("at most {}", literal(high)),
                    Bound::Excluded(high) => format!("less than {}", literal(high)),
                    Bound::Unbounded => String::new(),
                };
                match (low.is_empty(), high.is_empty()) {
                    (true, true) => "anything".to_owned(),
                    (false, false) => format!("{low} and {high}"),
                    _ => low + &high,
                }
            }
        };
        Self::rows(format!("{column} of {table} is {is}"), table, column, condition)
    }

    /// In every row of `table`, what is in `column` is a date or a moment that SQLite's date
    /// functions can read, or NULL: `2026-11-28`, `2026-11-28 21:05`, `2026-11-28T21:05:00Z`, a
    /// Julian day number. Days that are on no calendar (`2026-02-30`, which SQLite reads as
    /// March 2nd), `now`, and the number of a day as a text break it. <https://sqlite.org/lang_datefunc.html>
    #[must_use]
    pub fn valid_date(table: &str, column: &str) -> Self {
        let name = column_of(table, column);
        // Of texts only those that are written as a date or a time: SQLite takes `now`,
        // `subsec` and the number of a day for one as well.
        let condition = format!(
            "{name} IS NOT NULL AND (date({name}) IS NULL OR (typeof({name}) NOT IN ('integer', \
             'real') AND {name} NOT GLOB '[0-2][0-9]:[0-9][0-9]*' AND ({name} NOT GLOB \
             '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' OR date(substr({name}, 1, 10)) IS NOT \
             substr({name}, 1, 10))))"
        );
        Self::rows(format!("{column} of {table} is a date"), table, column, condition)
    }

    /// No two rows of `table` have the same values in all of `columns`. As for a UNIQUE index,
    /// a row with NULL in one of them is like no other.
    #[must_use]
    pub fn unique(table: &str, columns: &[&str]) -> Self {
        let columns: Vec<_> = columns.iter().map(|&column| column.to_owned()).collect();
        Self {
            name: format!("{} of {table} is in one row only", columns.join(", ")),
            rule: Rule::Twice { table: table.to_owned(), columns },
        }
    }

    fn rows(name: String, table: &str, column: &str, condition: String) -> Self {
        let (table, columns) = (table.to_owned(), vec![column.to_owned()]);
        Self { name, rule: Rule::Rows { table, columns, condition } }
    }

    /// With another name than the one that was made for it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What must hold, as a sentence.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A query that returns a row if it is broken.
    pub(crate) fn probe(&self) -> String {
        match &self.rule {
            Rule::Query(query) => query.clone(),
            Rule::Rows { table, condition, .. } => {
                format!("SELECT 1 FROM {} WHERE {condition} LIMIT 1", quoted(table))
            }
            Rule::Twice { .. } => self.rows_of(&[]) + " LIMIT 1",
        }
    }

    /// The table whose rows it is about, if that is known.
    pub(crate) fn table(&self) -> Option<&str> {
        match &self.rule {
            Rule::Query(_) => None,
            Rule::Rows { table, .. } | Rule::Twice { table, .. } => Some(table),
        }
    }

    /// A query for the rows that break it; `keys` are the columns by which a row of the table
    /// is found.
    pub(crate) fn rows_of(&self, keys: &[String]) -> String {
        match &self.rule {
            Rule::Query(query) => query.clone(),
            Rule::Rows { table, columns, condition } => {
                let is_key =
                    |column: &&String| keys.iter().any(|key| key.eq_ignore_ascii_case(column));
                let more = columns.iter().filter(|column| !is_key(column));
                let told: Vec<_> =
                    keys.iter().chain(more).map(|name| column_of(table, name)).collect();
                format!("SELECT {} FROM {} WHERE {condition}", told.join(", "), quoted(table))
            }
            Rule::Twice { table, columns } => {
                let names: Vec<_> = columns.iter().map(|name| column_of(table, name)).collect();
                let filled: Vec<_> =
                    names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
                let (names, filled) = (names.join(", "), filled.join(" AND "));
                format!(
                    "SELECT {names}, count(*) AS \"rows\" FROM {} WHERE {filled} GROUP BY {names} \
                     HAVING count(*) > 1",
                    quoted(table)
                )
            }
        }
    }
}

/// With the table's name, or SQLite would take that of a column that is not there for a text:
/// <https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>
fn column_of(table: &str, column: &str) -> String {
    format!("{}.{}", quoted(table), quoted(column))
}

/// A value as SQL takes it.
pub(crate) fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        // There is no word for it: https://sqlite.org/floatingpoint.html#floating_point_representations_in_sql
        ValueRef::Real(number) if number == f64::INFINITY => "9e999".to_owned(),
        ValueRef::Real(number) if number == f64::NEG_INFINITY => "-9e999".to_owned(),
        ValueRef::Real(number) if number.is_nan() => "NULL".to_owned(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => {
            format!("'{}'", String::from_utf8_lossy(text).replace('\'', "''"))
        }
        ValueRef::Blob(bytes) => {
            use std::fmt::Write;
            let mut hex = String::new();
            for byte in bytes {
                let _ = write!(hex, "{byte:02X}");
            }
            format!("x'{hex}'")
        }
    }
}

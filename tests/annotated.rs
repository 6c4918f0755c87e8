//! The three attributes, end to end: what the README shows.

use db_core::{Database, Error, Reader, Result, Writer, reader, retry_on_locked, writer};

#[reader]
fn stock(db: &Reader, sku: &str) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

#[writer]
fn stock_up(db: &Writer) -> Result<()> {
    db.execute_batch("CREATE TABLE stock (sku, qty); INSERT INTO stock VALUES ('A-1', 1)")?;
    set_stock(db, "A-1", stock(db, "A-1")? + 1)
}

#[test]
fn annotated_functions_call_each_other() -> Result<()> {
    let db = Database::open_in_memory()?;
    stock_up(&db)?;
    assert_eq!(stock(&db, "A-1")?, 2);
    set_stock(&db, "A-1", stock(&db, "A-1")? + 5)?;
    assert_eq!(stock(&db, "A-1")?, 7);
    Ok(())
}

#[test]
fn a_captured_database_is_an_error_that_names_both() -> Result<()> {
    let db = Database::open_in_memory()?;
    let error = db.write(|_w| stock_up(&db)).unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains("`annotated::stock_up`"), "{text}");
    assert!(text.contains("tests/annotated.rs"), "{text}");
    Ok(())
}

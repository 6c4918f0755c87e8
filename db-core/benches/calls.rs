//! What a call costs against hand-written rusqlite that does the same, on one thread.
//!
//! `cargo bench --bench calls`

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

mod harness;

use std::hint::black_box;

use db_core::rusqlite::{Connection, Result as Sql, TransactionBehavior};
use db_core::{Database, Reader, Result, Writer, reader, writer};
use harness::{COUNT, Folder, INSERT, READ, SCHEMA, by_hand, compare};

#[writer]
fn order(db: &Writer, sku: u32) -> Result<()> {
    db.prepare_cached(INSERT)?.execute((sku, 1))?;
    db.prepare_cached(COUNT)?.execute([])?;
    Ok(())
}

fn order_by_hand(conn: &mut Connection, sku: u32) -> Sql<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.prepare_cached(INSERT)?.execute((sku, 1))?;
    tx.prepare_cached(COUNT)?.execute([])?;
    tx.commit()
}

fn qty(conn: &Connection, sku: u32) -> Sql<i64> {
    conn.prepare_cached(READ)?.query_row([sku % 1000 + 1], |row| row.get(0))
}

#[reader(autocommit)]
fn one_autocommit(db: &Reader, sku: u32) -> Result<i64> {
    Ok(qty(db, sku)?)
}

#[reader]
fn one(db: &Reader, sku: u32) -> Result<i64> {
    Ok(qty(db, sku)?)
}

#[reader]
fn four(db: &Reader, sku: u32) -> Result<i64> {
    Ok(qty(db, sku)? + qty(db, sku + 1)? + qty(db, sku + 2)? + qty(db, sku + 3)?)
}

fn main() {
    let folder = Folder::new();
    let (theirs, ours) = (folder.file("theirs.db"), folder.file("ours.db"));
    let mut conn = by_hand(&theirs, "NORMAL");
    conn.execute_batch(SCHEMA).unwrap();
    let db = Database::open(&ours).unwrap();
    db.write(|w| w.execute_batch(SCHEMA)).unwrap();

    println!("{:<44} {:>11} {:>11} {:>10} {:>7}", "", "rusqlite", "db-core", "added", "ratio");
    compare(
        "#[writer], two statements, NORMAL",
        1.05,
        2_000,
        |n| order_by_hand(&mut conn, n).unwrap(),
        |n| order(&db, n).unwrap(),
    );
    let reading = Connection::open(&theirs).unwrap();
    let mut hand = |n| {
        black_box(qty(&reading, n).unwrap());
    };
    compare("#[reader(autocommit)], point read", 1.08, 20_000, &mut hand, |n| {
        black_box(one_autocommit(&db, n).unwrap());
    });
    compare("#[reader], point read", 1.35, 20_000, &mut hand, |n| {
        black_box(one(&db, n).unwrap());
    });
    let four_by_hand = |n| {
        let sum = (0..4).map(|i| qty(&reading, n + i).unwrap()).sum::<i64>();
        black_box(sum);
    };
    compare("#[reader], four reads", 0.85, 10_000, four_by_hand, |n| {
        black_box(four(&db, n).unwrap());
    });
}

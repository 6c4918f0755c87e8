//! Twins of `retry/mut_parameter`, `mut_self`, `self_by_value`, `boxed_self` and
//! `parameter_not_clone`: what a body that may run again can take.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use std::sync::Arc;

use db_core::rusqlite::{self, Connection};
use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

#[derive(Clone)]
struct Ticket(i64);

struct NotClone;

#[writer]
#[retry_on_locked(idempotent)]
fn use_up(db: &Writer, ticket: Ticket) -> Result<()> {
    db.execute("DELETE FROM ticket WHERE id = ?1", [ticket.0])?;
    Ok(())
}

// By reference nothing is copied.
#[writer]
#[retry_on_locked(idempotent)]
fn borrow(db: &Writer, what: &NotClone, sku: &str, list: &[NotClone]) -> Result<usize> {
    let NotClone = what;
    db.execute("DELETE FROM ticket WHERE sku = ?1", [sku])?;
    Ok(list.len())
}

// What is neither bound nor used is not copied either.
#[writer]
#[retry_on_locked(idempotent)]
fn ignore(db: &Writer, _: NotClone) -> Result<()> {
    db.execute("DELETE FROM ticket", ())?;
    Ok(())
}

// The result is returned instead of pushed.
#[reader]
#[retry_on_locked]
fn collect(db: &Reader, mut rows: Vec<i64>, (from, to): (i64, i64)) -> Result<Vec<i64>> {
    rows.push(db.query_row("SELECT ?1 + ?2", [from, to], |row| row.get(0))?);
    Ok(rows)
}

#[reader]
#[retry_on_locked]
fn generic(db: &Reader, names: impl IntoIterator<Item = String> + Clone) -> Result<usize> {
    db.query_row("SELECT 1", (), |_| Ok(()))?;
    Ok(names.into_iter().count())
}

#[reader]
#[retry_on_locked]
fn conditional(
    db: &Reader,
    #[cfg(not(miri))] here: Vec<i64>,
    #[cfg(miri)] not_here: Missing,
) -> Result<usize> {
    db.query_row("SELECT 1", (), |_| Ok(()))?;
    Ok(here.len())
}

struct Report {
    rows: Vec<i64>,
}

impl Report {
    #[reader]
    #[retry_on_locked]
    fn count(&self, db: &Reader) -> Result<usize> {
        db.query_row("SELECT 1", (), |_| Ok(()))?;
        Ok(self.rows.len())
    }

    #[reader]
    #[retry_on_locked]
    fn shared(self: &Arc<Self>, db: &Reader) -> Result<Arc<Self>> {
        db.query_row("SELECT 1", (), |_| Ok(()))?;
        Ok(Arc::clone(self))
    }

    // A body that runs once may take and change what it likes.
    #[writer]
    fn fill(&mut self, db: &Writer, into: &mut Vec<i64>, mut n: i64) -> Result<()> {
        db.execute("DELETE FROM ticket", ())?;
        n += 1;
        into.push(n);
        self.rows.push(n);
        Ok(())
    }

    #[writer]
    fn finish(mut self, db: &Writer, _: NotClone) -> Result<Vec<i64>> {
        db.execute("DELETE FROM ticket", ())?;
        self.rows.clear();
        Ok(self.rows)
    }

    #[writer]
    fn unbox(self: Box<Self>, db: &Writer) -> Result<Vec<i64>> {
        db.execute("DELETE FROM ticket", ())?;
        Ok(self.rows)
    }
}

// A body of one line stays one, and its braces are no warning.
#[rustfmt::skip]
#[reader]
#[retry_on_locked]
fn one_line(db: &Reader, n: i64) -> Result<i64> { conditional(db, vec![n]).map(|_| n) }

#[rustfmt::skip]
#[writer]
fn one_line_over_a_connection(conn: &Connection) -> rusqlite::Result<()> { conn.execute_batch("") }

// Lints that the user silences on a parameter stay with it.
#[reader]
#[retry_on_locked]
fn silenced(
    #[expect(unused_variables)] db: &Reader,
    #[expect(unused_variables)] n: i64,
    #[expect(unused_mut)] mut m: i64,
) -> Result<i64> {
    Ok(m)
}

// The connection of a bare function is each attempt's in turn.
#[retry_on_locked(idempotent)]
fn exclusive(conn: &mut Connection) -> rusqlite::Result<()> {
    let tx = conn.transaction()?;
    tx.execute("DELETE FROM ticket", ())?;
    tx.commit()
}

fn main() {}

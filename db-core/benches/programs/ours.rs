//! db-core, with annotated functions.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use db_core::rusqlite::Connection;
use db_core::{Database, Options, Reader, Result, Synchronous, Writer, reader, writer};

use super::{BATCH, Case, Files, Product, Program, ROWS, asked, products};
use crate::harness::{INSERT, READ};

#[reader]
fn read(db: &Reader, n: u32) -> Result<i64> {
    qty(db, n)
}

#[reader(autocommit)]
fn read_autocommit(db: &Reader, n: u32) -> Result<i64> {
    qty(db, n)
}

fn qty(conn: &Connection, n: u32) -> Result<i64> {
    Ok(conn.prepare_cached(READ)?.query_row([n % 1000 + 1], |row| row.get(0))?)
}

#[reader]
fn read_all(db: &Reader) -> Result<Vec<Product>> {
    Ok(products(db)?)
}

#[writer]
fn insert(db: &Writer, rows: u32, first: u32) -> Result<()> {
    let mut insert = db.prepare_cached(INSERT)?;
    for sku in first..first + rows {
        insert.execute((sku, 1))?;
    }
    Ok(())
}

#[writer]
fn settings(db: &Writer) -> Result<String> {
    Ok(asked(db)?)
}

#[writer]
fn entered(_db: &Writer) -> Result<SystemTime> {
    Ok(SystemTime::now())
}

pub struct Ours {
    normal: Database,
    full: Database,
    lock: Database,
    closed: PathBuf,
}

impl Ours {
    pub fn new(files: Files) -> Self {
        let full = Options::new().synchronous(Synchronous::Full);
        Self {
            normal: Database::open(&files.normal).unwrap(),
            full: full.open(&files.full).unwrap(),
            lock: Database::open(&files.lock).unwrap(),
            closed: files.closed,
        }
    }

    fn open(&self) -> Result<Duration> {
        let begun = Instant::now();
        let db = Database::open(&self.closed)?;
        let spent = begun.elapsed();
        db.close()?;
        Ok(spent)
    }

    fn once(&self, case: Case, n: u32) -> Result<()> {
        match case {
            Case::Open => unreachable!("timed by itself"),
            Case::Session => {
                let db = Database::open(&self.closed)?;
                black_box(read(&db, n)?);
                db.close()
            }
            Case::Query => read(&self.normal, n).map(|qty| {
                black_box(qty);
            }),
            Case::QueryAutocommit => read_autocommit(&self.normal, n).map(|qty| {
                black_box(qty);
            }),
            Case::Rows => {
                assert_eq!(black_box(read_all(&self.normal)?).len(), ROWS);
                Ok(())
            }
            Case::Write => insert(&self.normal, 1, n),
            Case::WriteFull => insert(&self.full, 1, n),
            Case::Batch => insert(&self.normal, BATCH, n),
        }
    }
}

impl Program for Ours {
    fn settings(&mut self) -> [String; 2] {
        [&self.normal, &self.full].map(|db| settings(db).unwrap())
    }

    fn time(&mut self, case: Case, calls: u32) -> Duration {
        if case == Case::Open {
            return (0..calls).map(|_| self.open().unwrap()).sum();
        }
        let begun = Instant::now();
        for n in 0..calls {
            self.once(case, n).unwrap();
        }
        begun.elapsed()
    }

    fn lock(&mut self) -> SystemTime {
        entered(&self.lock).unwrap()
    }
}

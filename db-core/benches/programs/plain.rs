//! Hand-written rusqlite.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use db_core::rusqlite::{Connection, Result, TransactionBehavior};

use super::{BATCH, Case, Files, Program, ROWS, asked, products};
use crate::harness::{INSERT, READ, by_hand};

pub struct Plain {
    normal: Connection,
    full: Connection,
    lock: Connection,
    closed: PathBuf,
}

impl Plain {
    pub fn new(files: Files) -> Self {
        Self {
            normal: by_hand(&files.normal, "NORMAL"),
            full: by_hand(&files.full, "FULL"),
            lock: by_hand(&files.lock, "NORMAL"),
            closed: files.closed,
        }
    }

    fn open(&self) -> Duration {
        let begun = Instant::now();
        let conn = by_hand(&self.closed, "NORMAL");
        let spent = begun.elapsed();
        drop(conn);
        spent
    }

    fn once(&mut self, case: Case, n: u32) -> Result<()> {
        match case {
            Case::Open => unreachable!("timed by itself"),
            Case::Session => {
                let conn = by_hand(&self.closed, "NORMAL");
                black_box(read(&conn, n)?);
                conn.execute_batch("PRAGMA optimize")?;
                conn.close().map_err(|(_conn, error)| error)
            }
            Case::Query | Case::QueryAutocommit => read(&self.normal, n).map(|qty| {
                black_box(qty);
            }),
            Case::Rows => {
                assert_eq!(black_box(products(&self.normal)?).len(), ROWS);
                Ok(())
            }
            Case::Write => insert(&mut self.normal, 1, n),
            Case::WriteFull => insert(&mut self.full, 1, n),
            Case::Batch => insert(&mut self.normal, BATCH, n),
        }
    }
}

fn read(conn: &Connection, n: u32) -> Result<i64> {
    conn.prepare_cached(READ)?.query_row([n % 1000 + 1], |row| row.get(0))
}

fn insert(conn: &mut Connection, rows: u32, first: u32) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut insert = tx.prepare_cached(INSERT)?;
    for sku in first..first + rows {
        insert.execute((sku, 1))?;
    }
    drop(insert);
    tx.commit()
}

impl Program for Plain {
    fn settings(&mut self) -> [String; 2] {
        [&self.normal, &self.full].map(|conn| asked(conn).unwrap())
    }

    fn time(&mut self, case: Case, calls: u32) -> Duration {
        if case == Case::Open {
            return (0..calls).map(|_| self.open()).sum();
        }
        let begun = Instant::now();
        for n in 0..calls {
            self.once(case, n).unwrap();
        }
        begun.elapsed()
    }

    fn lock(&mut self) -> SystemTime {
        let tx = self.lock.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let had = SystemTime::now();
        tx.commit().unwrap();
        had
    }
}

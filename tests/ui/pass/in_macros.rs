//! Annotated functions that a macro of the user's writes.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

macro_rules! getter {
    ($name:ident, $column:literal) => {
        #[reader]
        fn $name(db: &Reader, n: i64) -> Result<i64> {
            let sql = concat!("SELECT ", $column, " + ?1 FROM stock");
            Ok(db.query_row(sql, [n], |row| row.get(0))?)
        }
    };
}

macro_rules! as_given {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($db:ident: $db_ty:ty, $arg:ident: $ty:ty) -> $ret:ty,
        within $limit:expr;
        $body:block
    ) => {
        $(#[$meta])*
        #[retry_on_locked(max_attempts = 2, idempotent, deadline = $limit)]
        $vis fn $name($db: $db_ty, $arg: $ty) -> $ret $body
    };
    (item $item:item) => {
        #[reader]
        $item
    };
}

getter!(qty, "qty");
getter!(reserved, "reserved");

as_given! {
    /// Documented.
    #[writer]
    pub(crate) fn set(db: &Writer, rows: Vec<i64>) -> Result<i64>,
    within 2s;
    {
        db.execute("UPDATE stock SET qty = ?1", [rows[0]])?;
        Ok(rows[0])
    }
}

as_given!(item fn total(db: &Reader) -> Result<i64> { Ok(qty(db, 1)? + reserved(db, 2)?) });

fn caller(db: &Database) -> Result<i64> {
    Ok(set(db, vec![1])? + total(db)?)
}

fn main() {
    let _ = caller;
}

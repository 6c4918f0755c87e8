//! Every form of the attributes in a crate whose dependency is called `sqlite_db`, and
//! for crates that know it only through this one. Run by `tests/`.
#![deny(warnings, clippy::pedantic)]
// What nothing may allow again, not even the code that an attribute writes.
#![forbid(unused_imports)]
#![allow(clippy::missing_errors_doc, reason = "nobody reads this crate's documentation")]
// An expansion's own import is taken for the user's, which clippy tells outside of tests
// only: that is why these functions are in a library.

pub mod by_name;
pub mod through_here;

/// The runtime, for the macros of this crate in crates that don't depend on it.
pub mod reexported {
    pub use sqlite_db::*;
}

/// A repository over a table of one column, for other crates: its expansion is found
/// through this one.
#[macro_export]
macro_rules! repository {
    ($name:ident, $table:literal, $column:literal: $ty:ty) => {
        struct $name {
            db: $crate::reexported::Database,
        }

        impl $name {
            #[$crate::reexported::writer(db = self.db, crate = $crate::reexported)]
            #[$crate::reexported::retry_on_locked(idempotent, crate = $crate::reexported)]
            fn put(
                &self,
                db: &$crate::reexported::Writer,
                value: $ty,
            ) -> $crate::reexported::Result<usize> {
                const SQL: &str = concat!("INSERT INTO ", $table, " (", $column, ") VALUES (?1)");
                db.execute(SQL, [value])?;
                Ok(Self::all(db)?.len())
            }

            #[$crate::reexported::reader(crate = $crate::reexported)]
            fn all(db: &$crate::reexported::Reader) -> $crate::reexported::Result<Vec<$ty>> {
                let mut all = db.prepare(concat!("SELECT ", $column, " FROM ", $table))?;
                let rows = all.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<$crate::reexported::rusqlite::Result<_>>()?)
            }
        }
    };
}

//! One database for the whole program, for those who don't want to pass it around.

use std::sync::OnceLock;

use crate::database::Database;
use crate::error::{Error, Result};

static GLOBAL: OnceLock<Database> = OnceLock::new();

/// Makes `db` the program's global database.
///
/// It is never dropped: end `main` with `global()?.close()?`, or the newest data stays in
/// the `-wal` file beside the database. It is safe there, but a copy of the main file
/// alone would lack it.
///
/// # Errors
///
/// [`Error::SecondGlobal`] if there is one already; that one stays.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("shop.db");
/// use db_core::{Database, Reader, Result, global, install_global, reader};
///
/// #[reader(db = global()?)]
/// fn answer(db: &Reader) -> Result<i64> {
///     Ok(db.query_row("SELECT 42", [], |row| row.get(0))?)
/// }
///
/// install_global(Database::open(&path)?)?;
/// assert_eq!(answer()?, 42);
/// global()?.close()?;
/// # Ok::<_, db_core::Error>(())
/// ```
pub fn install_global(db: Database) -> Result<()> {
    let mut given = Some(db);
    let installed = GLOBAL.get_or_init(|| match given.take() {
        Some(db) => db,
        None => unreachable!("run at most once"),
    });
    match given {
        None => Ok(()),
        Some(_second) => Err(Error::SecondGlobal { installed: installed.path().to_owned() }),
    }
}

/// The program's global database.
///
/// # Errors
///
/// [`Error::NoGlobal`] before [`install_global`].
pub fn global() -> Result<&'static Database> {
    GLOBAL.get().ok_or(Error::NoGlobal)
}

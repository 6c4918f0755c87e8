//! Which file the shop is in: a temporary one, or one that is kept and has no orders
//! yet.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use db_core::{Options, Reader, reader};
use tempfile::TempDir;

pub struct File {
    path: PathBuf,
    /// Removed with all that is in it when it is dropped.
    _temporary: Option<TempDir>,
}

impl File {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The file at `kept`, or a temporary one.
///
/// # Errors
///
/// If `kept` is a file with something in it that is not an empty shop.
pub fn choose(kept: Option<&Path>) -> anyhow::Result<File> {
    let Some(path) = kept else {
        let folder = tempfile::tempdir().context("can't make a temporary folder for the shop")?;
        return Ok(File { path: folder.path().join("shop.db"), _temporary: Some(folder) });
    };
    if path.exists() {
        // Nothing is changed in a file that may be somebody's.
        let db = Options::new().read_only(true).open(path)?;
        let name = path.display();
        match content(&db)? {
            Content::Nothing | Content::Shop { orders: 0 } => {}
            Content::Shop { orders } => bail!(
                "{name} has {orders} orders already\n\nThe book is replayed into an empty shop. \
                 Name a new file, or delete this one first."
            ),
            Content::Other => bail!(
                "{name} is a database of something else\n\nName a new file: the shop would add \
                 its tables to this one."
            ),
        }
    }
    Ok(File { path: path.to_owned(), _temporary: None })
}

enum Content {
    Nothing,
    Shop { orders: i64 },
    Other,
}

#[reader]
fn content(db: &Reader) -> db_core::Result<Content> {
    let (objects, ours): (i64, i64) = db.query_row(
        "SELECT count(*), count(*) FILTER (WHERE type = 'table'
             AND name IN ('products', 'orders', 'order_lines', 'restocks'))
         FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(match (objects, ours) {
        (0, _) => Content::Nothing,
        (4, 4) => Content::Shop {
            orders: db.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?,
        },
        _ => Content::Other,
    })
}

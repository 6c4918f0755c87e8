//! What is found when the file is opened again after a cut.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Result};
use tempfile::TempDir;

use super::record::{KEPT, Recording, options, parts, text};

pub struct Check {
    path: PathBuf,
    mode: db_core::Synchronous,
    folder: TempDir,
}

#[derive(Debug)]
pub enum Trouble {
    /// The newest transaction that is there is older than one that was promised.
    Lost { found: i64, promised: i64 },
    /// The file is not what its newest transaction left.
    Damaged(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { found, promised } => {
                write!(f, "transaction {promised} was promised, the newest is {found}")
            }
            Self::Damaged(how) => write!(f, "damaged: {how}"),
        }
    }
}

impl Check {
    pub fn new(recording: &Recording) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(recording.path.file_name().unwrap());
        Self { path, mode: recording.mode, folder }
    }

    /// Makes the files, and opens them: by db-core if `through_here`.
    pub fn run(
        &self,
        files: &[(PathBuf, Vec<u8>)],
        promised: i64,
        through_here: bool,
    ) -> std::result::Result<(), Trouble> {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        for (path, image) in files {
            fs::write(self.folder.path().join(path.file_name().unwrap()), image).unwrap();
        }
        let mut found = if through_here {
            let db = options(self.mode).open(&self.path);
            let db = db.map_err(|error| Trouble::Damaged(format!("{error:#}")))?;
            let r = db.reader().unwrap();
            look(&r)
        } else {
            Connection::open(&self.path).and_then(|conn| {
                // What is found is looked at, not kept.
                conn.pragma_update(None, "synchronous", "OFF")?;
                conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
                look(&conn)
            })
        };
        if let Ok(Ok(newest)) = found
            && newest < promised
        {
            found = Ok(Err(Trouble::Lost { found: newest, promised }));
        }
        found.map_err(|error| Trouble::Damaged(error.to_string()))??;
        Ok(())
    }
}

/// The newest transaction, if all is as that left it.
fn look(conn: &Connection) -> Result<std::result::Result<i64, Trouble>> {
    let told: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if told != "ok" {
        return Ok(Err(Trouble::Damaged(told)));
    }
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Ok(0));
    }
    let newest: i64 = conn.query_row("SELECT n FROM counter", [], |row| row.get(0))?;
    let all: i64 = conn.query_row(
        "SELECT (SELECT count(*) FROM head) + (SELECT count(*) FROM line)",
        [],
        |row| row.get(0),
    )?;
    let mut wanted = 0;
    let mut head = conn.prepare("SELECT text FROM head WHERE n = ?1")?;
    let mut line = conn.prepare("SELECT part, text FROM line WHERE n = ?1 ORDER BY part")?;
    for n in (newest - KEPT + 1).max(1)..=newest {
        let heads = head.query_map([n], |row| row.get::<_, String>(0))?;
        let heads: Vec<String> = heads.collect::<Result<_>>()?;
        let lines = line.query_map([n], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let lines: Vec<(i64, String)> = lines.collect::<Result<_>>()?;
        let whole: Vec<_> = (1..=parts(n)).map(|part| (part, text(n, part))).collect();
        if heads != [text(n, 0)] || lines != whole {
            let how = format!("of {newest} transactions {n} is not whole: {heads:?} {lines:?}");
            return Ok(Err(Trouble::Damaged(how)));
        }
        wanted += 1 + parts(n);
    }
    if all != wanted {
        return Ok(Err(Trouble::Damaged(format!("{all} rows, where {newest} leave {wanted}"))));
    }
    Ok(Ok(newest))
}

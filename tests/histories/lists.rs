//! Lists that only grow: what a reader sees of one is a beginning of what the next one
//! sees.

use db_core::{Reader, Result, reader};
use rusqlite::Connection;

use super::bank::{POSITION, number};
use super::common::Dice;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE entry (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        list INTEGER NOT NULL,
        id INTEGER NOT NULL
    );
    CREATE INDEX entry_of ON entry (list);";

/// This many are written to at a time; then others, so that reading whole ones stays
/// cheap.
const AT_A_TIME: usize = 4;

/// How far the history goes before others are written to.
const AGE: i64 = 1024;

/// The lists of the time at which the history had got so far.
pub(crate) fn lists(position: i64) -> [i64; AT_A_TIME] {
    let first = position / AGE * AT_A_TIME as i64;
    std::array::from_fn(|n| first + n as i64)
}

/// One that is written to at that time.
pub(crate) fn draw(dice: &mut Dice, position: i64) -> i64 {
    lists(position)[dice.below(AT_A_TIME)]
}

pub(crate) fn append(conn: &Connection, list: i64, id: i64) -> rusqlite::Result<()> {
    let mut append = conn.prepare_cached("INSERT INTO entry (list, id) VALUES (?1, ?2)")?;
    append.execute([list, id]).map(|_one| ())
}

/// What a reader has seen of some lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// How far the history went.
    pub(crate) position: i64,
    pub(crate) lists: Vec<List>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) list: i64,
    pub(crate) length: i64,
    pub(crate) sum: i64,
}

/// The sum of a list that has got one more entry: another one if any entry, or their
/// order, is another.
pub(crate) fn sum(sum: i64, id: i64) -> i64 {
    let mixed = (sum ^ id).wrapping_mul(0x5851_f42d_4c95_7f2d);
    mixed ^ mixed.rotate_right(29)
}

#[reader]
pub(crate) fn look(db: &Reader, lists: &[i64]) -> Result<Seen> {
    let mut asks = db.prepare_cached("SELECT id FROM entry WHERE list = ?1 ORDER BY position")?;
    let mut seen = Seen::default();
    for &list in lists {
        let mut whole = List { list, length: 0, sum: 0 };
        let mut rows = asks.query([list])?;
        while let Some(row) = rows.next()? {
            whole.length += 1;
            whole.sum = sum(whole.sum, row.get(0)?);
        }
        seen.lists.push(whole);
    }
    seen.position = number(db, POSITION)?;
    Ok(seen)
}

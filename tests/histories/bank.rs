//! Money that moves between accounts and is never made: each transfer writes the balances
//! that it has read, so one that is lost or half there changes the total.

use db_core::effect::Effect;
use db_core::{Reader, Result, Writer, reader};
use rusqlite::Connection;

use super::common::Dice;

pub(crate) const ACCOUNTS: i64 = 6;
pub(crate) const OPENING: i64 = 100;
pub(crate) const TOTAL: i64 = ACCOUNTS * OPENING;

/// No balance has more than three digits, so the sum of all by their weights is a number
/// in which each can be read.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        balance INTEGER NOT NULL CHECK (balance >= 0),
        weight INTEGER NOT NULL
    );
    WITH RECURSIVE opened (id, weight) AS
        (VALUES (0, 1) UNION ALL SELECT id + 1, weight * 1000 FROM opened WHERE id < 5)
    INSERT INTO account SELECT id, 100, weight FROM opened;
    CREATE TABLE transfer (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id INTEGER NOT NULL,
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        amount INTEGER NOT NULL
    );
    CREATE TABLE owner (
        account INTEGER NOT NULL REFERENCES account DEFERRABLE INITIALLY DEFERRED
    );";

pub(crate) fn weight(account: i64) -> i64 {
    1000_i64.pow(account as u32)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    source: i64,
    target: i64,
    /// More than that is not moved, nor more than there is.
    most: i64,
}

impl Transfer {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let accounts = ACCOUNTS as usize;
        let source = dice.below(accounts);
        let target = (source + 1 + dice.below(accounts - 1)) % accounts;
        let most = 1 + dice.below(OPENING as usize);
        Self { source: source as i64, target: target as i64, most: most as i64 }
    }

    pub(crate) fn run<E: Effect>(self, db: &Writer<'_, E>, id: i64) -> Result<()> {
        let Self { source, target, most } = self;
        let (from, to) = (balance(db, source)?, balance(db, target)?);
        let amount = most.min(from);
        let mut set = db.prepare_cached("UPDATE account SET balance = ?2 WHERE id = ?1")?;
        set.execute([source, from - amount])?;
        set.execute([target, to + amount])?;
        db.prepare_cached(
            "INSERT INTO transfer (id, source, target, amount) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute([id, source, target, amount])?;
        Ok(())
    }
}

#[reader]
fn balance(db: &Reader, account: i64) -> Result<i64> {
    let mut asks = db.prepare_cached("SELECT balance FROM account WHERE id = ?1")?;
    Ok(asks.query_row([account], |row| row.get(0))?)
}

/// What a reader has seen of the bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// How far the history went.
    pub(crate) position: i64,
    pub(crate) transfers: i64,
    pub(crate) total: i64,
    pub(crate) weighed: i64,
}

/// Asks for one account after another, so that all of it is of one moment only in a
/// snapshot.
#[reader]
pub(crate) fn look(db: &Reader) -> Result<Seen> {
    let mut seen = Seen { position: number(db, POSITION)?, ..Seen::default() };
    let mut asks = db.prepare_cached("SELECT balance, weight FROM account WHERE id = ?1")?;
    for account in 0..ACCOUNTS {
        let (balance, weight): (i64, i64) =
            asks.query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
        seen.total += balance;
        seen.weighed += balance * weight;
    }
    seen.transfers = number(db, "SELECT coalesce(max(position), 0) FROM transfer")?;
    Ok(seen)
}

/// The same by one statement, without a transaction around it.
#[reader(autocommit)]
pub(crate) fn glance(db: &Reader) -> Result<Seen> {
    let mut asks = db.prepare_cached(
        "SELECT coalesce((SELECT max(position) FROM history), 0),
            coalesce((SELECT max(position) FROM transfer), 0),
            sum(balance), sum(balance * weight) FROM account",
    )?;
    Ok(asks.query_row([], |row| {
        Ok(Seen {
            position: row.get(0)?,
            transfers: row.get(1)?,
            total: row.get(2)?,
            weighed: row.get(3)?,
        })
    })?)
}

pub(crate) const POSITION: &str = "SELECT coalesce(max(position), 0) FROM history";

pub(crate) fn number(conn: &Connection, sql: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

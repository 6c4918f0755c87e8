//! Twins of `retry/effect_says_once`, `writer/effect_says_idempotent`,
//! `writer/effect_is_generic` and `signature/handle_with_lifetime`.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use db_core::effect::{Idempotent, Once};
use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn again(db: &Writer<'_, Idempotent>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[writer]
fn once(db: &Writer<'_, Once>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    again(db)
}

#[writer]
fn elided(db: &Writer<'_>) -> Result<()> {
    once(db)
}

#[reader]
fn get<'a>(db: &'a Reader<'_>, sku: &'a str) -> Result<&'a str> {
    db.query_row("SELECT 1", (), |_| Ok(()))?;
    Ok(sku)
}

fn main() {}

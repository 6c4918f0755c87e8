//! The file from outside: where it is, and what is beside it.

use db_core::rusqlite;

use super::{Check, Level};
use crate::failure::Failure;
use crate::human::bytes;
use crate::look::{Kind, Look};
use crate::open::Reading;

pub(super) const FILE: &str = "file";
pub(super) const NAME: &str = "place";
const FILES: &str = "files beside it";

/// What can be seen without opening it.
pub(super) fn checks(look: &Look) -> Vec<Check> {
    if look.is_emptied() {
        // Why it can't be opened is told then.
        return Vec::new();
    }
    let mut checks = vec![match look.kind {
        Kind::Empty => Check::new(Level::Note, FILE, "it is empty: a database with nothing in it"),
        _ => Check::new(Level::Ok, FILE, format!("an SQLite database of {}", bytes(look.bytes))),
    }];
    checks.extend(beside(look));
    checks
}

fn beside(look: &Look) -> Option<Check> {
    let path = look.path.display();
    if look.journal {
        let holders = db_core::lock_holders(&look.path);
        return Some(if holders.is_told && holders.writers.is_empty() {
            Check::of_failure(FILES, Failure::unfinished(&look.path))
        } else {
            Check::new(Level::Note, FILES, format!("{path}-journal: a transaction is under way"))
        });
    }
    if look.shm && look.wal.is_none() {
        let what = format!("{path}-shm is left of a program that was killed");
        let advice = "nothing: SQLite removes it when the database is closed the next time";
        return Some(Check::new(Level::Note, FILES, what).advise(advice));
    }
    None
}

/// What the library has to say of the place, and of this SQLite.
pub(super) fn told(file: &Reading) -> Vec<Check> {
    let told = file.told();
    if told.is_empty() {
        let what = format!("a local drive, as far as can be told; SQLite {}", rusqlite::version());
        return vec![Check::new(Level::Ok, NAME, what)];
    }
    let check = |told: crate::open::Told| {
        let mut check = Check::new(Level::Problem, NAME, told.what);
        check.advice = told.advice;
        check
    };
    told.into_iter().map(check).collect()
}

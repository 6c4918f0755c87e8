//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

pub const HELP: &str = "\
Replays the Northwind order book (830 orders, 1996 to 1998) as a shop in an SQLite file.

Customers come in groups of ten, every 60 ms: so the show takes about five seconds.
Clerk threads sell to them, and restock what is short; readers watch the shelves; and a
connection that knows nothing of db-core holds the write lock for 300 ms every second.

Usage: cargo run --example inventory -- [OPTIONS]

Options:
  --db PATH     keep the shop in this file (default: a temporary one)
  --clerks N    clerk threads, 1 to 256 (default: 8)
  --naive       plain rusqlite connections that wait for no lock: a clerk who meets
                `database is locked` loses the order
  -h, --help    this text

Exit status: 0 if every check passed, 1 if one failed (with --naive it will),
2 if the shop could not be opened or run.
";

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    Run(Args),
    Help,
}

#[derive(Debug)]
pub struct Args {
    pub db: Option<PathBuf>,
    pub clerks: usize,
    pub naive: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    #[error("there is no option `{0}`; the options are --db PATH, --clerks N, --naive and --help")]
    Unknown(String),
    #[error("`{0}` is no option; to keep the shop in that file write `--db {0}`")]
    Stray(String),
    #[error("`{option}` needs {what} after it")]
    Missing { option: &'static str, what: &'static str },
    #[error("`--clerks` is a number from 1 to 256, not `{0}`")]
    Clerks(String),
    #[error("`--naive` takes no value, leave out `{0}`")]
    Value(String),
    #[error("`{0}` is given twice")]
    Twice(&'static str),
}

pub fn parse(mut given: impl Iterator<Item = OsString>) -> Result<Asked, ArgsError> {
    let (mut db, mut clerks, mut naive) = (None, None, None);
    while let Some(arg) = given.next() {
        let (name, value) = split(&arg);
        match name {
            "-h" | "--help" => return Ok(Asked::Help),
            "--db" => {
                let path = operand("--db", "a PATH", value, &mut given)?;
                once("--db", &mut db, PathBuf::from(path))?;
            }
            "--clerks" => {
                let number = operand("--clerks", "a number", value, &mut given)?;
                once("--clerks", &mut clerks, number_of_clerks(&number)?)?;
            }
            "--naive" => {
                if let Some(value) = value {
                    return Err(ArgsError::Value(value.to_string_lossy().into_owned()));
                }
                once("--naive", &mut naive, ())?;
            }
            _ => {
                let arg = arg.to_string_lossy().into_owned();
                return Err(if arg.starts_with('-') {
                    ArgsError::Unknown(arg)
                } else {
                    ArgsError::Stray(arg)
                });
            }
        }
    }
    Ok(Asked::Run(Args { db, clerks: clerks.unwrap_or(8), naive: naive.is_some() }))
}

/// `--db=shop.db` is `--db shop.db`.
fn split(arg: &OsStr) -> (&str, Option<OsString>) {
    // What isn't UTF-8 is no option of ours, and is told so.
    let text = arg.to_str().unwrap_or_default();
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value.into())),
        None => (text, None),
    }
}

/// The option's value: after its `=`, or else the next argument.
fn operand(
    option: &'static str,
    what: &'static str,
    value: Option<OsString>,
    rest: &mut impl Iterator<Item = OsString>,
) -> Result<OsString, ArgsError> {
    value
        .or_else(|| rest.next())
        .filter(|value| !value.is_empty() && !value.as_encoded_bytes().starts_with(b"--"))
        .ok_or(ArgsError::Missing { option, what })
}

fn number_of_clerks(value: &OsStr) -> Result<usize, ArgsError> {
    let number = value.to_str().and_then(|text| text.parse().ok());
    number
        .filter(|clerks| (1..=256).contains(clerks))
        .ok_or_else(|| ArgsError::Clerks(value.to_string_lossy().into_owned()))
}

fn once<T>(option: &'static str, place: &mut Option<T>, value: T) -> Result<(), ArgsError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ArgsError::Twice(option)),
    }
}

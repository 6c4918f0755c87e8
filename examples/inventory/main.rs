//! A shop that replays the Northwind order book: many clerks sell and restock at once,
//! readers watch the shelves, and a program that knows nothing of db-core keeps locking
//! the file.
//!
//! Start with `shop.rs`: it is all that the shop has to write about its database.
//! `naive.rs` is the same without db-core, and loses orders (`--naive`).

mod args;
mod audit;
mod book;
mod clock;
mod file;
mod foreign;
mod naive;
mod progress;
mod report;
mod run;
mod shop;
mod till;

use std::process::ExitCode;

use args::{Args, Asked};
use audit::Left;
use db_core::{IntegrityCheck, Options, active_connections};
use shop::ShopError;

fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os().skip(1)) {
        Ok(Asked::Run(args)) => args,
        Ok(Asked::Help) => {
            report::print(args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("inventory: {error}\nTry `cargo run --example inventory -- --help`.");
            return ExitCode::from(2);
        }
    };
    match replay(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("inventory: {}", whole_text(&error));
            ExitCode::from(2)
        }
    }
}

/// What an error of db-core is told as: what happened, what it may mean, what to do.
fn whole_text(error: &anyhow::Error) -> String {
    match error.downcast_ref() {
        Some(ShopError::Database(error)) => error.report(),
        _ => match error.downcast_ref::<db_core::Error>() {
            Some(error) => error.report(),
            None => format!("{error:#}"),
        },
    }
}

/// Replays the book, prints the table, and says whether every check passed.
fn replay(args: &Args) -> anyhow::Result<bool> {
    let book = book::read()?;
    let file = file::choose(args.db.as_deref())?;
    let before = active_connections();

    let db = Options::new()
        .migrations(shop::SCHEMA)
        .startup_check(IntegrityCheck::Quick)
        .check_before_commit(&shop::invariants())
        .open(file.path())?;
    shop::fill_shelves(&db, &book.products)?;
    let (told, stats) = if args.naive {
        let open = || naive::connect(file.path());
        (run::run(args, &book, file.path(), open)?, None)
    } else {
        let open = || Ok::<_, db_core::Error>(db.clone());
        let told = run::run(args, &book, file.path(), open)?;
        (told, Some(db.stats()))
    };

    let refused = shop::place_nothing(&db, "NOBODY", "1998-05-06").err();
    let findings = db.verify(IntegrityCheck::Full)?;
    let audit = audit::audit(&db)?;
    let after = active_connections();
    db.close()?;
    let left = Left { before, after, open: db.stats().connections };
    let mut checks = audit::check(&book, &audit, &told, &left);
    checks.extend([audit::sound(&findings), audit::refused(refused.as_ref())]);
    report::print(&report::table(args, &book, &audit, &told, stats, &checks));
    if let Some(kept) = &args.db {
        report::print(&format!("\nThe shop is kept in {}\n", kept.display()));
    }
    Ok(checks.iter().all(|check| check.passed))
}

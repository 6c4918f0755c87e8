//! Five ways to keep a lock, and what the user reads about each: a guard that was
//! forgotten, a long import, an importer in another process, a shell with a `BEGIN
//! IMMEDIATE`, a reader that keeps the log from being reset.
//!
//! `cargo run --example who_holds_it`
//!
//! Start with `scenes.rs`; `shop.rs` is the application, `others.rs` the other processes.

mod others;
mod scenes;
mod shop;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The other processes of the show are this program too.
    let mut args = std::env::args_os().skip(1);
    let played = match (args.next(), args.next()) {
        (None, _) => scenes::play(),
        (Some(part), Some(file)) if part == others::IMPORTER => others::import(file.as_ref()),
        (Some(part), Some(file)) if part == others::SHELL => others::hold(file.as_ref()),
        _ => {
            eprintln!("who_holds_it: takes no arguments; `cargo run --example who_holds_it`");
            return ExitCode::from(2);
        }
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("who_holds_it: {error:#}");
            ExitCode::FAILURE
        }
    }
}

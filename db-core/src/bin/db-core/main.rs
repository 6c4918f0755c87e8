//! The command `db-core`, for the person on call: looks after any SQLite database.
//!
//! Here it is only decided which file does the work. `args` says what can be asked, `look`
//! and `open` how a file is met without being changed, `failure` and `exit` how it ends,
//! `output` how it is told, `usage` how a mistake in the call is.

mod args;
mod backup;
mod checkpoint;
mod doctor;
mod exit;
mod failure;
mod finding;
mod holder;
mod human;
mod locks;
mod look;
mod open;
mod optimize;
mod output;
mod panics;
mod progress;
mod reindex;
mod restore;
mod stats;
mod target;
mod usage;
mod vacuum;
mod verify;

use std::process::ExitCode;

use args::{Arguments, Command};
use clap::Parser;

fn main() -> ExitCode {
    panics::keep_quiet_about_names();
    let args = match Arguments::try_parse() {
        Ok(args) => args,
        Err(error) => return usage::tell(&error).into(),
    };
    let common = args.common();
    let done = match &args.command {
        Command::Verify(args) => verify::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Vacuum(args) => vacuum::run(args),
        Command::Reindex(args) => reindex::run(args),
        Command::Optimize(args) => optimize::run(args),
        Command::Checkpoint(args) => checkpoint::run(args),
        Command::Stats(args) => stats::run(args),
        Command::Locks(args) => locks::run(args),
        Command::Doctor(args) => doctor::run(args),
    };
    output::give(&common, done).into()
}

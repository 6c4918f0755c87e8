//! What can be asked of the command.
//!
//! `help` holds the longer texts.

mod help;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::human::duration;

#[derive(Debug, Parser)]
#[command(
    name = "db-core",
    version,
    about = "Looks after an SQLite database: checks, backups, upkeep, and who holds its locks",
    long_about = help::ALL,
    after_help = help::SHORT,
    after_long_help = help::ALL_AFTER,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check whether the database is whole
    #[command(long_about = help::VERIFY, after_long_help = help::VERIFY_AFTER)]
    Verify(Verify),
    /// Copy the database while others go on using it
    #[command(long_about = help::BACKUP, after_long_help = help::BACKUP_AFTER)]
    Backup(Backup),
    /// Put a backup in the place of the database
    #[command(long_about = help::RESTORE, after_long_help = help::RESTORE_AFTER)]
    Restore(Restore),
    /// Rewrite the database without its free pages
    #[command(long_about = help::VACUUM, after_long_help = help::VACUUM_AFTER)]
    Vacuum(Vacuum),
    /// Build all indexes anew from their tables
    #[command(long_about = help::REINDEX, after_long_help = help::REINDEX_AFTER)]
    Reindex(Upkeep),
    /// Let SQLite renew the statistics that it plans queries by
    #[command(long_about = help::OPTIMIZE, after_long_help = help::OPTIMIZE_AFTER)]
    Optimize(Upkeep),
    /// Carry the log (FILE-wal) into the database
    #[command(long_about = help::CHECKPOINT, after_long_help = help::CHECKPOINT_AFTER)]
    Checkpoint(Checkpoint),
    /// Show size, settings, and what tables and indexes take
    #[command(long_about = help::STATS, after_long_help = help::STATS_AFTER)]
    Stats(Stats),
    /// Show which processes hold locks on the database
    #[command(long_about = help::LOCKS, after_long_help = help::LOCKS_AFTER)]
    Locks(Locks),
    /// Run all checks at once, and say of each what to do
    #[command(long_about = help::DOCTOR, after_long_help = help::DOCTOR_AFTER)]
    Doctor(Doctor),
}

/// How the answer is given.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// Print one JSON document, also for errors, and nothing else on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// How long to wait.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// How long to wait for locks of others: 500ms, 10s, 2m; 0s doesn't wait
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The database
    pub(crate) file: PathBuf,
    /// Leave out what takes longest: comparing each index with its table, and UNIQUE
    #[arg(long)]
    pub(crate) quick: bool,
    /// Check everything (this is the default)
    #[arg(long, conflicts_with = "quick")]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The database
    pub(crate) file: PathBuf,
    /// The backup: a path; an older backup there is replaced once the new one is whole
    pub(crate) to: PathBuf,
    /// Replace TO also if it is another file than a backup, or looks like a database in use
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup; it is only read
    pub(crate) backup: PathBuf,
    /// The database that it is to replace; it need not exist
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Vacuum {
    /// The database
    pub(crate) file: PathBuf,
    /// Write the compact copy to this new file, and leave FILE as it is
    #[arg(long, value_name = "NEW")]
    pub(crate) into: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

/// What has only a file.
#[derive(Debug, Args)]
pub(crate) struct Upkeep {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    /// The database
    pub(crate) file: PathBuf,
    /// How far to go
    #[arg(long, value_enum, default_value_t = Mode::Truncate)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Carry over what can be without waiting for anybody
    Passive,
    /// Wait for writers, and carry over all
    Full,
    /// And wait for readers, so that the log is used again from its beginning
    Restart,
    /// And cut the log to nothing
    Truncate,
}

#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// The database
    pub(crate) file: PathBuf,
    /// Leave out rows and bytes of tables: for them the whole file has to be read
    #[arg(long)]
    pub(crate) brief: bool,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Locks {
    /// The database
    pub(crate) file: PathBuf,
    /// Look again and again, until Ctrl-C; with --json one line for each look
    #[arg(long)]
    pub(crate) watch: bool,
    /// How long to pause between two looks
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration, requires = "watch")]
    pub(crate) interval: Duration,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The database
    pub(crate) file: PathBuf,
    /// Check everything, as `verify` does, instead of what is quick
    #[arg(long)]
    pub(crate) full: bool,
    /// The folder with the backups of this database: tells the newest, its age, and if it opens
    #[arg(long, value_name = "DIR")]
    pub(crate) backups: Option<PathBuf>,
    /// From what age the newest backup is too old: 90m, 12h, 2d
    #[arg(long, value_name = "TIME", default_value = "1d", value_parser = duration, requires = "backups")]
    pub(crate) max_age: Duration,
    #[command(flatten)]
    pub(crate) wait: Wait,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

/// What every subcommand has.
pub(crate) struct Common {
    pub(crate) command: &'static str,
    pub(crate) file: PathBuf,
    pub(crate) json: bool,
}

impl Arguments {
    pub(crate) fn common(&self) -> Common {
        let (command, file, answer): (_, &Path, &Answer) = match &self.command {
            Command::Verify(args) => ("verify", &args.file, &args.answer),
            Command::Backup(args) => ("backup", &args.file, &args.answer),
            Command::Restore(args) => ("restore", &args.file, &args.answer),
            Command::Vacuum(args) => ("vacuum", &args.file, &args.answer),
            Command::Reindex(args) => ("reindex", &args.file, &args.answer),
            Command::Optimize(args) => ("optimize", &args.file, &args.answer),
            Command::Checkpoint(args) => ("checkpoint", &args.file, &args.answer),
            Command::Stats(args) => ("stats", &args.file, &args.answer),
            Command::Locks(args) => ("locks", &args.file, &args.answer),
            Command::Doctor(args) => ("doctor", &args.file, &args.answer),
        };
        Common { command, file: file.to_owned(), json: answer.json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declarations_fit_together() {
        Arguments::command().debug_assert();
    }
}

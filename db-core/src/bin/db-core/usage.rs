//! What is said when the command is called wrongly, and when it is asked for help.

use std::ffi::{OsStr, OsString};

use clap::CommandFactory;
use serde_json::json;

use crate::args::Arguments;
use crate::exit::Status;
use crate::failure::Failure;
use crate::output;

/// Tells the help that was asked for, or what is wrong; how to end.
pub(crate) fn tell(error: &clap::Error) -> Status {
    let text = error.render().to_string();
    if !error.use_stderr() {
        return output::answer(&text, Status::Done);
    }
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    if !args.iter().any(|arg| arg == OsStr::new("--json")) {
        let _ = error.print();
        return Status::Usage;
    }
    let failure = failure(&text);
    let document = json!({
        "command": command(&args),
        "file": null,
        "ok": false,
        "status": Status::Usage.number(),
        "error": output::as_json(&failure),
    });
    output::complain(&failure);
    output::answer(&format!("{document}\n"), Status::Usage)
}

/// What is wrong stands before the first empty line, and how it is called after it.
fn failure(text: &str) -> Failure {
    let (wrong, how) = text.split_once("\n\n").unwrap_or((text, ""));
    let wrong: Vec<_> = wrong.lines().map(str::trim).collect();
    let how = how.lines().map(str::trim).filter(|line| !line.is_empty());
    Failure {
        status: Status::Usage,
        kind: "usage",
        message: wrong.join(" ").trim_start_matches("error: ").to_owned(),
        advice: how.map(str::to_owned).collect(),
    }
}

/// Which subcommand was meant, if that was one.
fn command(args: &[OsString]) -> Option<String> {
    let all = Arguments::command();
    let named = args.iter().filter_map(|arg| arg.to_str()).find(|arg| !arg.starts_with('-'))?;
    all.find_subcommand(named).map(|command| command.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_in_one_line() {
        let text = "error: these were not provided:\n  <FILE>\n\nUsage: db-core verify <FILE>\n\nFor more\n";
        let failure = failure(text);
        assert_eq!(failure.message, "these were not provided: <FILE>");
        assert_eq!(failure.advice, ["Usage: db-core verify <FILE>", "For more"]);
    }

    #[test]
    fn the_subcommand_that_was_meant_is_known() {
        let args = |words: &[&str]| words.iter().map(Into::into).collect::<Vec<OsString>>();
        assert_eq!(command(&args(&["--json", "verify"])).as_deref(), Some("verify"));
        assert_eq!(command(&args(&["unknown", "verify"])), None);
    }
}

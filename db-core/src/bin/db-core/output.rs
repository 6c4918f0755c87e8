//! How the command answers: text for people, or one JSON document.
//!
//! Answers go to stdout in one piece, so that none is cut in the middle; errors go to stderr.
//! Whoever stops reading (`| head`) is not a reason to fail.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::Common;
use crate::exit::Status;
use crate::failure::Failure;

/// What a subcommand has to say.
pub(crate) struct Answer {
    pub(crate) status: Status,
    /// For people; lines that end in a line feed.
    pub(crate) text: String,
    /// For programs: an object.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn done(text: impl Into<String>, json: &impl Serialize) -> Self {
        Self::with(Status::Done, text, json)
    }

    pub(crate) fn with(status: Status, text: impl Into<String>, json: &impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self { status, text: text.into(), json }
    }
}

/// Tells how it went, and returns how to end.
pub(crate) fn give(common: &Common, done: Result<Answer, Failure>) -> Status {
    match done {
        Ok(answer) => {
            if common.json {
                print(&document(common.command, &common.file, answer.status, &answer.json));
            } else {
                print(&answer.text);
            }
            answer.status
        }
        Err(failure) => {
            complain(&failure);
            if common.json {
                let error = json!({ "error": failure_as_json(&failure) });
                print(&document(common.command, &common.file, failure.status, &error));
            }
            failure.status
        }
    }
}

/// One line of JSON, with what each has.
pub(crate) fn document(command: &str, file: &Path, status: Status, answer: &Value) -> String {
    let mut all = Map::new();
    all.insert("command".to_owned(), json!(command));
    all.insert("file".to_owned(), json!(file.to_string_lossy()));
    all.insert("ok".to_owned(), json!(status == Status::Done));
    all.insert("status".to_owned(), json!(status.number()));
    if let Value::Object(answer) = answer {
        all.extend(answer.clone());
    }
    format!("{}\n", Value::Object(all))
}

/// How the command was called wrongly, for programs.
pub(crate) fn usage_as_json(error: &clap::Error) {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failure = Failure {
        status: Status::Usage,
        kind: "usage",
        message,
        advice: lines.map(str::to_owned).collect(),
    };
    let error = json!({
        "command": null,
        "file": null,
        "ok": false,
        "status": Status::Usage.number(),
        "error": failure_as_json(&failure),
    });
    print(&format!("{error}\n"));
    complain(&failure);
}

fn failure_as_json(failure: &Failure) -> Value {
    json!({ "kind": failure.kind, "message": failure.message, "advice": failure.advice })
}

/// One sentence, with what to do beneath.
fn complain(failure: &Failure) {
    let mut text = format!("db-core: {}\n", failure.message);
    for line in &failure.advice {
        text += &format!("  {line}\n");
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to stdout; whether somebody still reads there.
pub(crate) fn print(text: &str) -> bool {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_ok()
}

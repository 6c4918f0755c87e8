//! How the command answers: text for people, or one JSON document.
//!
//! Answers go to stdout in one piece, so that none is cut in the middle; errors go to stderr.
//! Whoever stops reading (`| head`) is not a reason to fail.

use std::io::{self, ErrorKind, Write};
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
            let status = answer.status;
            let text = if common.json {
                document(common.command, &common.file, status, &answer.json)
            } else {
                answer.text
            };
            self::answer(&text, status)
        }
        Err(failure) => {
            complain(&failure);
            if !common.json {
                return failure.status;
            }
            let error = json!({ "error": as_json(&failure) });
            let told = document(common.command, &common.file, failure.status, &error);
            self::answer(&told, failure.status)
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

pub(crate) fn as_json(failure: &Failure) -> Value {
    json!({ "kind": failure.kind, "message": failure.message, "advice": failure.advice })
}

/// One sentence, with what to do beneath.
pub(crate) fn complain(failure: &Failure) {
    let mut text = format!("db-core: {}\n", failure.message);
    for line in &failure.advice {
        text += &format!("  {line}\n");
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to stdout; `status` is how to end if that goes well.
pub(crate) fn answer(text: &str, status: Status) -> Status {
    match print(text) {
        Ok(_) => status,
        Err(failure) => {
            complain(&failure);
            // What was found is worth more than that it could not be told.
            if status == Status::Done { failure.status } else { status }
        }
    }
}

/// Writes to stdout; whether somebody still reads there.
pub(crate) fn print(text: &str) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::unheard(&error)),
    }
}

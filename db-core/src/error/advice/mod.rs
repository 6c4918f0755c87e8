//! The longer half of an error: what it may mean, and what to do.

mod backup;
mod body;
mod file;
mod waiting;
mod warnings;

pub(super) use backup::*;
pub(super) use body::*;
pub(super) use file::*;
pub(super) use waiting::*;
pub(super) use warnings::*;

use std::fmt;

/// Two lists, each with its heading; an empty one is left out.
pub(super) struct Advice {
    why: (&'static str, &'static [&'static str]),
    act: (&'static str, &'static [&'static str]),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, lines) in [self.why, self.act] {
            if lines.is_empty() {
                continue;
            }
            write!(f, "\n\n{heading}:")?;
            for line in lines {
                write!(f, "\n  - {line}")?;
            }
        }
        Ok(())
    }
}

const fn advice(why: &'static [&'static str], act: &'static [&'static str]) -> Advice {
    Advice { why: ("May occur if", why), act: ("Action", act) }
}

const fn action(act: &'static [&'static str]) -> Advice {
    advice(&[], act)
}

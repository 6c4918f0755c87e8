//! Another process of this machine, as its users would recognise it.

use std::fmt;

/// Another process that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherProcess {
    /// Its process id.
    pub id: u32,
    /// The name of its program, if it can be known.
    pub program: Option<String>,
    /// Whether it is stopped: by SIGSTOP, by Ctrl-Z, or by a debugger.
    pub stopped: bool,
    /// Whether it has ended: then a process that was forked from it while it had the
    /// database open keeps its place, until that one ends too.
    pub ended: bool,
}

impl OtherProcess {
    /// What the system tells of it: <https://man7.org/linux/man-pages/man5/proc.5.html>
    #[cfg(target_os = "linux")]
    pub(crate) fn describe(id: u32) -> Self {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}")).ok();
        let exe = std::fs::read_link(format!("/proc/{id}/exe")).ok();
        let program = exe.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let program = program.or_else(|| Some(read("comm")?.trim_end().to_owned()));
        // The state follows the name, which may have any character in it.
        let stat = read("stat").unwrap_or_default();
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        let ended = matches!(state, None | Some('Z' | 'X'));
        Self { id, program, stopped: matches!(state, Some('T' | 't')), ended }
    }
}

impl fmt::Display for OtherProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.id)?;
        if let Some(program) = &self.program {
            write!(f, " (`{program}`)")?;
        }
        if self.stopped {
            write!(f, ", which is stopped: `kill -CONT {}` lets it go on", self.id)?;
        }
        if self.ended {
            f.write_str(", which has ended, but was forked with the database open: a child of it keeps its place")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_process_is_told_how_to_go_on() {
        let process =
            OtherProcess { id: 7, program: Some("shop".into()), stopped: true, ended: false };
        let text = "process 7 (`shop`), which is stopped: `kill -CONT 7` lets it go on";
        assert_eq!(process.to_string(), text);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_a_name_and_is_not_stopped() {
        let this = OtherProcess::describe(std::process::id());
        assert!(this.program.is_some() && !this.stopped && !this.ended, "{this}");
    }
}

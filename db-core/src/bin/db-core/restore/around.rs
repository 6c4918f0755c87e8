//! What is told of a restore besides: what was moved with the old file, whose the new one is,
//! and who may still have the old one open.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::human::typed;

/// What the library calls a file that it has put aside: `shop.db.replaced-20260131T235959Z`.
const KEPT: &str = ".replaced-";

/// The place of a database before something is restored there.
pub(super) struct Before {
    file: Option<(u64, u64)>,
    owner: Option<(u32, u32)>,
    logs: BTreeSet<PathBuf>,
}

impl Before {
    pub(super) fn at(file: &Path) -> Self {
        Self { file: identity(file), owner: owner(file), logs: kept_logs(file) }
    }

    /// Whether it is another file now, and not the same one with another content.
    pub(super) fn is_replaced(&self, file: &Path) -> bool {
        self.file.is_none() || self.file != identity(file)
    }

    /// The logs that were moved away since.
    pub(super) fn moved_logs(&self, file: &Path) -> Vec<PathBuf> {
        kept_logs(file).difference(&self.logs).cloned().collect()
    }

    /// Who has it now, if that is another user or group than before; and what gives it back.
    pub(super) fn new_owner(&self, file: &Path, kept: Option<&Path>) -> Option<String> {
        let ((was, of), (is, its)) = (self.owner?, owner(file)?);
        if (was, of) == (is, its) {
            return None;
        }
        let give = format!("chown --reference={} {}", typed(kept?), typed(file));
        Some(format!(
            "it belongs to user {is} and group {its} now, and did to user {was} and group {of}: {give}"
        ))
    }
}

/// The logs beside old files of this database that are kept.
fn kept_logs(file: &Path) -> BTreeSet<PathBuf> {
    let file = fs::canonicalize(file).unwrap_or_else(|_missing| file.to_owned());
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(KEPT);
    let is_log = |found: &OsStr| {
        let found = found.as_encoded_bytes();
        found.starts_with(name.as_encoded_bytes())
            && (found.ends_with(b"-wal") || found.ends_with(b"-journal"))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| is_log(&entry.file_name())).map(|entry| entry.path()).collect()
}

#[cfg(unix)]
fn identity(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(_file: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn owner(file: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).ok().map(|meta| (meta.uid(), meta.gid()))
}

#[cfg(not(unix))]
fn owner(_file: &Path) -> Option<(u32, u32)> {
    None
}

/// Whether there are programs of which this user can't see what they have open.
#[cfg(target_os = "linux")]
pub(super) fn somebody_is_unseen() -> bool {
    use std::io::ErrorKind;

    let is_process = |name: &OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let is_unseen = |process: &Path| {
        let open = fs::read_dir(process.join("fd"));
        let denied = open.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
        // The kernel's own threads were started with nothing, and open no database.
        denied && fs::read(process.join("cmdline")).is_ok_and(|words| !words.is_empty())
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut processes = processes.filter(|entry| is_process(&entry.file_name()));
    // Some systems don't even show that others' processes are there.
    !Path::new("/proc/1").exists() || processes.any(|entry| is_unseen(&entry.path()))
}

/// Elsewhere the system does not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn somebody_is_unseen() -> bool {
    true
}

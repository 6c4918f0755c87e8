//! What is looked at before a database is opened: circumstances under which it would work,
//! and not for long. Each is a warning, or with `Options::strict` an error.

use std::path::{Path, PathBuf};

use super::Engine;
use crate::error::{Error, Result, Warning};
use crate::file_system::Drive;
use crate::holder::Holder;
use crate::options::{JournalMode, Options};
use crate::site::Site;
use crate::watch::{Body, Frame, Inside};

/// Looks at the program's SQLite, and at the place of the file.
pub(super) fn circumstances(path: &Path, options: &Options) -> Result<()> {
    journal(options)?;
    if let Some(library) = second_sqlite() {
        say(options, Warning::SecondSqlite { library })?;
    }
    let path = || path.to_owned();
    // A new file has no drive before it is there.
    let file = std::fs::canonicalize(path());
    let folder = file.as_ref().map_or_else(|_| path(), Clone::clone).parent().map(Path::to_owned);
    let Some(folder) = folder else { return Ok(()) };
    if let Drive::Network(file_system) = Drive::of(file.as_ref().unwrap_or(&folder)) {
        say(options, Warning::NetworkDrive { path: path(), file_system })?;
    }
    if !options.read_only && !may_write(&folder) {
        say(options, Warning::ReadOnlyFolder { path: path() })?;
    }
    Ok(())
}

/// Looks at the program's SQLite, if there is to be a log.
pub(super) fn journal(options: &Options) -> Result<()> {
    let wal = options.journal_mode == JournalMode::Wal;
    if wal && may_reset_wal(rusqlite::version_number()) {
        say(options, Warning::WalResetBug { version: rusqlite::version() })?;
    }
    Ok(())
}

fn say(options: &Options, warning: Warning) -> Result<()> {
    if options.strict {
        return Err(Error::Strict(Box::new(warning)));
    }
    options.warn(&warning);
    Ok(())
}

/// Whether SQLite of that version has the WAL-reset bug:
/// <https://sqlite.org/wal.html#walresetbug>
fn may_reset_wal(version: i32) -> bool {
    let mended = [3_051_003..i32::MAX, 3_050_007..3_051_000, 3_044_006..3_045_000];
    !mended.iter().any(|versions| versions.contains(&version))
}

#[cfg(target_os = "linux")]
fn may_write(folder: &Path) -> bool {
    use rustix::io::Errno;
    let access = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK);
    !matches!(access, Err(Errno::ACCESS | Errno::PERM | Errno::ROFS))
}

/// Elsewhere the first write tells.
#[cfg(not(target_os = "linux"))]
fn may_write(_folder: &Path) -> bool {
    true
}

/// The library of another SQLite than this one, if one is loaded into this process.
#[cfg(target_os = "linux")]
fn second_sqlite() -> Option<PathBuf> {
    let ours: unsafe extern "C" fn() -> *const std::ffi::c_char = rusqlite::ffi::sqlite3_libversion;
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    other_library(&maps, ours as usize as u64)
}

/// Elsewhere it can't be told.
#[cfg(not(target_os = "linux"))]
fn second_sqlite() -> Option<PathBuf> {
    None
}

/// A library named as SQLite's that does not have our function in it, by a table such as
/// `7f00-7f80 r-xp 00000000 fe:01 42   /usr/lib/libsqlite3.so.0`.
/// <https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html>
#[cfg(any(target_os = "linux", test))]
fn other_library(maps: &str, ours: u64) -> Option<PathBuf> {
    let mapped = |line: &'_ str| {
        let (range, rest) = line.split_once(' ')?;
        let path = rest.get(rest.find('/')?..)?.to_owned();
        let name = path.rsplit('/').next()?;
        let is_sqlite = ["libsqlite3.so", "libsqlcipher.so"].iter().any(|so| name.starts_with(so));
        let (first, end) = range.split_once('-')?;
        let number = |hex| u64::from_str_radix(hex, 16).ok();
        is_sqlite.then_some((path, number(first)?..number(end)?))
    };
    let libraries: Vec<_> = maps.lines().filter_map(mapped).collect();
    let own = libraries.iter().find(|(_, range)| range.contains(&ours)).map(|(path, _)| path);
    let other = libraries.iter().find(|(path, _)| own != Some(path));
    other.map(|(path, _)| PathBuf::from(path))
}

impl Engine {
    /// The file can't be turned to a WAL, as somebody has it open. Whether to wait for them.
    pub(super) fn held_in_rollback_mode(&self, site: Site) -> Result<()> {
        let holder: Holder = self.lock_holders().of_a_lock(true);
        let warning = Warning::HeldInRollbackMode { path: self.path.clone(), holder };
        // The turn is this thread's: who hears it must not wait for it.
        let (place, body) = (self.lane_key(), Body::Writer);
        let _inside = Inside::enter(Frame { place, body, repeatable: false, site });
        say(&self.options, warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_the_bug_are_known() {
        for bad in [3_007_000, 3_044_005, 3_045_000, 3_050_006, 3_051_000, 3_051_002] {
            assert!(may_reset_wal(bad), "{bad}");
        }
        for good in [3_044_006, 3_050_007, 3_051_003, 3_052_000, 3_054_001] {
            assert!(!may_reset_wal(good), "{good}");
        }
    }

    const MAPS: &str = "\
5500-5600 r-xp 00000000 fe:01 1    /home/shop/target/shop
7f00-7f40 r--p 00000000 fe:01 42   /usr/lib/x86_64/libsqlite3.so.0.8.6
7f40-7f80 r-xp 00040000 fe:01 42   /usr/lib/x86_64/libsqlite3.so.0.8.6
7fa0-7fb0 rw-p 00000000 00:00 0    [heap]
";

    #[test]
    fn a_second_library_is_told_from_our_own() {
        let library = Some(PathBuf::from("/usr/lib/x86_64/libsqlite3.so.0.8.6"));
        assert_eq!(other_library(MAPS, 0x5512), library, "ours is compiled in");
        assert_eq!(other_library(MAPS, 0x7f42), None, "ours is that one");
        assert_eq!(other_library("5500-5600 r-xp 0 fe:01 1 /bin/shop", 0x5512), None);
        let both = format!("{MAPS}8000-8100 r-xp 0 fe:01 9  /opt/a b/libsqlcipher.so.1\n");
        assert_eq!(other_library(&both, 0x7f42), Some("/opt/a b/libsqlcipher.so.1".into()));
    }
}

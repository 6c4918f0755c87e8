//! Which process is inside the gate: the kernel's table of locks says so.
//! <https://man7.org/linux/man-pages/man5/proc_locks.5.html>

use super::turnstile::Turnstile;
use crate::other_process::OtherProcess;

#[cfg(target_os = "linux")]
pub(super) fn find(turnstile: &Turnstile) -> Option<OtherProcess> {
    use std::os::unix::fs::MetadataExt;
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    turnstile.files().into_iter().find_map(|file| {
        let meta = file.metadata().ok()?;
        let id = owner(&locks, meta.dev(), meta.ino())?;
        (id != std::process::id()).then(|| OtherProcess::describe(id))
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn find(_turnstile: &Turnstile) -> Option<OtherProcess> {
    None
}

/// Who has the `flock` of a file, by a table such as
/// `12: FLOCK  ADVISORY  WRITE 4711 fd:00:3145 0 EOF`. Who only waits has an arrow
/// before the word.
#[cfg(any(target_os = "linux", test))]
fn owner(locks: &str, device: u64, inode: u64) -> Option<u32> {
    // The kernel's way to put the two numbers of a device into one.
    let major = (device >> 8) & 0xfff | (device >> 32) & !0xfff;
    let minor = device & 0xff | (device >> 12) & !0xff;
    let holds = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let flock = words.next()? == "FLOCK";
        let id = words.nth(2)?.parse::<u32>().ok()?;
        let mut place = words.next()?.split(':');
        let mut number = |radix| u64::from_str_radix(place.next()?, radix).ok();
        let (on_major, on_minor, on_inode) = (number(16)?, number(16)?, number(10)?);
        // Of another pid namespace there is no number.
        let ours = flock && on_inode == inode && id != 0;
        ours.then_some((id, (on_major, on_minor) == (major, minor)))
    };
    let holders: Vec<_> = locks.lines().filter_map(holds).collect();
    if let Some((id, _)) = holders.iter().find(|(_, same_device)| *same_device) {
        return Some(*id);
    }
    // Some file systems give `stat` another device than they are mounted as: one that no
    // line names.
    let device = format!(" {major:02x}:{minor:02x}:");
    let unnamed = !locks.contains(&device);
    holders.first().filter(|_| unnamed).map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
1: POSIX  ADVISORY  WRITE 11 fd:00:3145 0 EOF
2: FLOCK  ADVISORY  WRITE 22 fe:01:3145 0 EOF
3: FLOCK  ADVISORY  WRITE 33 fd:00:3145 0 EOF
3: -> FLOCK  ADVISORY  WRITE 44 fd:00:3145 0 EOF
4: FLOCK  ADVISORY  WRITE 0 fd:00:77 0 EOF
";

    #[test]
    fn the_owner_is_found_by_device_and_inode() {
        assert_eq!(owner(TABLE, 0xfd00, 3145), Some(33));
        assert_eq!(owner(TABLE, 0xfe01, 3145), Some(22));
        assert_eq!(owner(TABLE, 0xfd00, 9), None);
    }

    #[test]
    fn without_the_device_the_inode_must_do_and_no_number_is_nobody() {
        assert_eq!(owner(TABLE, 0x1234, 3145), Some(22));
        let other = TABLE.replace("fd:00:3145", "fd:00:4");
        assert_eq!(owner(&other, 0xfd00, 3145), None, "of a device that others name");
        assert_eq!(owner(TABLE, 0xfd00, 77), None);
    }
}

//! The kernel's table of file locks.
//! <https://man7.org/linux/man-pages/man5/proc_locks.5.html>

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

/// More than the kernel gives at once.
const PAGE: usize = 1 << 16;

/// What is shorter is all of the table: there would have been room for more on its page.
const SHORT: usize = 3000;

/// How often a longer table is read.
const READS: usize = 12;

/// The table at one moment.
pub(crate) struct Table {
    text: String,
}

/// One lock of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) owner: u32,
    pub(crate) kind: Kind,
    pub(crate) writes: bool,
    /// The first byte and the last. Neighbouring locks of one owner are one.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a whole file, as std's `File::lock` takes.
    Flock,
    /// Of a range, as SQLite takes.
    Posix,
}

impl Table {
    /// `None` where there is none.
    ///
    /// The kernel gives it by the page, and only a page is of one moment: where a lock is let
    /// go between two, those behind it move up, and one may be in neither. So a longer table
    /// is read several times, and what is in one of them counts.
    pub(crate) fn read() -> Option<Self> {
        let mut text = Vec::new();
        for _ in 0..READS {
            read_pages(&mut text).ok()?;
            if text.len() < SHORT {
                break;
            }
        }
        Some(Self { text: String::from_utf8_lossy(&text).into_owned() })
    }

    /// The locks that processes have on a file; who only waits has an arrow before the
    /// word, and is left out. Of a process in another pid namespace nothing is told.
    pub(crate) fn of(&self, file: &Metadata) -> Vec<Entry> {
        self.of_numbers(file.dev(), file.ino())
    }

    fn of_numbers(&self, device: u64, inode: u64) -> Vec<Entry> {
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        let found: Vec<_> = self.text.lines().filter_map(|line| parse(line, inode)).collect();
        let here =
            |(place, entry): &((u32, u32), Entry)| (*place == (major, minor)).then_some(*entry);
        let same: Vec<_> = found.iter().filter_map(here).collect();
        // Some file systems give `stat` another device than they are mounted as: one that no
        // line names.
        let named = self.text.contains(&format!(" {major:02x}:{minor:02x}:"));
        if named || !same.is_empty() {
            return same;
        }
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// The number that the table has for this process. Another one than its own where `/proc` is
/// that of an outer pid namespace.
pub(crate) fn this_process() -> u32 {
    let told = std::fs::read_link("/proc/self").ok();
    let number = told.and_then(|path| path.to_str()?.parse().ok());
    number.unwrap_or_else(std::process::id)
}

/// Appends the table.
fn read_pages(text: &mut Vec<u8>) -> io::Result<()> {
    let (mut file, mut page) = (File::open("/proc/locks")?, vec![0; PAGE]);
    loop {
        match file.read(&mut page) {
            Ok(0) => return Ok(()),
            Ok(length) => text.extend_from_slice(&page[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A line such as `12: POSIX  ADVISORY  WRITE 4711 fd:00:3145 120 120`, if it is of that
/// inode: its device, and the lock.
fn parse(line: &str, inode: u64) -> Option<((u32, u32), Entry)> {
    let mut words = line.split_whitespace().skip(1);
    let kind = match words.next()? {
        "FLOCK" => Kind::Flock,
        "POSIX" => Kind::Posix,
        _ => return None,
    };
    let writes = words.nth(1)? == "WRITE";
    let owner = words.next()?.parse::<u32>().ok().filter(|owner| *owner != 0)?;
    let mut place = words.next()?.split(':');
    let mut device = || u32::from_str_radix(place.next()?, 16).ok();
    let (major, minor) = (device()?, device()?);
    let on_inode: u64 = place.next()?.parse().ok()?;
    let first = words.next()?.parse().ok()?;
    let last = words.next().map(|word| word.parse().unwrap_or(u64::MAX))?;
    let entry = Entry { owner, kind, writes, first, last };
    (on_inode == inode).then_some(((major, minor), entry))
}

impl Entry {
    /// Whether it covers one of these bytes.
    pub(crate) fn covers(&self, first: u64, last: u64) -> bool {
        self.first <= last && first <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
1: POSIX  ADVISORY  WRITE 11 fd:00:3145 120 121
2: FLOCK  ADVISORY  WRITE 22 fe:01:3145 0 EOF
3: FLOCK  ADVISORY  WRITE 33 fd:00:3145 0 EOF
3: -> FLOCK  ADVISORY  WRITE 44 fd:00:3145 0 EOF
4: FLOCK  ADVISORY  WRITE 0 fd:00:77 0 EOF
5: OFDLCK ADVISORY  READ -1 fd:00:3145 0 EOF
6: POSIX  ADVISORY  READ 55 fd:00:3145 123 123
7: LEASE
";

    fn owners(text: &str, device: u64, inode: u64) -> Vec<u32> {
        let table = Table { text: text.to_owned() };
        table.of_numbers(device, inode).iter().map(|entry| entry.owner).collect()
    }

    #[test]
    fn owners_are_found_by_device_and_inode() {
        assert_eq!(owners(TABLE, 0xfd00, 3145), [11, 33, 55]);
        assert_eq!(owners(TABLE, 0xfe01, 3145), [22]);
        assert!(owners(TABLE, 0xfd00, 9).is_empty());
    }

    #[test]
    fn without_the_device_the_inode_must_do_and_no_number_is_nobody() {
        assert_eq!(owners(TABLE, 0x1234, 3145), [11, 22, 33, 55]);
        let other = TABLE.replace("fd:00:3145", "fd:00:4");
        assert!(owners(&other, 0xfd00, 3145).is_empty(), "of a device that others name");
        assert!(owners(TABLE, 0xfd00, 77).is_empty());
    }

    #[test]
    fn neighbours_are_one_range() {
        let table = Table { text: TABLE.to_owned() };
        let entries = table.of_numbers(0xfd00, 3145);
        let both = entries[0];
        assert!(both.writes && both.kind == Kind::Posix);
        assert!(both.covers(120, 120) && both.covers(121, 121) && !both.covers(122, 127));
        assert_eq!((entries[1].first, entries[1].last), (0, u64::MAX));
    }
}

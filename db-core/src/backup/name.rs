//! How the backups of a folder are named.

use std::ffi::{OsStr, OsString};

use super::stamp;

/// `STEM-STAMP`, or `STEM-STAMP-NUMBER` for a second one in that second.
pub(super) struct Name<'n> {
    pub(super) stem: &'n [u8],
    pub(super) stamp: &'n [u8],
    pub(super) number: u32,
}

impl<'n> Name<'n> {
    /// As it is written.
    pub(super) fn file(
        stem: &OsStr,
        stamp: &str,
        number: u32,
        extension: Option<&OsStr>,
    ) -> OsString {
        let mut name = stem.to_owned();
        name.push("-");
        name.push(stamp);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        if let Some(extension) = extension {
            name.push(".");
            name.push(extension);
        }
        name
    }

    /// The later of two names is greater.
    pub(super) fn order(&self) -> (Vec<u8>, u32) {
        (self.stamp.to_vec(), self.number)
    }

    /// Without the extension.
    pub(super) fn parse(name: &'n [u8]) -> Option<Self> {
        let (head, last) = split_last(name)?;
        if stamp::is_one(last) {
            return Some(Self { stem: head, stamp: last, number: 1 });
        }
        let (stem, stamp) = split_last(head)?;
        let number: u32 = std::str::from_utf8(last).ok()?.parse().ok()?;
        let is_ours = stamp::is_one(stamp) && number > 1 && number.to_string().as_bytes() == last;
        is_ours.then_some(Self { stem, stamp, number })
    }
}

fn split_last(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = name.iter().rposition(|byte| *byte == b'-')?;
    Some((&name[..at], &name[at + 1..]))
}

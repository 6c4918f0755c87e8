//! Moments in the names of files: `20260131T235959Z`, in UTC. SQLite knows the calendar.
//! <https://sqlite.org/lang_datefunc.html>

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

/// The form, with a `0` for any digit.
const FORM: &[u8] = b"00000000T000000Z";

/// This moment.
pub(super) fn now() -> rusqlite::Result<String> {
    let sql = "SELECT strftime('%Y%m%dT%H%M%SZ', 'now')";
    Connection::open_in_memory()?.query_row(sql, [], |row| row.get(0))
}

/// Whether this is a moment.
pub(super) fn is_one(text: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        letter => byte == letter,
    };
    text.len() == FORM.len() && text.iter().zip(FORM).all(fits)
}

/// Tells the moments that names speak of.
pub(super) struct Calendar(Connection);

impl Calendar {
    pub(super) fn open() -> rusqlite::Result<Self> {
        Connection::open_in_memory().map(Self)
    }

    pub(super) fn moment(&self, stamp: &[u8]) -> Option<SystemTime> {
        let stamp = std::str::from_utf8(stamp).ok()?;
        let part = |from: usize, to: usize| stamp.get(from..to);
        let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let time = format!("{}:{}:{}", part(9, 11)?, part(11, 13)?, part(13, 15)?);
        let sql = "SELECT unixepoch(?1)";
        let row = self.0.query_row(sql, [format!("{date} {time}")], |row| row.get::<_, i64>(0));
        Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(row.ok()?).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_comes_back_as_it_was() {
        let calendar = Calendar::open().unwrap();
        let moment = |stamp: &str| calendar.moment(stamp.as_bytes());
        let there = UNIX_EPOCH + Duration::from_secs(1_795_835_527);
        assert_eq!(moment("20261128T031207Z"), Some(there));
        assert_eq!(moment("20261328T031207Z"), None, "a month too many");
        let now = now().unwrap();
        assert!(is_one(now.as_bytes()), "{now}");
        let ago = moment(&now).unwrap().elapsed().unwrap();
        assert!(ago < Duration::from_mins(1), "{now}: {ago:?}");
    }

    #[test]
    fn other_text_is_none() {
        for text in ["", "20260131", "20260131T235959", "20260131t235959Z", "2026013aT235959Z"] {
            assert!(!is_one(text.as_bytes()), "{text}");
        }
    }
}

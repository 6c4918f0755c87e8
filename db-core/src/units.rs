//! Durations, moments, sizes and names as people write them.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A duration as people write it: `250 ms`, `1.5 s`, `12 s`.
pub(crate) fn seconds(time: Duration) -> String {
    let secs = time.as_secs_f64();
    if secs < 0.000_95 {
        format!("{:.0} us", secs * 1e6)
    } else if secs < 0.9995 {
        format!("{:.0} ms", secs * 1e3)
    } else {
        let tenths = format!("{secs:.1}");
        format!("{} s", tenths.strip_suffix(".0").unwrap_or(&tenths))
    }
}

/// The time of the day, to be found in a log: `03:12:07 UTC`. The day is told by how long
/// ago it is said to be.
pub(crate) fn time_of_day(moment: SystemTime) -> String {
    let secs = moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 86_400;
    format!("{:02}:{:02}:{:02} UTC", secs / 3600, secs / 60 % 60, secs % 60)
}

/// A size as people write it: `812 bytes`, `4.1 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// Text of somebody else on one line, cut after `most` characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut line = String::new();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(most) {
        line.truncate(end);
        line.push_str("..");
    }
    line
}

/// A name as SQL takes any.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A path as it is typed in a shell.
pub(crate) fn typed(path: impl AsRef<Path>) -> String {
    let path = path.as_ref().display().to_string();
    let plain = if cfg!(windows) { "/._-\\:" } else { "/._-" };
    if path.chars().all(|c| c.is_alphanumeric() || plain.contains(c)) {
        path
    } else if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_fits_the_size() {
        let text = |micros| seconds(Duration::from_micros(micros));
        assert_eq!(text(300), "300 us");
        assert_eq!(text(1_000), "1 ms");
        assert_eq!(text(250_400), "250 ms");
        assert_eq!(text(999_600), "1 s");
        assert_eq!(text(12_340_000), "12.3 s");
        assert_eq!(text(10_000_000), "10 s");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(32_768), "32 kB");
        assert_eq!(size(4_152_992), "4.1 MB");
        assert_eq!(size(2_040_000_000), "2.0 GB");
    }

    #[test]
    fn a_moment_is_told_by_the_clock() {
        let moment = UNIX_EPOCH + Duration::from_secs(1_795_835_527);
        assert_eq!(time_of_day(moment), "03:12:07 UTC");
    }

    #[test]
    fn text_is_one_line_and_not_too_long() {
        assert_eq!(cut("SELECT 1\n   FROM\tstock", 80), "SELECT 1 FROM stock");
        assert_eq!(cut("für alle", 3), "für..");
        assert_eq!(cut("a\u{1b}[31mb", 80), "a [31mb");
    }
}

//! Times and sizes as people write them.

use std::path::Path;
use std::time::Duration;

use indicatif::{DecimalBytes, HumanCount};

/// `500ms`, `10s`, `2m`, `12h`, `1d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "" => return Err("a time needs its unit, as in 500ms, 10s, 2m".to_owned()),
        unit => return Err(format!("`{unit}` is no unit of time: write ms, s, m, h or d")),
    };
    let number: f64 = number.parse().map_err(|_| "a time is a number and a unit, as in 10s")?;
    let time = Duration::try_from_secs_f64(number * seconds);
    time.map_err(|_| "that is longer than can be waited".to_owned())
}

/// `812 B`, `4.15 MB`.
pub(crate) fn bytes(count: u64) -> String {
    DecimalBytes(count).to_string()
}

/// `1 page`, `12,345 pages`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", HumanCount(number), if number == 1 { one } else { many })
}

/// A length of time in its largest unit, and one more where that is small: `2 d 3 h`, `12 s`.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let two = |large: u64, small: u64, unit: &str, next: &str| match (large, small) {
        (large, 0) => format!("{large} {unit}"),
        (large, small) => format!("{large} {unit} {small} {next}"),
    };
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, seconds % 60, "min", "s"),
        3_600..86_400 => two(seconds / 3_600, seconds / 60 % 60, "h", "min"),
        _ => two(seconds / 86_400, seconds / 3_600 % 24, "d", "h"),
    }
}

/// A path as it is typed in a shell.
pub(crate) fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = if cfg!(windows) { "/._-\\:" } else { "/._-" };
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    if text.chars().all(|c| c.is_alphanumeric() || plain.contains(c)) {
        text
    } else if cfg!(windows) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1_500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("1d"), Ok(Duration::from_hours(24)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        for wrong in
            ["10", "s", "", "ten s", "10 parsecs", "-1s", "1.2.3s", "99999999999999999999d"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let text = |seconds| time(Duration::from_secs(seconds));
        assert_eq!(time(Duration::from_millis(250)), "250 ms");
        assert_eq!(text(12), "12 s");
        assert_eq!(text(60), "1 min");
        assert_eq!(text(3_725), "1 h 2 min");
        assert_eq!(text(183_600), "2 d 3 h");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_can_be_typed() {
        let text = |path: &str| typed(Path::new(path));
        assert_eq!(text("/srv/shop-1.db"), "/srv/shop-1.db");
        assert_eq!(text("my shop's.db"), r"'my shop'\''s.db'");
        assert_eq!(text("-x.db"), "./-x.db");
    }

    #[test]
    fn one_is_one() {
        assert_eq!(count(1, "page", "pages"), "1 page");
        assert_eq!(count(12_345, "page", "pages"), "12,345 pages");
    }
}

//! Durations as people write them.

use std::time::Duration;

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
    }
}

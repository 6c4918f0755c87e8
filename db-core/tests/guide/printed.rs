//! What a command has printed, as the guide shows it: whatever is another one in each run has
//! the name or the number that the guide has given it.

/// How many times, blanks and bytes there are depends on the machine.
pub(crate) fn same(shown: &str, printed: &str) -> bool {
    blanked(shown) == blanked(printed)
}

/// With times written as `<time>`, moments as `<clock>`, sizes in bytes as `<size>`, and single
/// blanks.
fn blanked(text: &str) -> Vec<String> {
    text.lines().map(|line| line_blanked(line).trim_end().to_owned()).collect()
}

fn line_blanked(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let (open, number, _) = parts(word);
        let unit = words.get(at).map_or(("", "", ""), |next| parts(next));
        let what = match unit.1 {
            "ms" | "us" | "s" | "min" | "h" | "d" => "<time>",
            "B" | "kB" | "KiB" | "MB" | "MiB" | "GB" => "<size>",
            _ => "",
        };
        if what.is_empty() || number.replace(',', "").parse::<f64>().is_err() {
            out.push(clock(word));
            continue;
        }
        at += 1;
        match out.last_mut() {
            // `1 min 5 s` is one time.
            Some(last) if open.is_empty() && last.ends_with("<time>") => last.push_str(unit.2),
            _ => out.push(format!("{open}{what}{}", unit.2)),
        }
    }
    out.join(" ")
}

/// A word without what stands before and behind it.
fn parts(word: &str) -> (&str, &str, &str) {
    let inner = word.trim_start_matches(['(', '[']);
    let open = &word[..word.len() - inner.len()];
    let bare = inner.trim_end_matches([')', ']', ';', ':', ',', '.']);
    (open, bare, &inner[bare.len()..])
}

/// `NAME-20260131T235959Z` is called by a moment, `03:12:07`, `05:12` and `2-03:12:07` are moments or times.
fn clock(word: &str) -> String {
    let (open, bare, close) = parts(word);
    let digits = bare.split([':', '-']).all(|part| part.parse::<u32>().is_ok());
    if bare.contains(':') && digits {
        return format!("{open}<clock>{close}");
    }
    if let Some((name, moment)) = bare.rsplit_once('-')
        && moment.len() == 16
        && moment.ends_with('Z')
    {
        return format!("{open}{name}-<moment>{close}");
    }
    // The line in a source file.
    match word.split_once(".rs:") {
        Some((file, rest)) => {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{file}.rs:<line>{rest}")
        }
        None => word.to_owned(),
    }
}

#[test]
fn what_changes_is_blanked_out() {
    let one = "  held for 12.3 s by process 4711 (src/shop.rs:42), since 03:12:07 UTC (1 min 5 s): 4.1 MB";
    let two = "held for 400 ms by process 4711 (src/shop.rs:7), since 21:12:07 UTC (3 s): 812 B";
    assert!(same(one, two), "{:?}\n{:?}", blanked(one), blanked(two));
    assert!(!same(one, &two.replace("held", "hold")));
    assert!(!same("3 tables", "4 tables"));
}

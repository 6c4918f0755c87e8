//! What a command has printed, as the guide shows it: whatever is another one in each run has
//! the name or the number that the guide has given it.

/// How many times, blanks and bytes there are depends on the machine.
pub(crate) fn same(shown: &str, printed: &str) -> bool {
    blanked(shown) == blanked(printed)
}

/// With times written as `<time>`, sizes in bytes as `<size>`, and single blanks.
fn blanked(text: &str) -> Vec<String> {
    // Only root sees what programs of other users have open, and is not told this.
    let lines = text.lines().filter(|line| !line.contains("programs of other users"));
    lines.map(|line| line_blanked(line).trim_end().to_owned()).collect()
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
            out.push(blanked_word(word));
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

/// A word that is another one each time, by its form.
fn blanked_word(word: &str) -> String {
    let (open, bare, close) = parts(word);
    let digits = |text: &str, by: [char; 2]| text.split(by).all(|part| part.parse::<u32>().is_ok());
    let what = if bare.contains(':') && digits(bare, [':', '-']) {
        // `03:12:07`, `05:12`, `2-03:12:07`
        "<clock>".to_owned()
    } else if bare.split('.').count() == 3 && digits(bare, ['.', '.']) {
        "<version>".to_owned()
    } else if let Some(name) = of_a_moment(bare) {
        format!("{name}<moment>")
    } else if let Some((file, line)) = bare.split_once(".rs:") {
        format!("{file}.rs:{}", line.trim_start_matches(|c: char| c.is_ascii_digit()))
    } else if let Some(state) = state(bare) {
        state.to_string()
    } else {
        bare.to_owned()
    };
    format!("{open}{what}{close}")
}

/// `NAME-` of `NAME-20260131T235959Z`.
fn of_a_moment(word: &str) -> Option<&str> {
    let at = word.len().checked_sub("20260131T235959Z".len())?;
    let (name, moment) = (word.get(..at)?, word.get(at..)?);
    (name.ends_with('-') && moment.ends_with('Z') && moment.contains('T')).then_some(name)
}

/// What ps says of a process, without what depends on its terminal and its threads.
fn state(word: &str) -> Option<char> {
    let mut chars = word.chars();
    let first = chars.next().filter(|c| "RSDTt".contains(*c))?;
    chars.all(|c| "<NLsl+".contains(c)).then_some(first)
}

#[test]
fn what_changes_is_blanked_out() {
    let one = "  held for 12.3 s by process 4711 (src/shop.rs:42), since 03:12:07 UTC (1 min 5 s): 4.1 MB";
    let two = "held for 400 ms by process 4711 (src/shop.rs:7), since 21:12:07 UTC (3 s): 812 B";
    assert!(same(one, two), "{:?}\n{:?}", blanked(one), blanked(two));
    assert!(!same(one, &two.replace("held", "hold")));
    assert!(!same("3 tables", "4 tables"));
    assert!(same("4711 Ss+  00:03 x-20260131T235959Z", "4711 S 2-00:00:03 x-20270131T000000Z"));
    assert!(!same("4711 S 00:03 sh", "4711 T 00:03 sh"));
    assert!(same("SQLite 3.54.1", "SQLite 3.51.3"));
}

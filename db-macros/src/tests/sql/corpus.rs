//! Statements kept as data: a line `-- name: what is special` or `-- run: ...`
//! stands before each, and what follows up to the next such line is the statement,
//! byte for byte without its last line break. One under `-- run:` is also run, for
//! those that follow it.

pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    pub(super) runs: bool,
}

/// The statements of one file, in order.
pub(super) fn read(text: &'static str) -> Vec<Entry> {
    let mut heads = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        for (mark, runs) in [("-- name: ", false), ("-- run: ", true)] {
            if let Some(name) = line.strip_prefix(mark) {
                heads.push((start, end, name.trim_end(), runs));
            }
        }
        start = end;
    }
    let ends = heads.iter().skip(1).map(|head| head.0).chain([text.len()]);
    let bodies = heads.iter().zip(ends).map(|(&(_, body, name, runs), end)| {
        let sql = &text[body..end];
        Entry { name, sql: sql.strip_suffix('\n').unwrap_or(sql), runs }
    });
    bodies.collect()
}

//! The numbers as people read them.

use std::path::Path;

use indicatif::HumanCount;

use super::read::{Index, Settings, Stats, Table};
use crate::human::{bytes, count};

pub(super) fn text(file: &Path, stats: &Stats) -> String {
    let Stats { numbers, settings, tables, indexes } = stats;
    let free = numbers.free_pages * numbers.page_size;
    let log = match numbers.wal_bytes {
        0 => "none, or empty".to_owned(),
        size => bytes(size),
    };
    let mut lines = vec![
        format!("{}", file.display()),
        line("size", &bytes(numbers.bytes)),
        line(
            "pages",
            &format!(
                "{} of {}",
                count(numbers.pages, "page", "pages"),
                count(numbers.page_size, "byte", "bytes")
            ),
        ),
        line("free pages", &format!("{} ({})", HumanCount(numbers.free_pages), bytes(free))),
        line("log (-wal)", &log),
    ];
    lines.extend(settings_of(settings));
    lines.extend(tables.as_deref().map(tables_of).unwrap_or_default());
    lines.extend(indexes.as_deref().map(indexes_of).unwrap_or_default());
    lines.join("\n") + "\n"
}

fn line(name: &str, value: &str) -> String {
    format!("  {name:<16} {value}")
}

fn settings_of(settings: &Settings) -> Vec<String> {
    let keys = match settings.foreign_keys_declared {
        0 => "none declared".to_owned(),
        n => format!("{n} declared; enforced only by programs that set PRAGMA foreign_keys = ON"),
    };
    vec![
        line("journal_mode", &settings.journal_mode),
        line("foreign keys", &keys),
        line("user_version", &settings.user_version.to_string()),
        line("application_id", &settings.application_id.to_string()),
        line("encoding", &settings.encoding),
        line("auto_vacuum", settings.auto_vacuum),
    ]
}

fn tables_of(tables: &[Table]) -> Vec<String> {
    if tables.is_empty() {
        return vec!["  no tables".to_owned()];
    }
    let width = width(tables.iter().map(|table| table.name.as_str()));
    let heading = format!("\n  {:<width$} {:>15} {:>12}", "table", "rows", "bytes");
    let row = |table: &Table| {
        let rows = table.rows.map_or_else(|| "?".to_owned(), |rows| HumanCount(rows).to_string());
        let bytes = table.bytes.map_or_else(|| "-".to_owned(), bytes);
        let kind = if table.kind == "table" { "" } else { table.kind };
        let text = format!("  {:<width$} {rows:>15} {bytes:>12}  {kind}", table.name);
        text.trim_end().to_owned()
    };
    std::iter::once(heading).chain(tables.iter().map(row)).collect()
}

fn indexes_of(indexes: &[Index]) -> Vec<String> {
    if indexes.is_empty() {
        return Vec::new();
    }
    let width = width(indexes.iter().map(|index| index.name.as_str()));
    let heading = format!("\n  {:<width$} {:>12}  of table", "index", "bytes");
    let row = |index: &Index| {
        let bytes = index.bytes.map_or_else(|| "-".to_owned(), bytes);
        format!("  {:<width$} {bytes:>12}  {}", index.name, index.table)
    };
    std::iter::once(heading).chain(indexes.iter().map(row)).collect()
}

fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).clamp(20, 50)
}

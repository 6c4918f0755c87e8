//! Showing that long work goes on: on stderr, and only to a terminal.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use db_core::Progress;
use indicatif::{ProgressBar, ProgressStyle};

const BAR: &str = "{msg} {wide_bar} {pos}/{len} pages, {eta} left";
const SPINNER: &str = "{spinner} {msg} ({elapsed})";

/// Work of which it is known how much there is.
pub(crate) fn pages(doing: &'static str) -> ProgressBar {
    shown(ProgressBar::new(0), BAR, doing)
}

/// Shows how far a copy is; when all is there it is checked, which takes a while more.
pub(crate) fn tell(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.pages_total);
    bar.set_position(progress.pages_done);
    if progress.pages_done == progress.pages_total {
        bar.set_message("checking");
    }
}

/// Work of which only the end is known.
pub(crate) fn spinner(doing: &'static str) -> ProgressBar {
    let bar = shown(ProgressBar::new_spinner(), SPINNER, doing);
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    bar
}

fn shown(bar: ProgressBar, template: &str, doing: &'static str) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.with_message(doing)
}

//! The code blocks of a Markdown text.

use std::ops::Range;

/// A block between ```` ``` ````.
pub(crate) struct Block {
    /// What stands behind the first ```` ``` ````.
    words: String,
    pub(crate) body: String,
    /// The lines of the body in the text.
    pub(crate) lines: Range<usize>,
}

impl Block {
    /// What a word `key:..` behind the language says.
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        let mut words = self.words.split(' ');
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix(':'))
    }
}

pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let lines: Vec<_> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        match open.take() {
            None => open = Some((fence, at + 1)),
            Some((info, first)) => {
                let body = lines[first..at].iter().flat_map(|line| [line, "\n"]).collect();
                blocks.push(Block { words: info.to_owned(), body, lines: first..at });
            }
        }
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}

/// The text with other lines in the place of those.
pub(crate) fn replaced(text: &str, by: &[(Range<usize>, String)]) -> String {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    for (range, new) in by.iter().rev() {
        lines.splice(range.clone(), new.lines().map(str::to_owned));
    }
    lines.join("\n") + "\n"
}

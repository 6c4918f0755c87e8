//! SQL text to tokens, as SQLite's own tokenizer cuts it (`src/tokenize.c`).

/// A piece of SQL text. Blanks and comments are no tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// As it was written, quotes included.
    pub(crate) text: &'a str,
    /// How many tokens it is up to the parenthesis that closes this one; 1 if this opens
    /// none, and as many as there are if nothing closes it.
    pub(crate) length: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A keyword or a plain identifier; which one only the grammar knows.
    Word,
    /// `"n"`, `` `n` `` or `[n]`.
    Quoted,
    /// `'n'`, which SQLite takes for a name where only a name can stand.
    String,
    /// A number, a blob or a parameter.
    Value,
    /// One character of an operator or of punctuation.
    Mark,
    /// What SQLite would not accept, such as a string without an end.
    Illegal,
}

impl<'a> Token<'a> {
    /// Whether this is the keyword, in whatever case.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub(crate) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark && self.text.starts_with(mark)
    }

    /// The name that this token is, where a name can stand.
    pub(crate) fn name(&self) -> Option<Name<'a>> {
        match self.kind {
            Kind::Word => Some(Name(self.text)),
            Kind::Quoted | Kind::String => self.text.get(1..self.text.len() - 1).map(Name),
            _ => None,
        }
    }
}

/// A name without its quotes. SQLite compares names without regard to the case
/// of ASCII letters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

/// The tokens of `sql`, up to its end or to a NUL, where SQLite stops reading.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut open = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        if first == '\0' {
            break;
        }
        let (kind, length) = next(rest, first);
        let (text, behind) = rest.split_at(length);
        if let Some(kind) = kind {
            let token = Token { kind, text, length: 1 };
            if token.is_mark('(') {
                open.push(found.len());
            } else if token.is_mark(')')
                && let Some(at) = open.pop()
            {
                found[at].length = found.len() + 1 - at;
            }
            found.push(token);
        }
        rest = behind;
    }
    for at in open {
        found[at].length = usize::MAX;
    }
    found
}

/// The kind of the first token and its length in bytes; no kind for what
/// separates tokens.
fn next(text: &str, first: char) -> (Option<Kind>, usize) {
    let second = text[first.len_utf8()..].chars().next();
    match (first, second) {
        // A vertical tab is one of the blanks, but cannot be the first of them.
        (' ' | '\t' | '\n' | '\x0C' | '\r', _) => {
            (None, run(text, |c| c == '\x0B' || c.is_ascii_whitespace()))
        }
        ('\u{FEFF}', _) => (None, first.len_utf8()),
        ('-', Some('-')) => (None, text.find('\n').unwrap_or(text.len())),
        ('/', Some('*')) if text.len() > 2 && !text[2..].starts_with('\0') => {
            // A comment without an end goes to the end of the text; its first
            // `*` cannot also be that of the end.
            let end = text.get(2..).and_then(|inside| inside.find("*/"));
            (None, end.map_or(text.len(), |end| end + 4))
        }
        ('\'' | '"' | '`', _) => quoted(text, first),
        ('[', _) => match text.find(']') {
            Some(end) => (Some(Kind::Quoted), end + 1),
            None => (Some(Kind::Illegal), text.len()),
        },
        ('x' | 'X', Some('\'')) => blob(text),
        ('0'..='9', _) => (Some(Kind::Value), number(text)),
        ('.', Some('0'..='9')) => (Some(Kind::Value), number(text)),
        ('?', _) => (Some(Kind::Value), 1 + run(&text[1..], |c| c.is_ascii_digit())),
        ('$' | '@' | ':' | '#', Some(c)) if in_name(c) || first == '$' && c == ':' => {
            (Some(Kind::Value), parameter(text))
        }
        (c, _) if in_name(c) && c != '$' => (Some(Kind::Word), run(text, in_name)),
        (
            '-' | '/' | '(' | ')' | ';' | '+' | '*' | '%' | '=' | '<' | '>' | '!' | '|' | ',' | '&'
            | '~' | '.',
            _,
        ) => (Some(Kind::Mark), 1),
        _ => (Some(Kind::Illegal), first.len_utf8()),
    }
}

/// A text in quotes, which are doubled where they belong to it.
fn quoted(text: &str, quote: char) -> (Option<Kind>, usize) {
    let kind = if quote == '\'' { Kind::String } else { Kind::Quoted };
    let mut from = 1;
    while let Some(found) = text[from..].find(quote) {
        from += found + 1;
        if !text[from..].starts_with(quote) {
            return (Some(kind), from);
        }
        from += 1;
    }
    (Some(Kind::Illegal), text.len())
}

fn blob(text: &str) -> (Option<Kind>, usize) {
    let digits = run(&text[2..], |c| c.is_ascii_hexdigit());
    let whole = text[2 + digits..].starts_with('\'') && digits % 2 == 0;
    if whole { (Some(Kind::Value), digits + 3) } else { (Some(Kind::Illegal), 2 + digits) }
}

/// Roughly: what SQLite would refuse in a number is a number here.
fn number(text: &str) -> usize {
    let mut length = run(text, |c| in_name(c) || c == '.');
    let exponent = text[..length].ends_with(['e', 'E']) && !text.starts_with("0x");
    if exponent && text[length..].starts_with(['+', '-']) {
        length += 1 + run(&text[length + 1..], in_name);
    }
    length
}

/// `:name`, and `$name::part(suffix)` as Tcl writes its variables.
fn parameter(text: &str) -> usize {
    let mut length = 1;
    loop {
        length += run(&text[length..], in_name);
        let rest = &text[length..];
        if rest.starts_with("::") {
            length += 2;
        } else if let Some(rest) = rest.strip_prefix('(') {
            // Nobody has a longer one, and each `$a(` would be looked through to the end.
            let near = rest.char_indices().nth(200).map_or(rest, |(end, _)| &rest[..end]);
            let inside = run(near, |c| !c.is_ascii_whitespace() && c != ')');
            return if rest[inside..].starts_with(')') { length + inside + 2 } else { length };
        } else {
            return length;
        }
    }
}

/// What an identifier consists of (`IdChar` in SQLite's sources).
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// The length of what `text` begins with.
fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.find(|c| !of(c)).unwrap_or(text.len())
}

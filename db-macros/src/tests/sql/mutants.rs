//! Statements of the corpus in other clothes, and statements that were broken.

use super::judge::{Judge, Verdict};
use super::schema::{Part, parts};
use super::{ours, report, theirs};
use crate::sql::Does;
use crate::tests::fuzz::Random;

/// What may stand between any two tokens.
const BLANKS: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    "\u{c}",
    " \u{b}",
    " \u{feff} ",
    "/**/",
    "/* ; DELETE FROM t; */",
    "/* it's \" [ ` */",
    "/* /* */",
    "/*/ END; /*/",
    "-- SELECT 'x\n",
    "--;\n",
    " --\r /* \n",
];

const PIECES: &[&str] = &[
    ";",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    "--",
    "/*",
    "*/",
    "\n",
    " ",
    ",",
    ".",
    "=",
    "?",
    "$",
    ":",
    "@",
    "#",
    "|",
    "<",
    "-",
    ">",
    "x'",
    "0x",
    "1",
    "é",
    "\u{feff}",
    "\u{b}",
    "\\",
    "{",
    "!",
    "a",
    "SELECT ",
    "INSERT ",
    "REPLACE ",
    "UPDATE ",
    "DELETE ",
    " FROM ",
    "WITH ",
    " AS ",
    "BEGIN ",
    " END",
    "; END;",
    "EXPLAIN ",
    "CREATE ",
    "TEMP ",
    "TRIGGER ",
    "PRAGMA ",
    " = 1",
    "(1)",
    "main.",
    "replace(",
    "CASE ",
    "COMMIT",
    "TO ",
    "VALUES ",
    "NOT ",
    "IF EXISTS ",
    "MATERIALIZED ",
    "RECURSIVE ",
    "OR ",
    "VACUUM ",
    "user_version",
];

/// The tokens of a statement; blanks and comments are tokens too.
fn tokens(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sql;
    while !rest.is_empty() {
        let (token, after) = rest.split_at(token(rest));
        found.push(token);
        rest = after;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// How long the first token is.
fn token(sql: &str) -> usize {
    let first = sql.chars().next().unwrap_or_default();
    let until = |start: usize, end: &str| {
        sql[start..].find(end).map_or(sql.len(), |at| start + at + end.len())
    };
    let run = |is: fn(char) -> bool| sql.find(|c| !is(c)).unwrap_or(sql.len());
    let blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    if sql.starts_with("--") {
        // A vertical tab needs the line's end before it.
        let end = until(2, "\n");
        sql[end..].find(|c| !blank(c)).map_or(sql.len(), |at| end + at)
    } else if sql.starts_with("/*") && sql.len() > 2 {
        until(2, "*/")
    } else if sql.starts_with("x'") || sql.starts_with("X'") {
        until(2, "'")
    } else if matches!(first, '\'' | '"' | '`') {
        let mut at = 1;
        while let Some(next) = sql[at..].find(first) {
            at += next + 1;
            if !sql[at..].starts_with(first) {
                return at;
            }
            at += 1;
        }
        sql.len()
    } else if first == '[' {
        until(1, "]")
    } else if matches!(first, '?' | '$' | '@' | ':' | '#') {
        // A parameter's name goes on in brackets, whatever they hold.
        let end = sql.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(sql.len());
        match sql[..end].find('(') {
            Some(open) => until(open, ")"),
            None => end,
        }
    } else if first.is_ascii_digit() || (first == '.' && sql[1..].starts_with(is_digit)) {
        let mut before = ' ';
        let exponent = !sql.starts_with("0x") && !sql.starts_with("0X");
        let mut is_in = |c: char| {
            let sign = matches!(c, '+' | '-') && exponent && matches!(before, 'e' | 'E');
            before = c;
            sign || c == '.' || is_word(c)
        };
        sql.find(|c| !is_in(c)).unwrap_or(sql.len())
    } else if is_word(first) {
        run(is_word)
    } else if first.is_ascii_whitespace() {
        run(blank)
    } else {
        ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="]
            .iter()
            .find(|sign| sql.starts_with(**sign))
            .map_or(first.len_utf8(), |sign| sign.len())
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The same statement, with blanks and comments anywhere and other letters' cases.
fn disguised(sql: &str, random: &mut Random) -> String {
    let density = 1 + random.below(8);
    let mut text = String::new();
    for token in tokens(sql) {
        // A minus before two dashes would be three.
        if random.below(density) == 0 && !text.ends_with('-') {
            text.push_str(random.pick::<&str>(BLANKS));
        }
        let first = token.chars().next().unwrap_or_default();
        if token.trim().is_empty() {
            let replaced = random.below(3) == 0 && !text.ends_with('-');
            text.push_str(if replaced { random.pick::<&str>(BLANKS) } else { token });
        } else if is_word(first) && random.below(2) == 0 {
            let other = |c: char| match random.below(3) {
                0 => c.to_ascii_uppercase(),
                1 => c.to_ascii_lowercase(),
                _ => c,
            };
            text.extend(token.chars().map(other));
        } else {
            text.push_str(token);
        }
    }
    text
}

/// Something else, perhaps still a statement.
fn broken(sql: &str, others: &Part, random: &mut Random) -> String {
    let mut chars: Vec<char> = sql.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(chars.len() + 1);
        let end = (at + 1 + random.below(4)).min(chars.len());
        match random.below(7) {
            0 | 1 if at < chars.len() => drop(chars.drain(at..end)),
            2 if at + 1 < chars.len() => chars.swap(at, at + 1),
            3 if at < chars.len() => {
                let copy: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, copy);
            }
            4 => {
                let other = tokens(random.pick(&others.entries).sql);
                let from = random.below(other.len());
                let to = (from + 1 + random.below(8)).min(other.len());
                chars.splice(at..at, other[from..to].concat().chars());
            }
            _ => drop(chars.splice(at..at, random.pick(PIECES).chars())),
        }
    }
    chars.into_iter().collect()
}

/// Prepares on a database that no earlier statement has changed the settings of.
struct Fresh<'p> {
    part: &'p Part,
    judge: Judge,
}

impl<'p> Fresh<'p> {
    fn new(part: &'p Part) -> Self {
        Self { part, judge: part.database(part.entries.len()) }
    }

    fn asks(&mut self, sql: &str) -> rusqlite::Result<Vec<Verdict>> {
        let verdicts = self.judge.asks(sql);
        // A pragma may have run before a later statement of the text was refused.
        if sql.to_ascii_lowercase().contains("pragma") {
            *self = Self::new(self.part);
        }
        verdicts
    }
}

#[test]
fn neither_comments_nor_blanks_nor_cases_change_a_verdict() {
    const ROUNDS: usize = 4_000;
    let parts = parts();
    let mut fresh: Vec<Fresh<'_>> = parts.iter().map(Fresh::new).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for _ in 0..ROUNDS {
        let nth = random.below(parts.len());
        let entry = random.pick(&parts[nth].entries);
        // What is there already can't be prepared again, and what is wrong as it is
        // is told by another test.
        let Ok(verdicts) = fresh[nth].asks(entry.sql) else { continue };
        let (said, expected) = (ours(entry.sql), theirs(&verdicts));
        if said != expected {
            continue;
        }
        let sql = disguised(entry.sql, &mut random);
        match fresh[nth].asks(&sql) {
            Ok(after) if theirs(&after) == expected && ours(&sql) == said => compared += 1,
            Ok(after) => wrong.push(format!(
                "{}: was {said:?}, is {:?} to us, {:?} to SQLite\n{sql:?}",
                entry.name,
                ours(&sql),
                theirs(&after)
            )),
            Err(error) => wrong.push(format!("{}: SQLite says {error}\n{sql:?}", entry.name)),
        }
    }
    println!("{compared} compared");
    report("changed their meaning", &wrong);
    assert!(compared > ROUNDS / 2, "only {compared} compared");
}

#[test]
fn what_sqlite_still_understands_is_the_same_to_us() {
    const ROUNDS: usize = 30_000;
    let parts = parts();
    let mut fresh: Vec<Fresh<'_>> = parts.iter().map(Fresh::new).collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut wrong = Vec::new();
    let (mut understood, mut unknown) = (0, 0);
    for _ in 0..ROUNDS {
        let nth = random.below(parts.len());
        let entry = random.pick(&parts[nth].entries);
        let sql = broken(entry.sql, &parts[random.below(parts.len())], &mut random);
        let said = ours(&sql);
        let Ok(verdicts) = fresh[nth].asks(&sql) else { continue };
        understood += 1;
        let expected = theirs(&verdicts);
        // To claim nothing is no false alarm.
        let same = said.len() == expected.len()
            && said.iter().zip(&expected).all(|(one, other)| match one {
                Does::Unknown => true,
                known => known == other,
            });
        unknown += usize::from(said.contains(&Does::Unknown));
        if !same {
            wrong.push(format!("{said:?} to us, {expected:?} to SQLite\n{sql:?}"));
        }
    }
    println!("{understood} understood, {unknown} of them not by us");
    report("disagreements", &wrong);
    assert!(understood > ROUNDS / 20, "only {understood} understood");
}

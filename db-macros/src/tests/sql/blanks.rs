//! Statements whose blanks would not survive an editor.

use super::corpus::Entry;

const STATEMENTS: &[(&str, &str)] = &[
    ("a byte order mark first", "\u{feff}SELECT 1"),
    ("a byte order mark first, writing", "\u{feff}DELETE FROM t"),
    ("a byte order mark in between", "DELETE FROM t WHERE a =\u{feff}1"),
    ("a byte order mark and a comment", "\u{feff}-- SELECT\nDELETE FROM t"),
    ("tabs", "\tSELECT\t1\t"),
    ("form feeds", "\u{c}SELECT\u{c}'a'\u{c}"),
    ("form feeds, writing", "WITH\u{c}x\u{c}AS(SELECT\u{c}1)DELETE\u{c}FROM\u{c}t"),
    ("returns", "\rUPDATE\rt\rSET\rb = 1\r"),
    ("a vertical tab after a blank", "SELECT \u{b}1, \u{b}2 \u{b}"),
    ("a vertical tab after a blank, writing", " \u{b}DELETE FROM t"),
    ("a vertical tab after a line comment", "-- SELECT\n\u{b}DELETE FROM t"),
    ("lines that end as on Windows", "-- SELECT\r\nINSERT INTO t\r\n(a)\r\nVALUES (1)\r\n"),
    ("a return ends no comment", "SELECT 1 -- one\rDELETE FROM t\n+ 1"),
    ("a form feed ends no comment", "-- DELETE\u{c}FROM t;\nSELECT 1"),
    ("a line separator ends no comment", "SELECT 1 -- \u{2028}; DELETE FROM t\u{85}; COMMIT"),
    ("a hard blank is a letter", "SELECT 1 AS a\u{a0}b, 2 AS\u{a0}"),
    ("another hard blank", "UPDATE t SET b = 1 FROM (SELECT 1 AS x\u{2003}) AS y"),
    ("a byte order mark in a word is a letter", "SELECT 1 AS a\u{feff}; "),
    ("a comment of one star", "SELECT 1 /***/ + 2 /****/ + 3"),
    ("a comment without an end and without a blank", "DELETE FROM t /**"),
    ("only dashes at the end", "DELETE FROM t --"),
    ("a semicolon at the very start", ";\u{feff};\u{c};SELECT 1"),
    ("blanks after the end", "ROLLBACK ;\t\r\n\u{c}\u{feff} \u{b}"),
    ("words parted by returns", "ROLLBACK\rTRANSACTION\r\nTO\u{c}SAVEPOINT\there"),
];

pub(super) fn entries() -> Vec<Entry> {
    STATEMENTS.iter().map(|&(name, sql)| Entry { name, sql, runs: false }).collect()
}

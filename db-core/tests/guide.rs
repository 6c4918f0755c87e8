//! What `docs/operations.md` shows is what there is: its commands print what stands below
//! them, and the tests that it names are there.
//!
//! A block ```` ```console run:SCENE ```` is run in that scene, those of one scene in order
//! and in one folder: after each line that begins with `$` stands what that prints. A block
//! ```` ```python stage:SCENE save:NAME ```` makes the scene, and goes on meanwhile. After a
//! change of an output, `DB_CORE_GUIDE=overwrite cargo test -p db-core --features cli --test
//! guide` writes it anew: read the difference as the person on call would.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]

mod guide {
    pub(crate) mod blocks;
    pub(crate) mod printed;
    pub(crate) mod scene;
    pub(crate) mod shop;
}

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use guide::blocks::{blocks, replaced};
use guide::printed::same;
use guide::scene::{Scene, is_there};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");

#[test]
fn commands_print_what_the_guide_shows() {
    for program in ["python3", "ps", "lsof"] {
        if !is_there(program) {
            eprintln!("not tested: this machine has no {program}");
            return;
        }
    }
    let text = fs::read_to_string(GUIDE).unwrap();
    let blocks = blocks(&text);
    let stage = |scene: &str| blocks.iter().find(|block| block.word("stage") == Some(scene));
    let mut scenes = BTreeMap::new();
    let (mut outputs, mut wrong) = (Vec::new(), Vec::new());
    for block in &blocks {
        let Some(name) = block.word("run") else { continue };
        let scene = scenes.entry(name).or_insert_with(|| Scene::new(name, stage));
        let commands = block.body.lines().filter(|line| line.starts_with("$ "));
        let told = commands.map(|line| format!("{line}\n{}", scene.run(&line[2..])));
        let printed: String = told.collect();
        if !same(&block.body, &printed) {
            wrong.push(format!("shown:\n{}printed:\n{printed}", block.body));
            outputs.push((block.lines.clone(), printed));
        }
    }
    assert!(scenes.len() > 3, "the guide has commands to run");
    if std::env::var("DB_CORE_GUIDE").is_ok_and(|word| word == "overwrite") {
        fs::write(GUIDE, replaced(&text, &outputs)).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "the guide shows another output:\n\n{}", wrong.join("\n"));
}

/// In the last table: a file of tests in backticks, and the functions that follow it.
#[test]
fn the_tests_that_the_guide_names_are_there() {
    let text = fs::read_to_string(GUIDE).unwrap();
    let table = text.split("\n## ").last().unwrap();
    let (mut source, mut named) = (String::new(), 0);
    for word in table.lines().filter(|line| line.starts_with('|')).flat_map(quoted) {
        if word.starts_with("tests/") {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(word);
            source = fs::read_to_string(file).unwrap_or_else(|error| panic!("{word}: {error}"));
        } else if !source.is_empty() {
            let is_test = |before: &str| before.trim_end().ends_with("#[test]");
            let found = source.split_once(&format!("fn {word}("));
            assert!(found.is_some_and(|(before, _)| is_test(before)), "no test {word}");
            named += 1;
        }
    }
    assert!(named >= 10, "the table names tests: {named}");
}

fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The application of the scenes, in a process of its own: see `shop`.
#[test]
fn a_shop() {
    guide::shop::open();
}

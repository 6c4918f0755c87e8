//! What `--help` promises.

use super::run::{COMMANDS, run, run_in};

#[test]
fn each_help_tells_how_it_ends_what_it_changes_and_how_it_is_called() {
    for command in COMMANDS {
        let ran = run([command, "--help"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}");
        let help = &ran.stdout;
        let exit = help.split_once("\nExit status:\n").expect(command).1;
        for status in 0..=5 {
            let line = format!("  {status}  ");
            assert!(exit.lines().any(|told| told.starts_with(&line)), "{command}: {status}");
        }
        assert!(help.contains("\nChanges: "), "{command}");
        assert!(help.contains("\nExamples:\n  db-core "), "{command}");
        assert!(help.contains(&format!("db-core {command} ")), "{command}");
        assert!(help.contains("--json"), "{command}");
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}

#[test]
fn the_help_of_all_names_each_command() {
    for args in [["--help"].as_slice(), &["-h"], &[]] {
        let ran = run(args);
        assert_eq!(ran.status, if args.is_empty() { 2 } else { 0 });
        for command in COMMANDS {
            assert!(ran.text().contains(&format!("\n  {command} ")), "{command}: {}", ran.text());
        }
    }
    assert_eq!(run(["--version"]).stdout, format!("db-core {}\n", env!("CARGO_PKG_VERSION")));
}

/// The examples of the help are read by clap as they stand.
#[test]
fn examples_are_called_rightly() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let help = run([command, "--help"]).stdout;
        let examples = help.split_once("\nExamples:\n").unwrap().1;
        let lines = examples.lines().take_while(|line| line.starts_with("  db-core "));
        for line in lines {
            for part in line.split("&&") {
                // Without its remark, and what follows it in the shell.
                let words = part.split("  ").find(|part| part.contains("db-core")).unwrap();
                let words = words.replace("$(date +%F)", "today");
                let words = words.split(['|', '>']).next().unwrap().split_whitespace().skip(1);
                let ran = run_in(folder.path(), words);
                // The file is not there, and nothing else is wrong.
                assert_eq!(ran.status, 3, "{line}: {ran:?}");
            }
        }
    }
}

//! A scene: a folder with `shop.db`, and whoever holds its locks.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use db_core::rusqlite::Connection;
use db_core::{OtherProcess, lock_holders};

use super::blocks::Block;
use super::shop::{PART, hear};

/// The folder, and the process that holds a lock, as the guide has them.
const FOLDER: &str = "/srv/shop";
const HOLDER: &str = "4711";
/// Other processes, in the order in which they were started.
const OTHERS: [&str; 3] = ["4242", "4243", "4244"];

pub(crate) struct Scene {
    // The processes end before their folder goes.
    processes: Vec<Running>,
    folder: tempfile::TempDir,
}

/// A process that ends when it is dropped.
struct Running {
    child: Child,
    _stdin: Option<ChildStdin>,
    is_holder: bool,
}

impl Scene {
    /// `stage` has the blocks of the guide that make scenes.
    pub(crate) fn new<'a>(name: &str, stage: impl Fn(&str) -> Option<&'a Block>) -> Self {
        let mut scene = Self { processes: Vec::new(), folder: tempfile::tempdir().unwrap() };
        let mut made = scene.shop("make");
        assert!(made.wait().unwrap().success());
        match name {
            "upkeep" => {}
            "night" => {
                scene.play(stage("shell").expect("the guide stages it"));
                scene.part("sell", "logged", false);
            }
            "report" => scene.play(stage("pinned").expect("the guide stages it")),
            "stopped" => {
                scene.part("import", "holds", true);
                scene.wait_until("it tells what it does", |holder| holder.writer.is_some());
                scene.run(&format!("kill -STOP {HOLDER}"));
                scene.wait_until("it is stopped", |holder| holder.stopped);
            }
            "damaged" => {
                scene.run("db-core backup shop.db shop-backup.db");
                damage(&scene.folder.path().join("shop.db"));
            }
            staged => {
                let program = stage(staged).unwrap_or_else(|| panic!("no scene {staged}"));
                scene.play(program);
            }
        }
        scene
    }

    /// Has the program of a block run; it holds a lock once it has said anything.
    fn play(&mut self, program: &Block) {
        let name = program.word("save").expect("it says under what name it is saved");
        fs::write(self.folder.path().join(name), &program.body).unwrap();
        let mut command = Command::new("python3");
        command.arg(name).current_dir(self.folder.path());
        self.start(command, "", true);
    }

    fn part(&mut self, part: &str, says: &str, is_holder: bool) {
        let command = self.application(part);
        self.start(command, says, is_holder);
    }

    fn start(&mut self, mut command: Command, says: &str, is_holder: bool) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        self.processes.push(Running { child, _stdin: stdin, is_holder });
        hear(stdout, says);
    }

    fn shop(&self, part: &str) -> Child {
        self.application(part).stdout(Stdio::null()).spawn().unwrap()
    }

    /// This test binary again, as the application.
    fn application(&self, part: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let (arguments, folder) = (APPLICATION.split(' '), self.folder.path());
        command.arg0("shop").args(arguments).env(PART, part).current_dir(folder);
        command
    }

    /// For what the system shows of the holder a moment later.
    fn wait_until(&self, what: &str, holds: impl Fn(&OtherProcess) -> bool) {
        let file = self.folder.path().join("shop.db");
        let start = Instant::now();
        while !lock_holders(&file).writers.iter().any(|holder| holds(&holder.process)) {
            assert!(start.elapsed() < Duration::from_secs(60), "never came true: {what}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the commands print, one after another, as the guide has it.
    pub(crate) fn run(&self, commands: &str) -> String {
        let commands = self.ids().fold(commands.to_owned(), |commands, (id, name)| {
            commands.replace(name, &id.to_string())
        });
        let path = std::env::var("PATH").unwrap();
        let bin = Path::new(env!("CARGO_BIN_EXE_db-core")).parent().unwrap();
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1\n{commands}"))
            .env("PATH", format!("{}:{path}", bin.display()))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        self.as_shown(&String::from_utf8(output.stdout).unwrap())
    }

    fn as_shown(&self, printed: &str) -> String {
        let folder = fs::canonicalize(self.folder.path()).unwrap();
        let exe = std::env::current_exe().unwrap();
        let name = exe.file_name().unwrap().to_string_lossy().into_owned();
        let mut text = printed
            .replace(&*folder.to_string_lossy(), FOLDER)
            .replace(&*self.folder.path().to_string_lossy(), FOLDER)
            .replace(&format!("{name} {APPLICATION}"), "shop")
            .replace(&format!("shop {APPLICATION}"), "shop")
            .replace("guide::guide::shop::", "shop::")
            .replace("db-core/tests/guide/shop.rs", "src/shop.rs");
        for (id, name) in self.ids() {
            text = whole_words(&text, &id.to_string(), name);
        }
        python(&text)
    }

    /// The processes that there are, with the number that each has in the guide.
    fn ids(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut others = OTHERS.into_iter();
        self.processes.iter().map(move |process| {
            let name = if process.is_holder { HOLDER } else { others.next().unwrap() };
            (process.child.id(), name)
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have been killed by the commands.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the test harness needs to run the application.
const APPLICATION: &str = "a_shop --exact --nocapture --test-threads=1";

/// A page of the table is lost: nothing but zeros.
fn damage(file: &Path) {
    let conn = Connection::open(file).unwrap();
    let number = |sql| -> usize {
        let number: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        usize::try_from(number).unwrap()
    };
    let size = number("PRAGMA page_size");
    let page = number("SELECT rootpage FROM sqlite_schema WHERE name = 'stock'");
    let mut bytes = fs::read(file).unwrap();
    bytes[(page - 1) * size..page * size].fill(0);
    fs::write(file, bytes).unwrap();
}

/// Where Python is, and which one, depends on the machine.
fn python(text: &str) -> String {
    let line = |line: &str| {
        let word = |word: &str| match word.rsplit_once("python3") {
            Some((path, rest)) => {
                let from = path.rfind(|c: char| !c.is_alphanumeric() && !"/._-".contains(c));
                let version = |c: char| c.is_ascii_digit() || c == '.';
                let before = &path[..from.map_or(0, |at| at + 1)];
                format!("{before}python3{}", rest.trim_start_matches(version))
            }
            None => word.to_owned(),
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn whole_words(text: &str, word: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let inside = digit(before.chars().next_back()) || digit(after.chars().next());
        out.push_str(before);
        out.push_str(if inside { word } else { by });
        rest = after;
    }
    out + rest
}

pub(crate) fn is_there(program: &str) -> bool {
    let found = |path: PathBuf| path.join(program).is_file();
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(found))
}

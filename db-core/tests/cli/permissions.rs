//! Files and folders that the caller may not read or write.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::files::{self, File};
use super::run::{Ran, end};

/// `nobody`, on most systems; it need not exist.
const NOBODY: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A file in a folder that has these modes while somebody calls the command for whom they hold,
/// which for root they don't.
pub struct Guarded {
    pub file: File,
    _outer: tempfile::TempDir,
    program: std::path::PathBuf,
    pub is_root: bool,
}

impl Guarded {
    pub fn new(file: File, of_file: u32, of_folder: u32) -> Self {
        let outer = tempfile::tempdir().unwrap();
        mode(outer.path(), 0o755);
        // Where the program was built, nobody may be allowed to go.
        let program = outer.path().join("db-core");
        fs::copy(env!("CARGO_BIN_EXE_db-core"), &program).unwrap();
        mode(&program, 0o755);
        mode(&file.path, of_file);
        mode(file.folder.path(), of_folder);
        let probe = outer.path().join("probe");
        fs::write(&probe, "").unwrap();
        mode(&probe, 0o444);
        let is_root = fs::File::options().write(true).open(&probe).is_ok();
        Self { file, _outer: outer, program, is_root }
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        loop {
            match command.spawn() {
                // Another test was starting a process while the copy was written.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                child => return end(child.unwrap()),
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // Or it could not be removed.
        mode(self.file.folder.path(), 0o755);
    }
}

#[test]
fn a_file_that_may_not_be_read_is_refused_in_plain_words() {
    let guarded = Guarded::new(files::database("wal"), 0o000, 0o755);
    let path = guarded.file.path.to_str().unwrap();
    for command in ["verify", "stats", "doctor", "locks", "optimize"] {
        let ran = guarded.run(&[command, path]);
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.starts_with(&format!("db-core: you may not read {path}\n")), "{ran:?}");
    }
}

#[test]
fn what_may_only_be_read_is_read_and_not_changed() {
    let guarded = Guarded::new(files::database("delete"), 0o444, 0o555);
    let path = guarded.file.path.to_str().unwrap();
    let before = guarded.file.all();
    for command in ["verify", "stats", "locks"] {
        let ran = guarded.run(&[command, path]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    }
    for command in ["optimize", "vacuum", "reindex", "checkpoint"] {
        let ran = guarded.run(&[command, path]);
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.contains("can't be written"), "{ran:?}");
    }
    let beside = guarded.file.beside("backup.db");
    let ran = guarded.run(&["backup", path, beside.to_str().unwrap()]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.starts_with("db-core: you may not write "), "{ran:?}");
    assert_eq!(guarded.file.all(), before);
}

/// Reading a log takes writing beside it.
#[test]
fn a_log_in_a_folder_that_may_not_be_written_is_told_as_the_reason() {
    let guarded = Guarded::new(files::database("wal"), 0o444, 0o555);
    let path = guarded.file.path.to_str().unwrap();
    let beside = guarded.file.beside("backup.db");
    for args in
        [["verify", path].as_slice(), &["stats", path], &["backup", path, beside.to_str().unwrap()]]
    {
        let ran = guarded.run(args);
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.contains("can't be read here: in WAL mode"), "{ran:?}");
        assert!(ran.stderr.contains("as the user that the database belongs to"), "{ran:?}");
    }
}

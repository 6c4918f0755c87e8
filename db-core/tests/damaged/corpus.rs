//! The damaged databases, and running something on each of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use fastrand::Rng;
use tempfile::TempDir;

use super::damage::spoil;
use super::shapes::{Files, SHAPES};

/// Of each shape; at least two hundred in all.
const SEEDS: u64 = 40;

/// A damaged database.
pub struct Damaged {
    /// Shape, seed, and what was done.
    pub told: String,
    files: Files,
}

impl Damaged {
    /// Puts the files into an empty folder.
    pub fn put(&self) -> Placed {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        for (end, bytes) in &self.files {
            fs::write(folder.path().join(format!("shop.db{end}")), bytes).unwrap();
        }
        Placed { folder, path }
    }

    /// Whether there is a log, which a connection that may write carries over as it closes.
    pub fn has_log(&self) -> bool {
        self.files.contains_key("-wal")
    }
}

/// A damaged database in a folder.
pub struct Placed {
    pub folder: TempDir,
    pub path: PathBuf,
}

impl Placed {
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    /// All that lasts: shared memory is written by whoever reads a log, and the files where
    /// writers queue are empty.
    pub fn lasting(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let lasts =
            |path: &PathBuf| !["-shm", "-next", "-writer"].iter().any(|end| ends(path, end));
        paths.filter(lasts).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
    }
}

fn ends(path: &Path, end: &str) -> bool {
    path.to_string_lossy().ends_with(end)
}

/// Runs `check` on every damaged database, on all cores.
pub fn each(check: impl Fn(&Damaged) + Sync) {
    let only = env::var("DB_CORE_DAMAGED").ok();
    let mut all = Vec::new();
    for shape in &SHAPES {
        let whole = shape.make();
        for seed in 0..SEEDS {
            let name = format!("{}:{seed}", shape.name);
            if only.as_ref().is_some_and(|only| *only != name) {
                continue;
            }
            let mut files = whole.clone();
            // Another one for each shape, or they would all be spoilt alike.
            let salt = shape.name.bytes().map(u64::from).sum::<u64>() * 1_000;
            let done = spoil(&mut files, &mut Rng::with_seed(salt + seed));
            all.push(Damaged { told: format!("{name} ({done})"), files });
        }
    }
    assert!(only.is_some() || all.len() >= 200);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(damaged) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(damaged);
                }
            });
        }
    });
}

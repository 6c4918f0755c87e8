//! What a disk has after a power cut: all that was synced, and of the rest whatever it
//! had got to, in pieces of 512 bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::vfs::{Event, FileNo, Random};

const SECTOR: usize = 512;

/// The disk at one place of a recording.
#[derive(Default)]
pub struct Platter<'r> {
    files: BTreeMap<FileNo, File<'r>>,
    /// The folder, as far as it was synced.
    names: BTreeMap<&'r Path, FileNo>,
    renamed: Vec<(usize, &'r Path, Option<FileNo>)>,
}

#[derive(Default)]
struct File<'r> {
    synced: Vec<u8>,
    pending: Vec<(usize, Change<'r>)>,
}

#[derive(Clone, Copy)]
enum Change<'r> {
    Write(usize, &'r [u8]),
    Truncate(usize),
}

impl Change<'_> {
    /// Does it; of a write only the sectors that `kept` tells.
    fn make(self, image: &mut Vec<u8>, mut kept: impl FnMut() -> bool) {
        match self {
            Change::Truncate(size) => image.resize(size, 0),
            Change::Write(at, bytes) => {
                let mut done = 0;
                while done < bytes.len() {
                    let from = at + done;
                    let length = (SECTOR - from % SECTOR).min(bytes.len() - done);
                    if kept() {
                        if image.len() < from + length {
                            image.resize(from + length, 0);
                        }
                        image[from..from + length].copy_from_slice(&bytes[done..done + length]);
                    }
                    done += length;
                }
            }
        }
    }
}

impl<'r> Platter<'r> {
    /// What comes next in the recording, at the place `at`.
    pub fn follow(&mut self, at: usize, event: &'r Event) {
        match event {
            Event::Created { file, path } => self.renamed.push((at, path, Some(*file))),
            Event::Deleted { path } => self.renamed.push((at, path, None)),
            Event::FolderSynced { upto } => {
                let synced = self.renamed.iter().take_while(|change| change.0 < *upto).count();
                for (_, path, file) in self.renamed.drain(..synced) {
                    name(&mut self.names, path, file);
                }
            }
            Event::Written { file, at: offset, bytes } => {
                self.file(*file).pending.push((at, Change::Write(*offset, bytes)));
            }
            Event::Truncated { file, size } => {
                self.file(*file).pending.push((at, Change::Truncate(*size)));
            }
            Event::Synced { file, upto, .. } => {
                let File { synced, pending } = self.file(*file);
                let count = pending.iter().take_while(|change| change.0 < *upto).count();
                for (_, change) in pending.drain(..count) {
                    change.make(synced, || true);
                }
            }
            // None of it will be written again.
            Event::SyncFailed { file, upto } => {
                self.file(*file).pending.retain(|change| change.0 >= *upto);
            }
            Event::Noted(_) => {}
        }
    }

    fn file(&mut self, file: FileNo) -> &mut File<'r> {
        self.files.entry(file).or_default()
    }

    /// The files as they are found after a cut here.
    pub fn after_cut(&self, random: &mut Random) -> Vec<(PathBuf, Vec<u8>)> {
        let style = random.below(6);
        // Of eight sectors so many get there.
        let luck = 1 + random.below(7);
        let newest = self.newest();
        let oldest = self.oldest().min(newest);
        // In order up to here.
        let end = oldest + random.below(newest - oldest + 1);
        let mut kept = |at: usize, whole: bool| match style {
            0 => false,
            1 => true,
            2 => at < end,
            3 => at < end || (at == end && !whole && random.below(2) == 0),
            4 => !whole || random.below(8) < luck,
            _ => random.below(8) < luck,
        };
        let mut names = self.names.clone();
        for (at, path, file) in &self.renamed {
            if kept(*at, true) {
                name(&mut names, path, *file);
            }
        }
        let none = File::default();
        let mut found = Vec::new();
        for (path, file) in names {
            let File { synced, pending } = self.files.get(&file).unwrap_or(&none);
            let mut image = synced.clone();
            for (at, change) in pending {
                // In style 4 writes are lost whole, in style 5 by the sector.
                let whole = style == 4 || matches!(change, Change::Truncate(_));
                if !whole || kept(*at, true) {
                    change.make(&mut image, || kept(*at, false));
                }
            }
            found.push((path.to_owned(), image));
        }
        found
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.files.values().flat_map(|file| file.pending.iter().map(|change| change.0))
    }

    fn newest(&self) -> usize {
        self.places().max().map_or(0, |at| at + 1)
    }

    fn oldest(&self) -> usize {
        self.places().min().unwrap_or(0)
    }
}

fn name<'r>(names: &mut BTreeMap<&'r Path, FileNo>, path: &'r Path, file: Option<FileNo>) {
    match file {
        Some(file) => names.insert(path, file),
        None => names.remove(path),
    };
}

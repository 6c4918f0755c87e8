//! A file system in memory, whose name says that it is one of another machine: the kernel
//! asks this program for what is in its files.
//!
//! Only as much of FUSE as SQLite needs: <https://docs.kernel.org/filesystems/fuse/fuse.html>
//! and `linux/fuse.h`, from which the numbers are. Locks and mapped memory are the kernel's
//! own affair. Whoever uses the files has to be another process, or the two could wait for
//! each other in the kernel.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use super::*;

/// Mounts one as `kind`, such as `fuse.sshfs`, and serves it for as long as this process runs.
/// The mount is for this process and those that it starts.
pub fn mount(kind: &str, at: &Path) -> io::Result<()> {
    let device = File::options().read(true).write(true).open("/dev/fuse")?;
    let options = "fd=0,rootmode=40000,user_id=0,group_id=0";
    let mut command = Command::new("mount");
    // Without the helper that a program of that kind brings along.
    command.args(["-i", "-t", kind, "-o", options, "none"]).arg(at);
    let told = command.stdin(Stdio::from(device.try_clone()?)).output()?;
    if !told.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&told.stderr).into_owned()));
    }
    thread::spawn(move || Server { device, files: Vec::new() }.serve());
    Ok(())
}

/// The files; the number of a node is the place, counted from [`FIRST`].
struct Server {
    device: File,
    files: Vec<Node>,
}

struct Node {
    /// `None` when it was removed; who has it open keeps it.
    name: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

const ROOT: u64 = 1;
const FIRST: u64 = 2;

const NO_ENTRY: i32 = 2;
const UNKNOWN: i32 = 38;

/// An answer, or the number of an error.
type Answer = Result<Vec<u8>, i32>;

impl Server {
    fn serve(mut self) {
        let mut request = vec![0; 1 << 20];
        loop {
            // It ends when nobody has it mounted any more.
            let Ok(length) = self.device.read(&mut request) else { return };
            let (head, body) = request[..length].split_at(40);
            let (operation, id, node) = (word(head, 4), long(head, 8), long(head, 16));
            if [FORGET, INTERRUPT, BATCH_FORGET].contains(&operation) {
                continue;
            }
            let answer = self.answer(operation, node, body);
            let (error, answer) = match answer {
                Ok(answer) => (0, answer),
                Err(error) => (-error, Vec::new()),
            };
            let length = u32::try_from(16 + answer.len()).unwrap();
            let mut whole = length.to_ne_bytes().to_vec();
            whole.extend(error.to_ne_bytes());
            whole.extend(id.to_ne_bytes());
            whole.extend(answer);
            // Whoever asked may be gone.
            let _ = self.device.write(&whole);
        }
    }

    fn answer(&mut self, operation: u32, node: u64, body: &[u8]) -> Answer {
        match operation {
            INIT => Ok(init(body)),
            LOOKUP => self.find(body).map(|node| self.entry(node)).ok_or(NO_ENTRY),
            GETATTR => Ok(self.attributes_answer(node)),
            SETATTR => {
                const SIZE: u32 = 1 << 3;
                if word(body, 0) & SIZE != 0 {
                    let size = usize::try_from(long(body, 16)).unwrap();
                    self.node(node)?.bytes.resize(size, 0);
                }
                Ok(self.attributes_answer(node))
            }
            CREATE => {
                let name = name_of(&body[16..]).to_vec();
                self.files.push(Node { name: Some(name), bytes: Vec::new() });
                let node = FIRST + self.files.len() as u64 - 1;
                Ok([self.entry(node), opened()].concat())
            }
            UNLINK => {
                let node = self.find(body).ok_or(NO_ENTRY)?;
                self.node(node)?.name = None;
                Ok(Vec::new())
            }
            OPEN | OPENDIR => Ok(opened()),
            READ => {
                let (from, size) = (long(body, 8), word(body, 16) as usize);
                let bytes = &self.node(node)?.bytes;
                let from = bytes.len().min(usize::try_from(from).unwrap());
                Ok(bytes[from..bytes.len().min(from + size)].to_vec())
            }
            WRITE => {
                let (from, size) = (usize::try_from(long(body, 8)).unwrap(), word(body, 16));
                let end = from + size as usize;
                let bytes = &mut self.node(node)?.bytes;
                bytes.resize(bytes.len().max(end), 0);
                bytes[from..end].copy_from_slice(&body[40..40 + size as usize]);
                Ok([size.to_ne_bytes(), [0; 4]].concat())
            }
            STATFS => Ok([
                &[1_u64 << 20; 5].map(u64::to_ne_bytes).concat()[..],
                &[4096_u32, 255, 4096, 0, 0, 0, 0, 0, 0, 0].map(u32::to_ne_bytes).concat(),
            ]
            .concat()),
            RELEASE | RELEASEDIR | FSYNC | FSYNCDIR | FLUSH | DESTROY => Ok(Vec::new()),
            // The kernel does without.
            _ => Err(UNKNOWN),
        }
    }

    fn node(&mut self, node: u64) -> Result<&mut Node, i32> {
        let at = node.checked_sub(FIRST).ok_or(NO_ENTRY)?;
        self.files.get_mut(usize::try_from(at).unwrap()).ok_or(NO_ENTRY)
    }

    fn find(&self, name: &[u8]) -> Option<u64> {
        let is_it = |file: &Node| file.name.as_deref() == Some(name_of(name));
        self.files.iter().position(is_it).map(|at| FIRST + at as u64)
    }

    /// `struct fuse_entry_out`, of which nothing may be remembered.
    fn entry(&self, node: u64) -> Vec<u8> {
        let head = [node, 0, 0, 0, 0].map(u64::to_ne_bytes).concat();
        [head, self.attributes(node)].concat()
    }

    /// `struct fuse_attr_out`
    fn attributes_answer(&self, node: u64) -> Vec<u8> {
        [vec![0; 16], self.attributes(node)].concat()
    }

    /// `struct fuse_attr`
    fn attributes(&self, node: u64) -> Vec<u8> {
        const FOLDER: u32 = 0o040_755;
        const FILE: u32 = 0o100_644;
        let file = node.checked_sub(FIRST).and_then(|at| self.files.get(at as usize));
        let size = file.map_or(0, |file| file.bytes.len() as u64);
        let links = file.is_none_or(|file| file.name.is_some());
        let mode = if node == ROOT { FOLDER } else { FILE };
        let longs = [node, size, size.div_ceil(512), 0, 0, 0].map(u64::to_ne_bytes).concat();
        let words = [0, 0, 0, mode, links.into(), 0, 0, 0, 4096, 0].map(u32::to_ne_bytes).concat();
        [longs, words].concat()
    }
}

/// `struct fuse_init_out`: as little as can be.
fn init(body: &[u8]) -> Vec<u8> {
    const BIG_WRITES: u32 = 1 << 5;
    let ahead = word(body, 8);
    let words = [7, 31, ahead, BIG_WRITES, 0, 1 << 16, 1, 0].map(u32::to_ne_bytes).concat();
    [words, vec![0; 32]].concat()
}

/// `struct fuse_open_out`; what the kernel has of it, it may keep.
fn opened() -> Vec<u8> {
    const KEEP_CACHE: u32 = 1 << 1;
    [0, 0, KEEP_CACHE, 0].map(u32::to_ne_bytes).concat()
}

/// Up to the zero at its end.
fn name_of(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap())
}

const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const SETATTR: u32 = 4;
const UNLINK: u32 = 10;
const OPEN: u32 = 14;
const READ: u32 = 15;
const WRITE: u32 = 16;
const STATFS: u32 = 17;
const RELEASE: u32 = 18;
const FSYNC: u32 = 20;
const FLUSH: u32 = 25;
const INIT: u32 = 26;
const OPENDIR: u32 = 27;
const RELEASEDIR: u32 = 29;
const FSYNCDIR: u32 = 30;
const INTERRUPT: u32 = 36;
const DESTROY: u32 = 38;
const CREATE: u32 = 35;
const BATCH_FORGET: u32 = 42;

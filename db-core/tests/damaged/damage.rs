//! What a bad disk, a bad copy, or somebody's editor does to a file.

use fastrand::Rng;

use super::shapes::Files;

/// Spoils the files in one of many ways, which it tells.
pub fn spoil(files: &mut Files, dice: &mut Rng) -> String {
    let ends: Vec<_> = files.keys().copied().filter(|end| *end != "-shm").collect();
    let end = ends[dice.usize(..ends.len())];
    let file = files.get_mut(end).unwrap();
    let done = match dice.u8(..10) {
        0..3 => flip(file, dice, 1),
        3 => flip(file, dice, 8),
        4 => flip(file, dice, 200),
        5 => {
            // Where everything else depends on it: the header, and the schema behind it.
            let head = file.len().min(512);
            let told = flip(&mut file[..head], dice, 1);
            format!("{told} of the first page")
        }
        6 | 7 => overwrite(file, dice),
        8 => cut(file, dice),
        _ => {
            let more = dice.usize(1..3000);
            file.extend(std::iter::repeat_with(|| dice.u8(..)).take(more));
            format!("{more} bytes appended")
        }
    };
    // A log without its shared memory is one that was copied.
    if files.contains_key("-wal") && dice.bool() {
        files.remove("-shm");
    }
    format!("{done} in shop.db{end}")
}

fn flip(file: &mut [u8], dice: &mut Rng, bits: usize) -> String {
    for _ in 0..bits {
        let at = dice.usize(..file.len());
        file[at] ^= 1 << dice.u8(..8);
    }
    format!("{bits} bits flipped")
}

fn overwrite(file: &mut [u8], dice: &mut Rng) -> String {
    let from = dice.usize(..file.len());
    let to = (from + dice.usize(1..2000)).min(file.len());
    let byte = [0, 0xff, dice.u8(..)][dice.usize(..3)];
    let random = dice.bool();
    for place in &mut file[from..to] {
        *place = if random { dice.u8(..) } else { byte };
    }
    format!("{from}..{to} overwritten")
}

fn cut(file: &mut Vec<u8>, dice: &mut Rng) -> String {
    let left = dice.usize(..file.len());
    let left = if dice.bool() { left } else { left / 512 * 512 };
    file.truncate(left);
    format!("cut to {left} bytes")
}

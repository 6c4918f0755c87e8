//! The VFS in front of the system's own: files in watched folders tell their [`Disk`]
//! what is done to them, all else goes straight through.
//!
//! When the system's VFS syncs a folder is its own secret, so it is repeated here after
//! its source (`unixOpen`, `unixSync`, `unixDelete` in os_unix.c): at the first sync
//! through each handle of a journal or WAL that may be created, and at a deletion that
//! asks for it.
#![allow(unsafe_code, reason = "SQLite asks for a VFS as a struct of C functions")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use rusqlite::ffi;

use super::{Disk, FileNo, Name};

/// A file of ours; behind it lies the system's.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Ours from `open` to `close`.
    state: *mut State,
}

struct State {
    disk: Arc<Disk>,
    file: (FileNo, Name),
    /// The folder is synced with the next sync.
    sync_folder: bool,
}

/// Makes the shim the process's VFS.
pub(super) fn install() {
    // SAFETY: without a name it is the default VFS, which is there as long as the process.
    let below = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    assert!(!below.is_null());
    // SAFETY: as above; the struct has pointers and numbers only. Its other functions
    // don't look at the struct they are called with.
    let mut vfs = unsafe { below.read() };
    vfs.zName = c"watched".as_ptr();
    vfs.pNext = ptr::null_mut();
    vfs.pAppData = below.cast();
    vfs.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    // SAFETY: it is whole, and never freed.
    let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
    assert_eq!(code, ffi::SQLITE_OK);
}

fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite gives names that end in a nul.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())).to_owned())
}

extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: our VFS, with the one below in it.
    let below = unsafe { (*vfs).pAppData }.cast::<ffi::sqlite3_vfs>();
    // SAFETY: the VFS below is there as long as the process.
    let open = unsafe { (*below).xOpen }.unwrap();
    let path = path_of(name).filter(|_| flags & ffi::SQLITE_OPEN_DELETEONCLOSE == 0);
    let Some((disk, path)) = path.and_then(|path| Some((Disk::of(&path)?, path))) else {
        // SAFETY: there is room for a file of the VFS below, and more.
        return unsafe { open(below, name, file, flags, out) };
    };
    let ours = file.cast::<File>();
    // SAFETY: SQLite has made room for `szOsFile` bytes, aligned.
    unsafe {
        (*ours).base.pMethods = ptr::null();
        ours.add(1).cast::<ffi::sqlite3_file>().write(ffi::sqlite3_file { pMethods: ptr::null() });
    }
    // SAFETY: the room behind ours is the VFS's below.
    let code = unsafe { open(below, name, ours.add(1).cast(), flags, out) };
    if code == ffi::SQLITE_OK {
        let journal = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL;
        let sync_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journal != 0;
        let file = (disk.opened(&path), Name::of(&path));
        let state = Box::into_raw(Box::new(State { disk, file, sync_folder }));
        // SAFETY: as above; from here on the methods are ours, and find the state.
        unsafe {
            (*ours).state = state;
            (*ours).base.pMethods = &raw const METHODS;
        }
    }
    code
}

extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: our VFS, with the one below in it.
    let below = unsafe { (*vfs).pAppData }.cast::<ffi::sqlite3_vfs>();
    let run = || {
        // SAFETY: the VFS below is there as long as the process, and its function is
        // called as ours was.
        unsafe { (*below).xDelete.unwrap()(below, name, sync) }
    };
    match path_of(name).and_then(|path| Some((Disk::of(&path)?, path))) {
        None => run(),
        Some((disk, path)) => {
            let mut code = ffi::SQLITE_OK;
            disk.deleted(&path, sync & 1 != 0, || {
                code = run();
                code == ffi::SQLITE_OK
            });
            code
        }
    }
}

/// Calls the same method of the file below.
macro_rules! below {
    ($file:expr, $method:ident($($arg:expr),*)) => {{
        // SAFETY: `open` has opened the file below behind ours, so its methods are set;
        // the arguments are those that SQLite gave for this very method.
        unsafe {
            let below = $file.cast::<File>().add(1).cast::<ffi::sqlite3_file>();
            (*(*below).pMethods).$method.unwrap()(below $(, $arg)*)
        }
    }};
}

/// A method that only passes on.
macro_rules! pass {
    ($name:ident = $method:ident($($arg:ident: $type:ty),*) -> $out:ty) => {
        extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $arg: $type)*) -> $out {
            below!(file, $method($($arg),*))
        }
    };
}

pass!(read = xRead(to: *mut c_void, amount: c_int, at: i64) -> c_int);
pass!(size = xFileSize(size: *mut i64) -> c_int);
pass!(lock = xLock(level: c_int) -> c_int);
pass!(unlock = xUnlock(level: c_int) -> c_int);
pass!(check_lock = xCheckReservedLock(out: *mut c_int) -> c_int);
pass!(control = xFileControl(op: c_int, arg: *mut c_void) -> c_int);
pass!(sector = xSectorSize() -> c_int);
pass!(device = xDeviceCharacteristics() -> c_int);
pass!(shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, to: *mut *mut c_void) -> c_int);
pass!(shm_lock = xShmLock(offset: c_int, n: c_int, flags: c_int) -> c_int);
pass!(shm_barrier = xShmBarrier() -> ());
pass!(shm_unmap = xShmUnmap(delete: c_int) -> c_int);

fn state<'f>(file: *mut ffi::sqlite3_file) -> &'f mut State {
    // SAFETY: set by `open`, freed by `close`; SQLite uses a file by one thread at a time,
    // and calls no method of it from within another.
    unsafe { &mut *(*file.cast::<File>()).state }
}

extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let code = below!(file, xClose());
    // SAFETY: made by `open` from a box, and SQLite closes once.
    drop(unsafe { Box::from_raw((*file.cast::<File>()).state) });
    code
}

extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: i64,
) -> c_int {
    let state = state(file);
    // SAFETY: SQLite gives so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), amount as usize) };
    let write = |length: usize| below!(file, xWrite(from, c_int::try_from(length).unwrap(), at));
    state.disk.written(state.file, usize::try_from(at).unwrap(), bytes, write)
}

extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let state = state(file);
    let truncate = || below!(file, xTruncate(size));
    state.disk.truncated(state.file, usize::try_from(size).unwrap(), truncate)
}

extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    let state = state(file);
    let code = state.disk.synced(state.file, state.sync_folder);
    if code == ffi::SQLITE_OK {
        state.sync_folder = false;
    }
    code
}

/// Of the second version: without `xFetch` nothing is mapped, and every write is seen.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(device),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

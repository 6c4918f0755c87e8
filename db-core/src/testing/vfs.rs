//! A VFS in front of the system's own, whose files may tell what is done to them, and fail.
//! All that is not watched goes straight through.
//! <https://sqlite.org/c3ref/vfs.html>
#![allow(unsafe_code, reason = "SQLite asks for a VFS as a struct of C functions")]

use std::cell::RefCell;
use std::ffi::{CStr, c_int, c_void};
use std::mem::size_of;
use std::ptr;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::Faults;
use super::fault::{Fault, Place};

const NAME: &CStr = c"db-core-faults";

/// A fault for the next read on this thread.
pub(super) struct Armed {
    pub(super) faults: Faults,
    pub(super) fault: Fault,
    pub(super) place: Place,
    pub(super) function: Option<&'static str>,
}

thread_local! {
    static ARMED: RefCell<Option<Armed>> = const { RefCell::new(None) };
}

/// Lets the next read of this thread fail.
pub(super) fn arm(armed: Armed) {
    ARMED.set(Some(armed));
}

/// Takes back the fault that was not met.
pub(super) fn disarm() -> Option<Armed> {
    ARMED.take()
}

/// Registers the VFS, once a process; its name.
pub(super) fn install() -> &'static CStr {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // SAFETY: without a name it is the default VFS, which is there as long as the
        // process, and the struct has pointers and numbers only. Its other functions don't
        // look at the struct they are called with.
        let below = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        // SAFETY: as above; SQLite without any VFS could not have been started.
        let mut vfs = unsafe { below.read() };
        vfs.zName = NAME.as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = below.cast();
        vfs.szOsFile += c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX);
        vfs.xOpen = Some(open);
        // SAFETY: it is whole, and never freed.
        unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
    });
    NAME
}

/// A file of ours; behind it lies the system's.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// So that what lies behind is aligned for anything.
    _room: u64,
}

extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: our VFS, with the one below in it, which is there as long as the process.
    let (below, open) = unsafe {
        let below = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        (below, (*below).xOpen)
    };
    let Some(open) = open else { return ffi::SQLITE_CANTOPEN };
    let is_watched = flags & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL) != 0;
    if !is_watched {
        // SAFETY: there is room for a file of the VFS below, and more.
        return unsafe { open(below, name, file, flags, out) };
    }
    let ours = file.cast::<File>();
    // SAFETY: SQLite has made room for `szOsFile` bytes, aligned; what is behind ours is the
    // VFS's below, which begins without methods.
    let code = unsafe {
        (*ours).base.pMethods = ptr::null();
        let theirs = ours.add(1).cast::<ffi::sqlite3_file>();
        theirs.write(ffi::sqlite3_file { pMethods: ptr::null() });
        open(below, name, theirs, flags, out)
    };
    if code == ffi::SQLITE_OK {
        // SAFETY: as above; from here on the methods are ours.
        unsafe { (*ours).base.pMethods = &raw const METHODS };
    }
    code
}

/// A method that calls the same of the file below.
macro_rules! pass {
    ($name:ident = $method:ident($($arg:ident: $type:ty),*) -> $out:ty, else $none:expr) => {
        extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $arg: $type)*) -> $out {
            // SAFETY: `open` has opened the file below behind ours, so its methods are set;
            // the arguments are those that SQLite gave for this very method.
            unsafe {
                let below = file.cast::<File>().add(1).cast::<ffi::sqlite3_file>();
                match (*(*below).pMethods).$method {
                    Some(method) => method(below $(, $arg)*),
                    None => $none,
                }
            }
        }
    };
    ($name:ident = $method:ident($($arg:ident: $type:ty),*)) => {
        pass!($name = $method($($arg: $type),*) -> c_int, else ffi::SQLITE_IOERR);
    };
}

pass!(read_below = xRead(to: *mut c_void, amount: c_int, at: i64));
pass!(close = xClose());
pass!(write = xWrite(from: *const c_void, amount: c_int, at: i64));
pass!(truncate = xTruncate(size: i64));
pass!(sync = xSync(flags: c_int));
pass!(size = xFileSize(size: *mut i64));
pass!(lock = xLock(level: c_int));
pass!(unlock = xUnlock(level: c_int));
pass!(check_lock = xCheckReservedLock(out: *mut c_int));
pass!(control = xFileControl(op: c_int, arg: *mut c_void));
pass!(sector = xSectorSize() -> c_int, else 4096);
pass!(device = xDeviceCharacteristics() -> c_int, else 0);
pass!(shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, to: *mut *mut c_void));
pass!(shm_lock = xShmLock(offset: c_int, n: c_int, flags: c_int));
pass!(shm_barrier = xShmBarrier() -> (), else ());
pass!(shm_unmap = xShmUnmap(delete: c_int));

extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, amount: c_int, at: i64) -> c_int {
    match disarm() {
        Some(armed) => armed.fault.code(),
        None => read_below(file, to, amount, at),
    }
}

/// Of the second version: without `xFetch` nothing is mapped, and every read is seen.
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

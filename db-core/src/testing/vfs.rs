//! A VFS in front of the system's own, whose files can fail where they are read and written.
//! All else goes straight through. <https://sqlite.org/c3ref/vfs.html>
//!
//! What the `unsafe` in here rests on: SQLite calls a method of ours with what
//! <https://sqlite.org/c3ref/io_methods.html> and the page above say, a VFS with the struct
//! that was registered, a file with the room that was asked for; and the VFS below is called
//! in the same way, always with its own struct and its own files.
#![allow(unsafe_code, reason = "SQLite asks for a VFS as a struct of C functions")]

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::ptr;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::faults::Met;

const NAME: &CStr = c"db-core-faults";

/// A fault for the next time that this thread reads or writes a file.
pub(super) struct Armed {
    pub(super) met: Met,
    /// For which statement: only compared.
    pub(super) statement: *mut ffi::sqlite3_stmt,
}

thread_local! {
    static ARMED: RefCell<Option<Armed>> = const { RefCell::new(None) };
}

/// Lets the next read or write of this thread fail.
pub(super) fn arm(armed: Armed) {
    // A thread that is at its end has nothing to test.
    let _ = ARMED.try_with(|slot| slot.replace(Some(armed)));
}

/// Takes back the fault that was not met, if it is `wanted`.
pub(super) fn disarm(wanted: impl FnOnce(&Armed) -> bool) -> Option<Armed> {
    let take = |slot: &RefCell<Option<Armed>>| slot.borrow_mut().take_if(|armed| wanted(armed));
    ARMED.try_with(take).ok().flatten()
}

/// Registers the VFS, once a process; its name.
pub(super) fn install() -> &'static CStr {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // SAFETY: a null name asks for the default VFS; it is there as long as the process.
        let below = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!below.is_null(), "SQLite has a default VFS");
        // SAFETY: it is a registered one, whose sizes don't change.
        let (size, longest) = unsafe { ((*below).szOsFile, (*below).mxPathname) };
        let ours = c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX);
        let vfs = ffi::sqlite3_vfs {
            // The first version has all that is needed, and all VFSs have what is in it.
            iVersion: 1,
            szOsFile: size.saturating_add(ours),
            mxPathname: longest,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: below.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path),
            xDlOpen: Some(dl_open),
            xDlError: Some(dl_error),
            xDlSym: Some(dl_sym),
            xDlClose: Some(dl_close),
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        };
        // SAFETY: it is whole, its name is static, and it is never freed. Should there be no
        // memory to register it, opening by its name fails.
        unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) };
    });
    NAME
}

/// The VFS below.
///
/// # Safety
///
/// `vfs` must be ours.
unsafe fn below(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: by this function's contract; `install` has put it there.
    unsafe { (*vfs).pAppData.cast() }
}

/// A file of ours; behind it lies the one of the VFS below.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// So that what lies behind is aligned as SQLite aligns a file: to eight bytes.
    _room: u64,
}

/// The file below.
///
/// # Safety
///
/// `file` must be one that [`open`] was given.
unsafe fn behind(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: by this function's contract there are `szOsFile` bytes, more than a `File`.
    unsafe { file.cast::<File>().add(1).cast() }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls it with our VFS, and the one below is there as long as the process.
    let (below, open) = unsafe {
        let below = below(vfs);
        (below, (*below).xOpen)
    };
    let Some(open) = open else { return ffi::SQLITE_CANTOPEN };
    let is_watched = flags & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL) != 0;
    if !is_watched {
        // SAFETY: there is room for a file of the VFS below, and more; from here on it is a
        // file of that VFS alone.
        return unsafe { open(below, name, file, flags, out) };
    }
    // SAFETY: there is room for both files, and neither has methods yet: as `xOpen` may leave
    // them so, SQLite closes a file that could not be opened if it has methods, and only then.
    unsafe {
        let theirs = behind(file);
        (*file).pMethods = ptr::null();
        (*theirs).pMethods = ptr::null();
        let code = open(below, name, theirs, flags, out);
        if !(*theirs).pMethods.is_null() {
            (*file).pMethods = &raw const METHODS;
        }
        code
    }
}

/// A method of a file that calls the same of the file below, where it has come with that
/// version of the methods.
macro_rules! pass {
    (
        $version:literal $name:ident = $method:ident($($arg:ident: $type:ty),*) -> $out:ty,
        else $none:expr
    ) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $arg: $type)*) -> $out {
            // SAFETY: a file has our methods only if `open` found methods in the one below,
            // and what a later version has need not be there to be looked at. The arguments
            // are those that SQLite gave for this very method.
            unsafe {
                let below = behind(file);
                let methods = (*below).pMethods;
                let is_there = (*methods).iVersion >= $version;
                match if is_there { (*methods).$method } else { None } {
                    Some(method) => method(below $(, $arg)*),
                    None => $none,
                }
            }
        }
    };
    ($version:literal $name:ident = $method:ident($($arg:ident: $type:ty),*)) => {
        pass!($version $name = $method($($arg: $type),*) -> c_int, else ffi::SQLITE_IOERR);
    };
}

pass!(1 close = xClose());
pass!(1 read_below = xRead(to: *mut c_void, amount: c_int, at: i64));
pass!(1 write_below = xWrite(from: *const c_void, amount: c_int, at: i64));
pass!(1 truncate = xTruncate(size: i64));
pass!(1 sync = xSync(flags: c_int));
pass!(1 size = xFileSize(size: *mut i64));
pass!(1 lock = xLock(level: c_int));
pass!(1 unlock = xUnlock(level: c_int));
pass!(1 check_lock = xCheckReservedLock(out: *mut c_int));
pass!(1 control = xFileControl(op: c_int, arg: *mut c_void));
pass!(1 sector = xSectorSize() -> c_int, else 4096);
pass!(1 device = xDeviceCharacteristics() -> c_int, else 0);
pass!(2 shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, to: *mut *mut c_void));
pass!(2 shm_lock = xShmLock(offset: c_int, n: c_int, flags: c_int));
pass!(2 shm_barrier = xShmBarrier() -> (), else ());
pass!(2 shm_unmap = xShmUnmap(delete: c_int));

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    to: *mut c_void,
    amount: c_int,
    at: i64,
) -> c_int {
    match disarm(|_| true) {
        Some(Armed { met, .. }) => met.fault().code(),
        // SAFETY: these are the arguments of this method.
        None => unsafe { read_below(file, to, amount, at) },
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: i64,
) -> c_int {
    match disarm(|_| true) {
        Some(Armed { met, .. }) => met.fault().code(),
        // SAFETY: these are the arguments of this method.
        None => unsafe { write_below(file, from, amount, at) },
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

/// A method of the VFS that calls the same of the VFS below.
macro_rules! pass_on {
    ($name:ident = $method:ident($($arg:ident: $type:ty),*) -> $out:ty, else $none:expr) => {
        unsafe extern "C" fn $name(vfs: *mut ffi::sqlite3_vfs $(, $arg: $type)*) -> $out {
            // SAFETY: SQLite calls it with our VFS; the arguments are those that it gave for
            // this very method.
            unsafe {
                let below = below(vfs);
                match (*below).$method {
                    Some(method) => method(below $(, $arg)*),
                    None => $none,
                }
            }
        }
    };
}

/// What `xDlSym` finds.
type Symbol = Option<unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *mut c_void, *const c_char)>;

pass_on!(delete = xDelete(name: *const c_char, sync: c_int) -> c_int, else ffi::SQLITE_IOERR);
pass_on!(access = xAccess(name: *const c_char, flags: c_int, out: *mut c_int) -> c_int,
    else ffi::SQLITE_IOERR);
pass_on!(full_path = xFullPathname(name: *const c_char, size: c_int, out: *mut c_char) -> c_int,
    else ffi::SQLITE_CANTOPEN);
pass_on!(dl_open = xDlOpen(name: *const c_char) -> *mut c_void, else ptr::null_mut());
pass_on!(dl_error = xDlError(size: c_int, out: *mut c_char) -> (), else ());
pass_on!(dl_sym = xDlSym(library: *mut c_void, name: *const c_char) -> Symbol, else None);
pass_on!(dl_close = xDlClose(library: *mut c_void) -> (), else ());
pass_on!(randomness = xRandomness(size: c_int, out: *mut c_char) -> c_int, else 0);
pass_on!(sleep = xSleep(micros: c_int) -> c_int, else 0);
pass_on!(current_time = xCurrentTime(out: *mut f64) -> c_int, else ffi::SQLITE_ERROR);
pass_on!(last_error = xGetLastError(size: c_int, out: *mut c_char) -> c_int, else 0);

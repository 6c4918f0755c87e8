//! This process's id, without a system call for each question.
//!
//! `getpid` costs about 100 ns, twice for each call of an annotated function; a point
//! read of SQLite takes 1,600. The id is kept, and a fork forgets it in the child.
//! One of the few places where `unsafe` is allowed: registering that takes libc's
//! `pthread_atfork`, which std does not offer.

#[cfg(unix)]
pub(crate) use unix::id;

#[cfg(not(unix))]
pub(crate) fn id() -> u32 {
    std::process::id()
}

#[cfg(unix)]
#[allow(unsafe_code)]
mod unix {
    use std::ffi::c_int;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// 0 if it has to be asked for.
    static ID: AtomicU32 = AtomicU32::new(0);

    unsafe extern "C" {
        /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_atfork.html>
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> c_int;
    }

    extern "C" fn forget() {
        ID.store(0, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn id() -> u32 {
        match ID.load(Ordering::Relaxed) {
            0 => ask(),
            id => id,
        }
    }

    #[cold]
    fn ask() -> u32 {
        static REGISTERED: OnceLock<bool> = OnceLock::new();
        let id = std::process::id();
        let registered = *REGISTERED.get_or_init(|| {
            // SAFETY: the signature is that of POSIX, and `forget` only stores to an
            // atomic, which is allowed in a forked child.
            unsafe { pthread_atfork(None, None, Some(forget)) == 0 }
        });
        if registered {
            ID.store(id, Ordering::Relaxed);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_one_that_the_system_tells() {
        for _ in 0..2 {
            assert_eq!(super::id(), std::process::id());
        }
    }
}

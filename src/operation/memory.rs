//! How this process gives back what it no longer needs. Left to itself, glibc learns from the first large buffer that is
//! freed (a password's 19 MiB, a photograph) to keep all later ones in its arenas, one for each thread that had one.

/// Buffers of this size and more are the system's as soon as they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 1024 * 1024;

/// To be called once, at the start.
#[cfg_attr(all(target_os = "linux", target_env = "gnu"), expect(unsafe_code, reason = "the allocator is C"))]
pub fn begin() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets one number of the allocator, under the allocator's own lock.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Gives back what lies free between small buffers, after thousands of connections. Called now and then.
#[cfg_attr(all(target_os = "linux", target_env = "gnu"), expect(unsafe_code, reason = "the allocator is C"))]
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it returns free pages only, under the allocator's own locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

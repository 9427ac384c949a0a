//! Where threads begin: a new thread tends to stay on the core of the one that made it, while others idle, for as long as a run takes.

/// The core that this thread is on.
pub(crate) fn current() -> usize {
    #[cfg(target_os = "linux")]
    return rustix::thread::sched_getcpu();
    #[cfg(not(target_os = "linux"))]
    0
}

/// Moves this thread to another core, if there is one. It may come back: only where it begins is changed.
#[cfg(target_os = "linux")]
pub(crate) fn leave(core: usize) {
    use rustix::thread;

    let Ok(allowed) = thread::sched_getaffinity(None) else {
        return;
    };
    let mut others = allowed;
    others.unset(core);
    if others.count() > 0 && thread::sched_setaffinity(None, &others).is_ok() {
        thread::sched_setaffinity(None, &allowed).ok();
    }
}

/// Elsewhere the system decides.
#[cfg(not(target_os = "linux"))]
pub(crate) fn leave(_core: usize) {}

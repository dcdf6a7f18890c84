//! How much memory a process holds.
//!
//! A limit on the address space would do without looking, but V8 reserves far more of it than it uses.

use std::time::Duration;

/// How often it is looked at.
pub(super) const LOOK_TIME: Duration = Duration::from_millis(250);

/// Returns the bytes that a process holds; None where the system doesn't tell.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the system tells it in a file")]
pub(super) fn held(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Returns the bytes that a process holds; None where the system doesn't tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn held(_pid: u32) -> Option<u64> {
    None
}

/// Says that a process held too much.
pub(super) fn in_words(held: u64, allowed: u64) -> String {
    format!("memory {} MB of {} MB", held >> 20, allowed >> 20)
}

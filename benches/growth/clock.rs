//! Processor time: what this process has used, and what its children have.

use std::time::Duration;

#[cfg(unix)]
use nix::sys::resource::{UsageWho, getrusage};

/// Returns the time that this process has computed, user and system.
#[cfg(unix)]
pub(crate) fn own() -> Duration {
    used(UsageWho::RUSAGE_SELF)
}

/// Returns the time that the processes it started and waited for have computed.
#[cfg(unix)]
pub(crate) fn children() -> Duration {
    used(UsageWho::RUSAGE_CHILDREN)
}

#[cfg(unix)]
fn used(who: UsageWho) -> Duration {
    let usage = getrusage(who).expect("a process may ask for its own usage");
    [usage.user_time(), usage.system_time()]
        .into_iter()
        .map(|it| {
            let seconds = u64::try_from(it.tv_sec()).expect("time is not negative");
            let micros = u64::try_from(it.tv_usec()).expect("time is not negative");
            Duration::from_secs(seconds) + Duration::from_micros(micros)
        })
        .sum()
}

/// Elsewhere the time on the wall stands for both.
#[cfg(not(unix))]
pub(crate) fn own() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(not(unix))]
pub(crate) fn children() -> Duration {
    own()
}

/// Shows a time in milliseconds.
pub(crate) fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

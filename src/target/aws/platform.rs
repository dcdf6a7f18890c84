//! What a function asks of Lambda beside memory and time: disk, processor, logs and tracing.

use std::time::Duration;

use serde::Serialize;

use super::{websocket, whole_seconds};
use crate::model::{Arch, Function, Setting, Size};

// "AWS Lambda API Reference", EphemeralStorage.
const LEAST_DISK_MB: u64 = 512;
/// How long logs are kept where the program doesn't say.
const LOG_DAYS: u64 = 30;
// "Amazon CloudWatch Logs API Reference", PutRetentionPolicy.
const RETENTIONS: [u64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];
const DAY: u64 = 24 * 60 * 60;

/// `EphemeralStorage` of a function, in megabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EphemeralStorage {
    size: u64,
}

/// Returns the space for temporary files, where the program says one.
pub(super) fn ephemeral_storage(function: &Function) -> Option<EphemeralStorage> {
    let disk = function.disk?;
    let size = disk_size(disk.value).to_mb();
    Some(EphemeralStorage { size })
}

/// Returns the space that Lambda gives where a program asks for `disk`: whole megabytes, 512 at the least.
pub(super) fn disk_size(disk: Size) -> Size {
    Size::mb(disk.to_mb().max(LEAST_DISK_MB))
}

/// Returns how many seconds a call may take. API Gateway waits for a function of the websocket less than the language's
/// own limit.
pub(super) fn timeout(function: &Function) -> u64 {
    let written = whole_seconds(function.timeout.value);
    if shortened_timeout(function) {
        websocket::LONGEST_CALL
    } else {
        written
    }
}

/// Tells whether the language's own time limit of a function is longer than API Gateway waits for it.
pub(super) fn shortened_timeout(function: &Function) -> bool {
    let own = !function.timeout.is_written();
    own && websocket::takes(function)
        && whole_seconds(function.timeout.value) > websocket::LONGEST_CALL
}

/// Returns Lambda's name of a function's architecture.
pub(super) fn architecture(function: &Function) -> &'static str {
    match function.arch.value {
        Arch::X64 => "x86_64",
        Arch::Arm64 => "arm64",
    }
}

/// Returns the `Tracing` of a function whose calls are traced.
pub(super) fn tracing(function: &Function) -> Option<&'static str> {
    function.trace.value.then_some("Active")
}

/// Returns for how many days a function's logs are kept.
pub(super) fn log_days(function: &Function) -> u64 {
    let written = function.logs.map(kept_days);
    written.unwrap_or(LOG_DAYS)
}

/// Returns the shortest time in days that there is and that isn't shorter; the longest where there is none.
fn kept_days(keep: Setting<Duration>) -> u64 {
    let offered = RETENTIONS.into_iter();
    let mut enough = offered.skip_while(|it| Duration::from_secs(it * DAY) < keep.value);
    let longest = RETENTIONS.last().copied();
    enough.next().or(longest).unwrap_or(LOG_DAYS)
}

/// Returns for how long logs are kept that the program wants kept for `keep`.
pub(super) fn kept(keep: Setting<Duration>) -> Duration {
    Duration::from_secs(kept_days(keep) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_kept_at_least_as_long_as_said() {
        let days = |days: u64| {
            let keep = Duration::from_secs(days * DAY);
            kept_days(Setting::language(keep))
        };
        assert_eq!([1, 2, 30, 31, 3653].map(days), [1, 3, 30, 60, 3653]);
        let hour = Setting::language(Duration::from_hours(1));
        assert_eq!(kept(hour), Duration::from_secs(DAY));
    }

    #[test]
    fn a_disk_has_512_megabytes_at_the_least() {
        assert_eq!(disk_size(Size::mb(1)), Size::mb(512));
        assert_eq!(disk_size(Size::mb(2048)), Size::mb(2048));
    }
}

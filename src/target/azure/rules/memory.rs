//! Instances have three sizes.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Function, Size};
use crate::target::azure::profile::{SIZES_MB, memory_mb};

pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let memory = function.memory.value;
    let Some(span) = function.memory.span() else {
        return;
    };
    let size = memory_mb(memory);
    if memory == Size::mb(size) || !SIZES_MB.contains(&size) {
        return;
    }
    let message = format!("memory of {memory} is {} on Azure", Size::mb(size));
    found.push(
        Diagnostic::new(Code::FN0930, message)
            .label(span, "rounded up to the next size")
            .help("an instance has 512MB, 2GB or 4GB"),
    );
}

//! FN0922: parked records of a stream or a table that say only where the records are.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Function;

/// Reports `retry N then QUEUE` of triggers on streams and tables: what Lambda sends to the queue names the shard and
/// the sequence numbers, and the data is gone when the source no longer keeps it. ("AWS Lambda Developer Guide",
/// "Retain discarded records for a Kinesis event source".)
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let logs = function.triggers.iter().filter_map(|it| it.kind.log());
    for it in logs {
        let Some(retry) = &it.retry else { continue };
        let Some(park) = &retry.value.park else {
            continue;
        };
        let source = &it.source.value;
        let message = format!("AWS parks where the records of `{source}` are, not what they hold");
        found.push(
            Diagnostic::new(Code::FN0922, message)
                .label(park.span, "gets shard and sequence numbers")
                .help(format!(
                    "read them from `{source}` while it keeps them, or catch errors in the handler and send the record on"
                )),
        );
    }
}

//! FN0621: a stream with more batches at once than its function may run.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, StreamTrigger};

/// Compares shards × `parallel` with MAX × C of the function, where the program says both.
pub(super) fn check(
    function: &Function,
    trigger: &StreamTrigger,
    app: &App,
    found: &mut Diagnostics,
) {
    let Some(stream) = app.streams.get(trigger.source.as_str()) else {
        return;
    };
    let scale = &function.scale;
    let (Some(max), Some(at)) = (scale.max.value, scale.max.span()) else {
        return;
    };
    let at_once = u64::from(max) * u64::from(scale.concurrency.value);
    let (shards, parallel) = (stream.shards.value, trigger.parallel.value);
    let batches = u64::from(shards) * u64::from(parallel);
    let span = trigger.parallel.span().or(stream.shards.span());
    let Some(span) = span.filter(|_| at_once > 0 && batches > at_once) else {
        return;
    };
    let (name, source) = (&function.name.value, &stream.name.value);
    let said = match parallel {
        1 => format!("{shards} shards"),
        _ => format!("{shards} × {parallel} = {batches} batches at once"),
    };
    found.push(
        Diagnostic::new(
            Code::FN0621,
            format!("`{source}` is read in {batches} parts, but `{name}` takes {at_once} at once"),
        )
        .label(span, said)
        .label(at, "the others wait")
        .help(format!(
            "raise MAX to {}, or divide the stream into fewer parts",
            batches.div_ceil(u64::from(scale.concurrency.value.max(1)))
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn every_part_has_an_instance() {
        let program = |stream: &str, parallel: &str, scale: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
stream clicks {{ {stream} }}
function a {{ handler "src/a.py:handle"; on stream clicks {{ {parallel}; retry 2 then failed }}; scale {scale} }}
function b {{ handler "src/a.py:handle"; on every 5m; retry 2 then failed }}"#
            )
        };
        finds(&program("shards 4", "batch 5", "0..3"), "FN0621 at `4`");
        finds(&program("shards 4", "parallel 2", "0..7"), "FN0621 at `2`");
        finds(&program("shards 4", "parallel 2", "0..8"), "");
        finds(&program("shards 4", "batch 5", "0.."), "");
        finds(&program("keep 24h", "batch 5", "0..1"), "");
    }
}

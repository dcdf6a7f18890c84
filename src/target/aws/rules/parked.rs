//! FN0916: a parking queue that keeps messages no longer than the queue they come from.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Queue, duration_text};

/// Compares `keep` of a queue and of the one it parks in: a message that SQS moves keeps its age. ("Amazon SQS
/// Developer Guide", "Using dead-letter queues"; in a fifo queue the time begins anew.)
pub(super) fn check(app: &App, queue: &Queue, found: &mut Diagnostics) {
    let park = queue.retry.as_ref().and_then(|it| it.value.park.as_ref());
    let Some((park, target)) = park.and_then(|it| Some((it, app.queues.get(it.as_str())?))) else {
        return;
    };
    let (kept, parked) = (queue.keep.value, target.keep.value);
    if queue.fifo.value || parked > kept {
        return;
    }
    let name = &park.value;
    found.push(
        Diagnostic::new(
            Code::FN0916,
            format!("a message parked in `{name}` keeps its age on AWS"),
        )
        .label(park.span, "parked here")
        .label(
            target.keep.span().unwrap_or(target.name.span),
            format!("gone {} after it was first sent", duration_text(parked)),
        )
        .help(format!(
            "keep parked messages longer: `queue {name} {{ keep 14d }}`"
        )),
    );
}

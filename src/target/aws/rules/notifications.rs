//! FN0821: triggers on a bucket that another system owns.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, TriggerKind};

/// Reports `on bucket` of an external bucket: its notifications are part of the bucket's own settings. ("Amazon S3 User
/// Guide", "Enabling and configuring event notifications".)
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for trigger in app.functions.values().flat_map(|it| &it.triggers) {
        let TriggerKind::Bucket(it) = &trigger.kind else {
            continue;
        };
        let bucket = app.buckets.get(it.bucket.as_str());
        if bucket.is_some_and(|it| it.place.external.is_some()) {
            let message = format!("nothing starts on `{}` on AWS", it.bucket.value);
            found.push(
                Diagnostic::new(Code::FN0821, message)
                    .label(it.bucket.span, "only its owner says whom it notifies")
                    .help(
                        "let the owner notify a queue or a topic: `external queue` and `on queue`",
                    ),
            );
        }
    }
}

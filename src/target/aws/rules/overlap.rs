//! FN0805: objects that start two functions. Amazon S3 User Guide, "Event notification types and destinations" and
//! "Configuring notifications with object key name filtering": S3 refuses notifications of the same event whose
//! prefixes and suffixes overlap.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, BucketTrigger, Function, TriggerKind};

/// Compares the bucket triggers of different functions; those of one are compared on every target.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut seen: Vec<(&Function, &BucketTrigger)> = Vec::new();
    for function in app.functions.values() {
        for trigger in &function.triggers {
            let TriggerKind::Bucket(it) = &trigger.kind else {
                continue;
            };
            let first = seen
                .iter()
                .find(|(other, first)| other.name != function.name && first.overlaps(it));
            if let Some((other, first)) = first {
                let (bucket, name) = (&it.bucket.value, &function.name.value);
                found.push(
                    Diagnostic::new(
                        Code::FN0805,
                        format!("objects of `{bucket}` can't start both `{}` and `{name}` on AWS", other.name.value),
                    )
                    .label(it.bucket.span, "some keys fit here too")
                    .label(first.bucket.span, format!("`{}` takes them", other.name.value))
                    .help("choose prefixes or suffixes that exclude one another, or let the first function publish to a topic that both start on"),
                );
            }
            seen.push((function, it));
        }
    }
}

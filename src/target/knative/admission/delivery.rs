//! How often an event is tried and where it goes then, and what it is sent to.

use serde_json::Value;

use super::values::period;
use super::{Faults, int, text};

/// Checks `delivery`.
pub(super) fn check(object: &Value, found: &mut Faults) {
    let place = "/spec/delivery";
    let Some(delivery) = object.pointer(place) else {
        return;
    };
    if int(delivery, "/retry").is_some_and(|it| it < 0) {
        found.add(format!("{place}/retry"), "retry is 0 or more");
    }
    for (name, words) in [
        ("backoffPolicy", ["linear", "exponential"]),
        ("format", ["json", "binary"]),
    ] {
        if let Some(given) = text(delivery, &format!("/{name}")).filter(|it| !words.contains(it)) {
            found.add(
                format!("{place}/{name}"),
                format!("{name} is {} or {}, not `{given}`", words[0], words[1]),
            );
        }
    }
    for name in ["backoffDelay", "timeout"] {
        if let Some(given) = text(delivery, &format!("/{name}"))
            && !period(given).is_some_and(|it| it > 0.0)
        {
            found.add(
                format!("{place}/{name}"),
                format!("`{given}` is no period above zero: write it like `PT2S`"),
            );
        }
    }
    if delivery.get("retryAfterMax").is_some() {
        found.add(
            format!("{place}/retryAfterMax"),
            "Knative refuses retryAfterMax unless a flag is set",
        );
    }
    if delivery.get("deadLetterSink").is_some() {
        destination(object, "/spec/delivery/deadLetterSink", found);
    }
}

/// Checks where events are sent to.
pub(super) fn destination(object: &Value, path: &str, found: &mut Faults) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(given) = object.pointer(path) else {
        return found.add(path, format!("there is no {name}"));
    };
    let uri = text(given, "/uri");
    match given.get("ref") {
        Some(it) => reference(it, &format!("{path}/ref"), found),
        None if uri.is_none_or(|it| !it.contains("://")) => {
            found.add(
                path,
                format!("{name} has a `ref`, or a `uri` with its scheme"),
            );
        }
        None => {}
    }
}

/// Checks a reference to an object.
pub(super) fn reference(given: &Value, path: &str, found: &mut Faults) {
    for name in ["apiVersion", "kind", "name"] {
        if text(given, &format!("/{name}")).is_none_or(str::is_empty) {
            return found.add(
                path,
                format!("a reference needs apiVersion, kind and name, and has no {name}"),
            );
        }
    }
    if given.get("namespace").is_some() && given.get("kind") != Some(&Value::from("ConfigMap")) {
        found.add(
            format!("{path}/namespace"),
            "leave the namespace out: an overlay that changes it doesn't see it here",
        );
    }
}

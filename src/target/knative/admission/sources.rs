//! What events come from, and what takes them away.

use jiff::tz::TimeZoneDatabase;
use serde_json::Value;

use super::delivery::{self, destination};
use super::eventing::is_attribute;
use super::{Faults, cron, int, items, members, text};

pub(super) fn ping(object: &Value, found: &mut Faults) {
    let path = "/spec/schedule";
    let schedule = text(object, path).unwrap_or_default();
    let zoned = schedule.starts_with("CRON_TZ=") || schedule.starts_with("TZ=");
    if let Err(why) = cron::check(schedule) {
        found.add(path, format!("`{schedule}` is no schedule: {why}"));
    }
    if let Some(zone) = text(object, "/spec/timezone") {
        let known = zone == "UTC" || TimeZoneDatabase::bundled().get(zone).is_ok();
        if zone == "Local" || !known {
            found.add(
                "/spec/timezone",
                format!("`{zone}` is no time zone: write it like `Europe/Berlin`"),
            );
        } else if zoned {
            found.add("/spec/timezone", "the schedule says its time zone already");
        }
    }
    let data = text(object, "/spec/data");
    if data.is_some() && object.pointer("/spec/dataBase64").is_some() {
        found.add("/spec/dataBase64", "a PingSource sends data or dataBase64");
    }
    if text(object, "/spec/contentType") == Some("application/json")
        && let Some(data) = data
        && !serde_json::from_str::<Value>(data).is_ok_and(|it| it.is_object())
    {
        found.add(
            "/spec/data",
            "data is no JSON object, which the content type says it is",
        );
    }
    extensions(object, found);
    destination(object, "/spec/sink", found);
}

fn extensions(object: &Value, found: &mut Faults) {
    for (path, name, _) in members(object, "/spec/ceOverrides/extensions") {
        if !is_attribute(name) {
            found.add(
                path,
                format!("`{name}` is no attribute of CloudEvents: lower-case letters and digits"),
            );
        }
    }
}

pub(super) fn kafka(object: &Value, found: &mut Faults) {
    for name in ["topics", "bootstrapServers"] {
        named(object, name, found);
    }
    if text(object, "/spec/consumerGroup").is_none_or(str::is_empty) {
        found.add(
            "/spec",
            "without a consumerGroup each creation makes another one, and begins anew",
        );
    }
    for (name, words) in [
        ("initialOffset", ["earliest", "latest"]),
        ("ordering", ["ordered", "unordered"]),
    ] {
        let path = format!("/spec/{name}");
        if let Some(given) = text(object, &path).filter(|it| !words.contains(it)) {
            found.add(
                path,
                format!("{name} is {} or {}, not `{given}`", words[0], words[1]),
            );
        }
    }
    if int(object, "/spec/consumers").is_some_and(|it| it < 1) {
        found.add("/spec/consumers", "consumers is 1 or more");
    }
    extensions(object, found);
    destination(object, "/spec/sink", found);
    if object.pointer("/spec/delivery").is_some() && int(object, "/spec/delivery/retry").is_none() {
        found.add(
            "/spec/delivery",
            "delivery without retry tries once only: write `retry = 0` where that is meant",
        );
    }
    delivery::check(object, found);
}

/// Checks that a list of texts holds some.
fn named(object: &Value, name: &str, found: &mut Faults) {
    let path = format!("/spec/{name}");
    let mut given = items(object, &path)
        .map(|(_, it)| it.as_str().unwrap_or_default())
        .peekable();
    if given.peek().is_none() || given.any(str::is_empty) {
        found.add(
            "/spec",
            format!("{name} names at least one, and none that is empty"),
        );
    }
}

pub(super) fn kafka_sink(object: &Value, found: &mut Faults) {
    named(object, "bootstrapServers", found);
    if text(object, "/spec/topic").is_none_or(str::is_empty) {
        found.add("/spec", "a KafkaSink needs a topic");
    }
    if let Some(mode) =
        text(object, "/spec/contentMode").filter(|it| !["binary", "structured"].contains(it))
    {
        found.add(
            "/spec/contentMode",
            format!("contentMode is binary or structured, not `{mode}`"),
        );
    }
    let given = |name: &str| int(object, &format!("/spec/{name}"));
    if given("numPartitions").is_some() != given("replicationFactor").is_some() {
        found.add("/spec", "numPartitions and replicationFactor go together");
    }
    for name in ["numPartitions", "replicationFactor"] {
        if given(name).is_some_and(|it| it < 1) {
            found.add(format!("/spec/{name}"), format!("{name} is 1 or more"));
        }
    }
}

pub(super) fn binding(object: &Value, found: &mut Faults) {
    let subject = "/spec/subject";
    let given = |name: &str| object.pointer(&format!("{subject}/{name}")).is_some();
    if given("name") == given("selector") {
        found.add(subject, "the subject has one of name and selector");
    }
    for name in ["apiVersion", "kind"] {
        if !given(name) {
            found.add(subject, format!("the subject needs {name}"));
        }
    }
    extensions(object, found);
    destination(object, "/spec/sink", found);
}

/// Checks an `IntegrationSource`, or an `IntegrationSink`.
pub(super) fn integration(object: &Value, is_source: bool, found: &mut Faults) {
    let places: &[&str] = if is_source {
        &[
            "/spec/timer",
            "/spec/aws/s3",
            "/spec/aws/sqs",
            "/spec/aws/ddbStreams",
        ]
    } else {
        &[
            "/spec/log",
            "/spec/aws/s3",
            "/spec/aws/sqs",
            "/spec/aws/sns",
        ]
    };
    let given = places.iter().filter(|it| object.pointer(it).is_some());
    if given.count() != 1 {
        found.add("/spec", "exactly one of its kinds is to be said");
    }
    for place in places.iter().filter(|it| it.starts_with("/spec/aws/")) {
        let Some(it) = object.pointer(place) else {
            continue;
        };
        let named = if place.ends_with("ddbStreams") {
            "table"
        } else {
            "arn"
        };
        for name in [named, "region"] {
            if text(it, &format!("/{name}")).is_none_or(str::is_empty) {
                found.add(*place, format!("{name} is missing"));
            }
        }
        let arn = text(it, "/arn").filter(|it| {
            let parts: Vec<&str> = it.splitn(6, ':').collect();
            parts.len() != 6 || parts.first() != Some(&"arn") || parts.last() == Some(&"")
        });
        if let Some(arn) = arn {
            found.add(
                format!("{place}/arn"),
                format!("`{arn}` is no ARN: write it like `arn:aws:s3:::shop-uploads`"),
            );
        }
        if is_source && place.ends_with("s3") && it.get("deleteAfterRead").is_none() {
            found.add(*place, "an S3 source deletes what it has read: say `deleteAfterRead = false`, or true where that is meant");
        }
    }
    let auth = "/spec/aws/auth";
    let known = text(object, "/spec/aws/auth/secret/ref/name").is_some()
        || text(object, "/spec/aws/auth/serviceAccountName").is_some();
    if object.pointer("/spec/aws").is_some() && !known {
        let path = if object.pointer(auth).is_some() {
            auth
        } else {
            "/spec/aws"
        };
        found.add(
            path,
            "auth names a secret, `secret.ref.name`, or a `serviceAccountName`",
        );
    }
    if is_source {
        destination(object, "/spec/sink", found);
    }
}

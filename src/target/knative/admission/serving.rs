//! Services, their revisions, and routes.

use serde_json::Value;

use super::metadata::is_label_1035;
use super::{Faults, container, int, items, members, scaling, text};

const POD: &str = "/spec/template/spec";
/// Knative's default for `max-revision-timeout-seconds`.
const LONGEST: i64 = 600;

pub(super) fn service(object: &Value, found: &mut Faults) {
    scaling::check(object, found);
    let number = |name: &str| int(object, &format!("{POD}/{name}"));
    let mut within = |name: &str, most: i64| {
        if number(name).is_some_and(|it| !(0..=most).contains(&it)) {
            found.add(
                format!("{POD}/{name}"),
                format!("{name} is between 0 and {most}"),
            );
        }
    };
    within("containerConcurrency", 1000);
    within("timeoutSeconds", LONGEST);
    let timeout = number("timeoutSeconds")
        .filter(|it| *it != 0)
        .unwrap_or(300);
    within("responseStartTimeoutSeconds", timeout);
    within("idleTimeoutSeconds", timeout);
    if object.pointer(&format!("{POD}/automountServiceAccountToken")) == Some(&Value::Bool(true)) {
        found.add(
            format!("{POD}/automountServiceAccountToken"),
            "automountServiceAccountToken may only be false",
        );
    }
    for (path, name, value) in members(object, &format!("{POD}/nodeSelector")) {
        if name != "kubernetes.io/arch" || ![Some("amd64"), Some("arm64")].contains(&value.as_str())
        {
            found.add(
                path,
                "Knative refuses a nodeSelector unless a flag is set; `arch` says the processor",
            );
        }
    }
    volumes(object, found);
    container::check(object, found);
    if let Some(name) = text(object, "/spec/template/metadata/name") {
        let path = "/spec/template/metadata/name";
        found.add(
            path,
            format!("a revision called `{name}` could never change: leave its name to Knative"),
        );
    }
    traffic(object, found);
}

fn volumes(object: &Value, found: &mut Faults) {
    let place = format!("{POD}/volumes");
    let containers = format!("{POD}/containers");
    let mounts = items(object, &containers)
        .filter_map(|(_, it)| it.get("volumeMounts")?.as_array())
        .flatten()
        .filter_map(|it| it.get("name")?.as_str())
        .collect::<Vec<_>>();
    let mut declared = Vec::new();
    for (path, volume) in items(object, &place) {
        let name = text(volume, "/name").unwrap_or_default();
        if declared.contains(&name) {
            found.add(&path, format!("two volumes are called `{name}`"));
        }
        declared.push(name);
        if !mounts.contains(&name) {
            found.add(&path, format!("nothing mounts the volume `{name}`"));
        }
        if volume.as_object().is_none_or(|it| it.len() != 2) {
            found.add(
                &path,
                "a volume is one of emptyDir, configMap, secret and projected",
            );
        }
    }
    for mount in mounts.iter().filter(|it| !declared.contains(it)) {
        found.add(&place, format!("there is no volume `{mount}` to mount"));
    }
}

fn traffic(object: &Value, found: &mut Faults) {
    let place = "/spec/traffic";
    if object.pointer(place).is_none() {
        return;
    }
    let mut sum = 0;
    let mut tags = Vec::new();
    for (path, it) in items(object, place) {
        sum += int(it, "/percent").unwrap_or(0);
        let latest = it.get("latestRevision") == Some(&Value::Bool(true));
        if latest == it.get("revisionName").is_some() {
            found.add(
                &path,
                "traffic goes to the latest revision or to one that is named",
            );
        }
        if let Some(tag) = text(it, "/tag") {
            if !is_label_1035(tag) || tags.contains(&tag) {
                found.add(
                    format!("{path}/tag"),
                    format!("`{tag}` is no tag, or stands twice"),
                );
            }
            tags.push(tag);
        }
    }
    if sum != 100 {
        found.add(
            place,
            format!("the percentages of traffic add up to {sum}, not to 100"),
        );
    }
}

pub(super) fn domain_mapping(object: &Value, found: &mut Faults) {
    for name in ["apiVersion", "kind", "name"] {
        if text(object, &format!("/spec/ref/{name}")).is_none() {
            found.add("/spec/ref", "ref needs apiVersion, kind and name");
            return;
        }
    }
}

/// Gateway API, "HTTPRoute": methods in capitals, paths that begin with `/`.
pub(super) fn http_route(object: &Value, found: &mut Faults) {
    const METHODS: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    if items(object, "/spec/parentRefs").next().is_none() {
        found.add("/spec", "an HTTPRoute without `parentRefs` routes nothing");
    }
    for (rule, it) in items(object, "/spec/rules") {
        for (path, it) in items(it, "/matches") {
            let path = format!("{rule}{path}");
            if let Some(method) = text(it, "/method").filter(|it| !METHODS.contains(it)) {
                found.add(
                    format!("{path}/method"),
                    format!("`{method}` is no method: {}", METHODS.join(", ")),
                );
            }
            let kind = text(it, "/path/type").unwrap_or("PathPrefix");
            let value = text(it, "/path/value").unwrap_or("/");
            if kind != "RegularExpression" && !value.starts_with('/') {
                found.add(
                    format!("{path}/path/value"),
                    format!("the path `{value}` begins with no /"),
                );
            }
        }
    }
}

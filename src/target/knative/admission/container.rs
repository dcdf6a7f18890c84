//! The container of a service.

use serde_json::Value;

use super::image::is_image;
use super::values::quantity;
use super::{Faults, int, items, members, text};

const PLACE: &str = "/spec/template/spec/containers";
/// What queue-proxy listens on.
const RESERVED_PORTS: [i64; 7] = [8008, 8012, 8013, 8022, 8112, 9090, 9091];
const RESERVED_NAMES: [&str; 7] = [
    "PORT",
    "K_SERVICE",
    "K_CONFIGURATION",
    "K_REVISION",
    "K_SINK",
    "K_CE_OVERRIDES",
    "K_CA_CERTS",
];

pub(super) fn check(service: &Value, found: &mut Faults) {
    let mut ports = 0;
    for (place, it) in items(service, PLACE) {
        ports += items(it, "/ports").count();
        ported(&place, it, found);
        environment(&place, it, found);
        resources(&place, it, found);
        mounts(&place, it, found);
        for field in ["readinessProbe", "livenessProbe", "startupProbe"] {
            probe(&place, it, field, found);
        }
        if text(it, "/name") == Some("queue-proxy") {
            found.add(
                format!("{place}/name"),
                "queue-proxy is Knative's own container",
            );
        }
        let image = text(it, "/image").unwrap_or_default();
        if !is_image(image) {
            found.add(
                format!("{place}/image"),
                format!("`{image}` is no image: lower-case letters, and a tag behind `:`"),
            );
        }
        if it.pointer("/securityContext/privileged") == Some(&Value::Bool(true)) {
            found.add(
                format!("{place}/securityContext/privileged"),
                "Knative takes no privileged container",
            );
        }
        if items(it, "/securityContext/capabilities/add")
            .next()
            .is_some()
        {
            found.add(
                format!("{place}/securityContext/capabilities/add"),
                "capabilities may only be dropped",
            );
        }
    }
    if ports > 1 {
        let first = items(service, PLACE).find(|(_, it)| items(it, "/ports").count() > 0);
        let path = first.map_or_else(|| PLACE.to_owned(), |(path, _)| format!("{path}/ports"));
        found.add(path, "Knative takes one port over all containers");
    }
}

fn ported(place: &str, container: &Value, found: &mut Faults) {
    for (path, it) in items(container, "/ports") {
        let path = format!("{place}{path}");
        if let Some(name) = text(it, "/name").filter(|it| !["", "http1", "h2c"].contains(it)) {
            found.add(
                format!("{path}/name"),
                format!("a port is called http1 or h2c, not `{name}`"),
            );
        }
        let port = int(it, "/containerPort").unwrap_or_default();
        if RESERVED_PORTS.contains(&port) || !(1..=65_535).contains(&port) {
            found.add(
                format!("{path}/containerPort"),
                format!("{port} is queue-proxy's, or no port"),
            );
        }
        if text(it, "/protocol").is_some_and(|it| it != "TCP") {
            found.add(format!("{path}/protocol"), "Knative speaks TCP");
        }
    }
}

fn environment(place: &str, container: &Value, found: &mut Faults) {
    let mut names = Vec::new();
    for (path, it) in items(container, "/env") {
        let path = format!("{place}{path}");
        let name = text(it, "/name").unwrap_or_default();
        let letters = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if RESERVED_NAMES.contains(&name) {
            found.add(&path, format!("Knative sets `{name}` itself"));
        } else if name.is_empty()
            || name.starts_with(|it: char| it.is_ascii_digit())
            || !name.chars().all(letters)
        {
            found.add(&path, format!("`{name}` is no name of a variable"));
        } else if names.contains(&name) {
            found.add(&path, format!("the variable `{name}` stands twice"));
        }
        names.push(name);
        let Some(from) = it.get("valueFrom") else {
            continue;
        };
        if it.get("value").is_some() || from.as_object().is_none_or(|it| it.len() != 1) {
            found.add(&path, format!("`{name}` has not exactly one value"));
        }
        for (inner, source, reference) in members(from, "") {
            let path = format!("{path}/valueFrom{inner}");
            if !["secretKeyRef", "configMapKeyRef"].contains(&source) {
                found.add(path, format!("Knative takes no {source}"));
            } else if text(reference, "/name").is_none() || text(reference, "/key").is_none() {
                found.add(path, format!("{source} needs name and key"));
            }
        }
    }
    for (path, it) in items(container, "/envFrom") {
        let given = ["configMapRef", "secretRef"].iter();
        if given.filter(|name| it.get(name).is_some()).count() != 1 {
            found.add(
                format!("{place}{path}"),
                "an entry has one of configMapRef and secretRef",
            );
        }
    }
}

fn resources(place: &str, container: &Value, found: &mut Faults) {
    for part in ["requests", "limits"] {
        for (path, name, value) in members(container, &format!("/resources/{part}")) {
            let path = format!("{place}{path}");
            let given = value.as_str().unwrap_or_default();
            if !["cpu", "memory", "ephemeral-storage"].contains(&name) {
                found.add(path, format!("Knative takes no resource `{name}`"));
                continue;
            }
            let Some(amount) = quantity(given) else {
                found.add(
                    path,
                    format!("`{given}` is no quantity: write it like `500m` or `256Mi`"),
                );
                continue;
            };
            let limit = text(container, &format!("/resources/limits/{name}")).and_then(quantity);
            if part == "requests" && limit.is_some_and(|it| amount > it) {
                found.add(
                    path,
                    format!("more {name} is asked for, {given}, than its limit allows"),
                );
            }
        }
    }
}

fn mounts(place: &str, container: &Value, found: &mut Faults) {
    let mut paths = Vec::new();
    for (path, it) in items(container, "/volumeMounts") {
        let path = format!("{place}{path}/mountPath");
        let to = text(it, "/mountPath").unwrap_or_default();
        let bare = to.trim_end_matches('/');
        if !to.starts_with('/') || ["", "/dev", "/dev/log"].contains(&bare) {
            found.add(path, format!("nothing can be mounted at `{to}`"));
        } else if paths.contains(&bare) {
            found.add(path, format!("two volumes are mounted at `{to}`"));
        }
        paths.push(bare);
    }
}

fn probe(place: &str, container: &Value, field: &str, found: &mut Faults) {
    let Some(probe) = container.get(field) else {
        return;
    };
    let place = format!("{place}/{field}");
    let handlers = ["httpGet", "tcpSocket", "exec", "grpc"].iter();
    if handlers.filter(|it| probe.get(it).is_some()).count() != 1 {
        found.add(
            &place,
            "a probe has one of httpGet, tcpSocket, exec and grpc",
        );
    }
    for name in ["successThreshold", "timeoutSeconds", "failureThreshold"] {
        if int(probe, &format!("/{name}")).is_some_and(|it| it < 1) {
            found.add(format!("{place}/{name}"), format!("{name} is at least 1"));
        }
    }
    let fast = field == "readinessProbe" && int(probe, "/periodSeconds").unwrap_or(0) == 0;
    for name in ["failureThreshold", "timeoutSeconds"] {
        if fast && probe.get(name).is_some() {
            found.add(
                format!("{place}/{name}"),
                format!("{name} needs a `periodSeconds` in a readinessProbe"),
            );
        }
    }
}

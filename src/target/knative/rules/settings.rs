//! FN0891: what the program says of the cluster, or its host name, can't be so.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Target, host_problem};
use crate::source::Span;
use crate::target::knative::tag::is_domain;

/// Checks the settings of the `knative` block, and the app's host name.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut report = |what: String, span: Span, why: &str, help: &str| {
        let made = Diagnostic::new(Code::FN0891, what);
        found.push(made.label(span, why.to_owned()).help(help));
    };
    for (word, text) in app.settings.get(&Target::Knative).into_iter().flatten() {
        let value = text.value.as_str();
        let (fits, form) = match word.as_str() {
            "registry" => (is_registry(value), "registry \"ghcr.io/me\""),
            "domain" => (host_problem(value).is_none(), "domain \"example.com\""),
            "kafka" => (
                value.split(',').all(is_server),
                "kafka \"kafka.example.com:9092\"",
            ),
            _ => (is_gateway(value), "gateway \"NAMESPACE/NAME\""),
        };
        if !fits {
            report(
                format!("`{value}` is no {word} of a cluster"),
                text.span,
                "Kubernetes takes no such text here",
                &format!("write it like `{form}`"),
            );
        }
    }
    let Some(domain) = &app.about.domain else {
        return;
    };
    let name = domain.name.as_str();
    if name == "cluster.local" || name.ends_with(".cluster.local") {
        report(
            format!("`{name}` can't be the app's host name"),
            domain.name.span,
            "names below `cluster.local` are the cluster's own",
            "give a name that is yours: `domain \"shop.example.com\"`",
        );
    }
    let secret = domain.addresses.get(&Target::Knative);
    if let Some(secret) = secret.and_then(|it| it.get("secret"))
        && !is_domain(&secret.value)
    {
        report(
            format!(
                "`{}` can't be the name of a Kubernetes Secret",
                secret.value
            ),
            secret.span,
            "it holds what Kubernetes doesn't take",
            "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit",
        );
    }
    if !app.functions.values().any(crate::model::Function::has_http) {
        report(
            format!("nothing answers under `{name}`"),
            domain.name.span,
            "a DomainMapping needs a service, and no function has a route",
            "add an `on http` to a function, or leave the host name out",
        );
    }
}

/// A registry's host, perhaps with a port, and folders.
fn is_registry(text: &str) -> bool {
    let mut parts = text.trim_end_matches('/').split('/');
    let host = parts.next().unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "1"));
    let edge = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let folder = |it: &str| {
        it.starts_with(edge)
            && it.ends_with(edge)
            && it.chars().all(|c| edge(c) || "-_.".contains(c))
    };
    is_domain(host) && is_port(port) && parts.all(folder)
}

fn is_server(text: &str) -> bool {
    text.trim()
        .rsplit_once(':')
        .is_some_and(|(host, port)| is_domain(host) && is_port(port))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|it| it > 0 && it.to_string() == text)
}

fn is_gateway(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(space, name)| is_domain(space) && !space.contains('.') && is_domain(name))
}

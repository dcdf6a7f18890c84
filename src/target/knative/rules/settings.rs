//! FN0891: what the program says of the cluster, or its host name, can't be so. FN0541: it has no use.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, EnvValue, Field, Function, Place, Target, Thing, host_problem};
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
    useless(app, found);
    let mut report = |what: String, span: Span, why: &str, help: &str| {
        let made = Diagnostic::new(Code::FN0891, what);
        found.push(made.label(span, why.to_owned()).help(help));
    };
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
    if !app.functions.values().any(Function::has_http) {
        report(
            format!("nothing answers under `{name}`"),
            domain.name.span,
            "a DomainMapping needs a service, and no function has a route",
            "add an `on http` to a function, or leave the host name out",
        );
    }
}

/// Reports what nothing in the build speaks of.
fn useless(app: &App, found: &mut Diagnostics) {
    let own = app.about.domain.as_ref();
    let settings = app.settings.get(&Target::Knative);
    let written = |word: &str| settings.and_then(|it| it.get(word));
    let mut report = |what: &str, span: Span, why: &str, help: &str| {
        let made = Diagnostic::new(Code::FN0541, format!("{what} has no use in this program"));
        found.push(made.label(span, why.to_owned()).help(help));
    };
    if let Some(domain) = written("domain") {
        if own.is_some() {
            let why = "routes answer under the app's own host name";
            report(
                "the cluster's `domain`",
                domain.span,
                why,
                "leave one of them out",
            );
        } else if !asks_for_url(app) {
            let why = "it is for the addresses of functions, and the program asks for none";
            let help = "leave it out, or show an address: `output address = function.NAME.url`";
            report("the cluster's `domain`", domain.span, why, help);
        }
    }
    if let Some(kafka) = written("kafka").filter(|_| !has_kafka(app)) {
        let why = "no queue, topic, bus or stream of its own is kept in Kafka";
        report("the Kafka cluster", kafka.span, why, "leave it out");
    }
    let Some(gateway) = written("gateway") else {
        return;
    };
    if !app.functions.values().any(Function::has_http) {
        let why = "it lets requests in, and no function has a route";
        report("the `gateway`", gateway.span, why, "leave it out");
    }
    let secret = own.and_then(|it| it.addresses.get(&Target::Knative)?.get("secret"));
    if let Some(secret) = secret {
        let why = "the gateway shows a certificate of its own";
        report(
            "the certificate",
            secret.span,
            why,
            "give it to the listener of the Gateway; here it only makes addresses begin with `https`",
        );
    }
}

fn has_kafka(app: &App) -> bool {
    let own = |it: &Place| it.external.is_none();
    !app.streams.is_empty()
        || app.queues.values().any(|it| own(&it.place))
        || app.topics.values().any(|it| own(&it.place))
        || app.buses.values().any(|it| own(&it.place))
}

fn asks_for_url(app: &App) -> bool {
    let functions = app.functions.values().flat_map(|it| &it.env);
    let variables = functions.filter_map(|it| match &it.value {
        EnvValue::Text(parts) => Some(parts),
        EnvValue::Secret(_) => None,
    });
    let outputs = app.outputs.values().map(|it| &it.value);
    let mut parts = variables.chain(outputs).flatten();
    parts.any(|it| match it {
        EnvPart::Attribute(it) => it.field == Field::Url && it.of == Thing::Function,
        EnvPart::Plain(_) => false,
    })
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

//! `README.md` of a build folder: how to deploy it, and what is different on Knative.

use serde::Serialize;

use super::address;
use super::environment;
use super::eventing::eventing;
use super::image::Image;
use super::names::{Names, places};
use super::router;
use super::settings;
use crate::model::{App, EnvValue, Function, TriggerKind};
use crate::target::Artifact;
use crate::target::render::render;

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of the page that is there or not"
)]
struct Readme<'a> {
    title: String,
    app: &'a str,
    namespace: &'a str,
    router: &'a str,
    servers: &'a str,
    registry: &'a str,
    registry_name: &'a str,
    cluster: &'static str,
    outputs: String,
    eventing: bool,
    kafka: bool,
    channels: bool,
    streams: bool,
    images: Vec<Built<'a>>,
    secrets: Vec<Secret>,
    externals: Vec<External<'a>>,
    routes: Vec<Route<'a>>,
}

#[derive(Serialize)]
struct Built<'a> {
    arch: &'static str,
    name: &'a str,
    folder: &'a str,
    tag: &'a str,
}

#[derive(Serialize)]
struct Secret {
    name: String,
    keys: Vec<String>,
}

#[derive(Serialize)]
struct External<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct Route<'a> {
    method: &'static str,
    path: String,
    function: &'a str,
}

/// Returns the file.
pub(super) fn readme(app: &App, names: &Names, images: &[Image]) -> Artifact {
    let stage = app.stage.as_ref();
    let name = app.name.as_str();
    let eventing = eventing(app, names);
    let kafka =
        !eventing.brokers.is_empty() || !eventing.channels.is_empty() || !app.streams.is_empty();
    let scheduled = |it: &Function| it.triggers.iter().any(|it| it.kind.is_pushed());
    let view = Readme {
        title: stage.map_or(name.to_owned(), |it| format!("{name}, stage {it},")),
        app: name,
        namespace: &names.stem,
        router: &names.router,
        servers: settings::kafka(app),
        registry: settings::setting(app, "registry").unwrap_or("registry.example.com"),
        registry_name: settings::registry(app),
        cluster: match (settings::gateway(app), &app.about.domain) {
            _ if !app.functions.values().any(Function::has_http) => "",
            (Some(_), _) => {
                "The route from the Gateway is let in by `cluster/reference-grant.yaml`."
            }
            (None, Some(_)) => {
                "The app's host name is claimed for its namespace by `cluster/domain-claim.yaml`."
            }
            (None, None) => "",
        },
        outputs: if app.outputs.is_empty() {
            String::new()
        } else {
            names.outputs.clone()
        },
        streams: !app.streams.is_empty(),
        eventing: kafka
            || !eventing.triggers.is_empty()
            || !eventing.subscriptions.is_empty()
            || app.functions.values().any(scheduled),
        kafka,
        channels: !eventing.channels.is_empty(),
        images: images.iter().map(Built::of).collect(),
        secrets: secrets(app, names),
        externals: externals(app),
        routes: routes(app),
    };
    Artifact::new("README.md", render("knative/README.md", &view))
}

impl<'a> Built<'a> {
    fn of(image: &'a Image) -> Built<'a> {
        Built {
            arch: image.arch,
            name: &image.name,
            folder: &image.folder,
            tag: &image.tag,
        }
    }
}

/// Returns the Brokers and Channels that have to be there.
fn externals(app: &App) -> Vec<External<'_>> {
    let all = places(app).filter_map(|(name, _, _)| address::external(app, name.as_str()));
    let named = all.filter_map(|it| {
        let broker = it.get("broker").map(|name| ("Broker", name));
        let (kind, name) = broker.or_else(|| Some(("Channel", it.get("channel")?)))?;
        let name = name.value.as_str();
        Some(External { kind, name })
    });
    named.collect()
}

/// Returns the Kubernetes Secrets that the functions and the router read, each with its keys.
fn secrets(app: &App, names: &Names) -> Vec<Secret> {
    let mut made: Vec<Secret> = Vec::new();
    let own = app.functions.values().flat_map(|it| &it.env);
    let own = own.filter_map(|it| match &it.value {
        EnvValue::Secret(secret) => Some(secret.as_str()),
        EnvValue::Text(_) => None,
    });
    for secret in own.chain(router::secrets(app)) {
        let (name, key) = environment::place(app, names, secret);
        match made.iter_mut().find(|it| it.name == name) {
            Some(secret) if secret.keys.contains(&key) => {}
            Some(secret) => secret.keys.push(key),
            None => made.push(Secret {
                name,
                keys: vec![key],
            }),
        }
    }
    made
}

fn routes(app: &App) -> Vec<Route<'_>> {
    let of = |function: &'_ Function| -> Vec<(&'static str, String)> {
        let triggers = function.triggers.iter();
        let routes = triggers.filter_map(|it| match &it.kind {
            TriggerKind::Http(it) => Some((it.method.value.word(), it.route.value.to_string())),
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => None,
        });
        routes.collect()
    };
    let functions = app.functions.values();
    let routes = functions.flat_map(|function| {
        let routes = of(function).into_iter();
        routes.map(|(method, path)| Route {
            method,
            path,
            function: function.name.as_str(),
        })
    });
    routes.collect()
}

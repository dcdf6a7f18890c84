//! The numbered YAML files, in the order in which they build on each other.

use serde::Serialize;

use super::domain::{Mapping, mapping};
use super::eventing::{Kafka, eventing};
use super::image::Image;
use super::names::Names;
use super::object;
use super::output::outputs;
use super::router::router;
use super::schedule::{Source, sources};
use super::service::{Service, services};
use super::settings;
use super::stream::streams;
use super::tag::tag;
use crate::model::App;
use crate::target::Artifact;
use crate::target::render::render;

#[derive(Serialize)]
struct Config<'a> {
    stem: &'a str,
    description: &'a str,
    servers: &'a str,
    kafka: &'a [Kafka],
}

#[derive(Serialize)]
struct Accounts<'a> {
    accounts: Vec<&'a str>,
}

#[derive(Serialize)]
struct Services<'a> {
    about: &'static str,
    services: &'a [Service],
}

#[derive(Serialize)]
struct Sources<'a> {
    sources: &'a [Source],
}

/// Returns the files, those of the cluster last; one that would hold nothing is left out.
pub(super) fn manifests(app: &App, names: &Names, images: &[Image]) -> Vec<Artifact> {
    let eventing = eventing(app, names);
    let sources = sources(app, names);
    let services = services(app, names, images);
    let router: Vec<Service> = router(app, names, images).into_iter().collect();

    let mut files = Vec::new();
    let mut add = |any: bool, file: Artifact| {
        if any {
            files.push(file);
        }
    };
    let config = Config {
        stem: &names.stem,
        description: &description(app),
        servers: settings::kafka(app),
        kafka: &eventing.kafka,
    };
    add(true, file("10-config.yaml", "config", &config));
    let all = services.iter().chain(&router);
    let accounts = Accounts {
        accounts: all.map(|it| it.name.as_str()).collect(),
    };
    let any = !accounts.accounts.is_empty();
    add(any, file("20-accounts.yaml", "accounts", &accounts));
    let any = !eventing.brokers.is_empty() || !eventing.channels.is_empty();
    add(any, file("30-eventing.yaml", "eventing", &eventing));
    let functions = Services {
        about: "The functions.",
        services: &services,
    };
    let any = !services.is_empty();
    add(any, file("40-services.yaml", "services", &functions));
    let any = !eventing.triggers.is_empty() || !eventing.subscriptions.is_empty();
    add(any, file("50-triggers.yaml", "triggers", &eventing));
    let any = !sources.is_empty();
    let sources = Sources { sources: &sources };
    add(any, file("60-sources.yaml", "sources", &sources));
    let streams = streams(app, names);
    let any = !streams.sinks.is_empty();
    add(any, file("65-streams.yaml", "streams", &streams));
    let outside = Services {
        about: "What answers from outside; the functions behind it answer inside the cluster only.",
        services: &router,
    };
    let any = !router.is_empty();
    add(any, file("70-routes.yaml", "services", &outside));
    let mapping = mapping(app, names);
    files.extend(mapping.iter().map(Mapping::manifest));
    files.extend(outputs(app, names));
    files.extend(mapping.iter().map(Mapping::cluster));
    if app.about.tags.is_empty() && app.functions.values().all(|it| it.tags.is_empty()) {
        return files;
    }
    let files = files.into_iter();
    files.map(|it| finished(app, names, it)).collect()
}

/// Returns a file with what the program adds to its objects.
fn finished(app: &App, names: &Names, file: Artifact) -> Artifact {
    let (heading, mut objects) = object::read(&String::from_utf8_lossy(&file.contents));
    for object in &mut objects {
        tag(app, names, object);
    }
    Artifact::new(file.path, object::write(&heading, &objects))
}

fn file(path: &str, template: &str, view: &impl Serialize) -> Artifact {
    Artifact::new(path, render(&format!("knative/{template}.yaml"), view))
}

/// Returns what the app says it is for, and what its documentation comment adds.
fn description(app: &App) -> String {
    let said = app.about.description.as_ref();
    let said = said.map(crate::source::Spanned::as_str);
    let said: Vec<&str> = said.into_iter().chain(app.doc.as_deref()).collect();
    said.join("\n\n")
}

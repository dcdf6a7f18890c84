//! The numbered YAML files, in the order in which they build on each other.

use serde::Serialize;
use serde_json::Value;

use super::domain::{Mapping, mapping};
use super::eventing::{Kafka, eventing};
use super::hatch;
use super::image::Image;
use super::names::Names;
use super::object;
use super::output::outputs;
use super::rights::{self, rights};
use super::router::router;
use super::schedule::{Source, sources};
use super::service::{Service, services};
use super::settings;
use super::stream::streams;
use super::tag::{self, tag};
use crate::model::App;
use crate::target::Artifact;
use crate::target::render::render;

/// The file of the objects that the program says in Knative's own words.
pub(super) const RAW: &str = "95-objects.yaml";

#[derive(Serialize)]
struct Config<'a> {
    stem: &'a str,
    description: &'a str,
    servers: &'a str,
    kafka: &'a [Kafka],
}

#[derive(Serialize)]
struct Accounts<'a> {
    accounts: Vec<Account<'a>>,
}

#[derive(Serialize)]
struct Account<'a> {
    name: &'a str,
    /// Whether it may speak to Kubernetes.
    speaks: bool,
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
    let rights = rights(app, names);
    let all = services.iter().chain(&router);
    let accounts = Accounts {
        accounts: all
            .map(|it| Account {
                name: &it.name,
                speaks: rights.iter().any(|right| right.account == it.name),
            })
            .collect(),
    };
    let any = !accounts.accounts.is_empty();
    add(any, file("20-accounts.yaml", "accounts", &accounts));
    files.extend(rights::manifest(&rights));
    let mut add = |any: bool, file: Artifact| {
        if any {
            files.push(file);
        }
    };
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
    let raw: Vec<Value> = hatch::raw(app)
        .map(|it| hatch::object(app, names, it))
        .collect();
    if !raw.is_empty() {
        let text = object::write("# What the program says in Knative's own words.\n", &raw);
        files.push(Artifact::new(RAW, text));
    }
    let owners = tag::owners(app, names);
    let (sites, _) = hatch::sites(app, names);
    if app.about.tags.is_empty() && owners.is_empty() && sites.is_empty() {
        return files;
    }
    let hatches = hatch::by_object(&sites);
    let finish = |it: Artifact| {
        let (heading, mut objects) = object::read(&String::from_utf8_lossy(&it.contents));
        for object in &mut objects {
            tag(app, &owners, object);
            hatch::merge_into(app, names, &hatches, object);
        }
        Artifact::new(it.path, object::write(&heading, &objects))
    };
    files.into_iter().map(finish).collect()
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

//! AWS: one SAM template, and the code folders that it names.

mod allow;
mod api;
mod authorizer;
mod cfn;
mod code;
mod config;
mod cors;
mod cron;
mod direct;
mod environment;
mod event;
mod function;
mod hatch;
mod image;
mod layer;
mod located;
mod names;
mod network;
mod output;
mod platform;
mod properties;
mod python_names;
mod queue;
mod raw;
mod readme;
mod resource;
mod role;
mod rules;
mod scaling;
mod storage;
mod template;
mod tick;
mod topic;
mod websocket;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;
use std::time::Duration;

use super::render::render;
use super::{Artifact, Backend, Build, Limits, Package};
use crate::diagnostic::Diagnostics;
use crate::model::{App, Function, TriggerKind};
use code::Code;
use names::Names;

static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| Limits::read(include_str!("../../../targets/aws/limits.json")));

macro_rules! templates {
    ($($name:literal)*) => {
        &[$((
            concat!("aws/", $name),
            include_str!(concat!("../../../targets/aws/", $name, ".hbs")),
        ),)*]
    };
}

/// The templates in `targets/aws`, by the name they are rendered under.
pub(super) const TEMPLATES: &[(&str, &str)] = templates! {
    "README.md"
    "samconfig.toml"
    "template.yaml"
};

pub(super) struct Aws;

impl Backend for Aws {
    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn check(&self, app: &App, found: &mut Diagnostics) {
        rules::check(app, found);
    }

    fn build(&self, app: &App, package: &Package) -> Build {
        let names = Names::new(app);
        let code = Code::new(app, package);
        let template = template::template(app, &names, &code);
        let readme = readme::readme(app, &names, &code);
        let mut artifacts = vec![
            Artifact::new("template.yaml", template.text()),
            Artifact::new("samconfig.toml", render("aws/samconfig.toml", &readme)),
            Artifact::new("README.md", render("aws/README.md", &readme)),
        ];
        artifacts.extend(code.artifacts(app, &names, package));
        artifacts.extend(layer::artifacts(app, package));
        artifacts.extend(image::artifacts(app, package));
        Build {
            artifacts,
            summary: Vec::new(),
            deploy: "sam build && sam deploy".to_owned(),
        }
    }
}

/// Returns a duration in whole seconds, rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Tells whether Lambda takes events for a function and calls it later: schedules, changes of buckets, events of
/// buses, and topics that aren't fifo.
fn is_invoked_by_events(app: &App, function: &Function) -> bool {
    function.triggers.iter().any(|it| match &it.kind {
        TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_) => true,
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str());
            topic.is_some_and(|it| !it.fifo.value)
        }
        TriggerKind::Http(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => false,
    })
}

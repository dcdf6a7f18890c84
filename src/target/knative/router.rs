//! The service that routes requests: Knative has no path routing.

use serde_json::{Value, json};

use super::environment::Variable;
use super::image::Image;
use super::names::Names;
use super::service::{LONGEST, Service, seconds};
use crate::model::{App, Function, TriggerKind};

/// Returns the service that routes requests, when a function has a route.
pub(super) fn router(app: &App, names: &Names, images: &[Image]) -> Option<Service> {
    let reached = || app.functions.values().filter(|it| it.has_http());
    let image = images.iter().find(|it| it.holds(reached().next()))?;
    let ready = reached().any(|it| it.scale.min.value > 0);
    let longest = reached().map(seconds).max().unwrap_or(1);
    let table: Vec<Value> = reached().flat_map(|it| routes(names, it)).collect();
    Some(Service {
        name: names.router.clone(),
        label: String::new(),
        description: "Passes requests on to the function of their route".to_owned(),
        local: false,
        min: u8::from(ready).to_string(),
        max: String::new(),
        target: String::new(),
        retention: String::new(),
        // It waits most of the time: as many as come.
        concurrency: 0,
        timeout: (longest + 5).min(LONGEST),
        image: image.name.clone(),
        stem: names.stem.clone(),
        env: vec![Variable::text(
            "FNC_ROUTES",
            &Value::from(table).to_string(),
        )],
        cpu: "100m".to_owned(),
        cpu_limit: "1000m".to_owned(),
        memory: "256Mi".to_owned(),
        disk: "512Mi".to_owned(),
        arch: image.arch,
    })
}

fn routes(names: &Names, function: &Function) -> Vec<Value> {
    let to = names.function(function.name.as_str());
    let route = |kind: &TriggerKind| match kind {
        TriggerKind::Http(it) => Some(json!({
            "method": it.method.value.word(),
            "route": it.route.value.to_string(),
            "to": to,
        })),
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
    };
    let triggers = function.triggers.iter();
    triggers.filter_map(|it| route(&it.kind)).collect()
}

//! Where things answer inside the cluster. Kubernetes puts the namespace in for `$(FNC_NAMESPACE)`.

use super::names::Names;
use super::settings;
use crate::model::{App, Attribute, Field, Thing};

/// Returns the address that takes a queue's or a topic's messages.
pub(super) fn resource(app: &App, names: &Names, resource: &str) -> String {
    let queue = app.queues.get(resource).is_some_and(|it| it.fifo.value);
    let topic = app.topics.get(resource).is_some_and(|it| it.fifo.value);
    let name = names.resource(resource);
    if queue || topic {
        format!("http://{name}-kn-channel.$(FNC_NAMESPACE).svc.cluster.local")
    } else {
        format!(
            "http://kafka-broker-ingress.knative-eventing.svc.cluster.local/$(FNC_NAMESPACE)/{name}"
        )
    }
}

/// Returns what an attribute is; those that Knative has nothing for are errors, found before.
pub(super) fn attribute(app: &App, names: &Names, attribute: &Attribute) -> String {
    let name = attribute.resource.as_str();
    match (attribute.field, attribute.of) {
        (Field::Name, Thing::Function) => names.function(name),
        (Field::Name, _) => names.resource(name),
        (Field::Url, Thing::Function) => {
            settings::outside(app, &names.router).unwrap_or_else(|| {
                format!("http://{}.$(FNC_NAMESPACE).svc.cluster.local", names.router)
            })
        }
        (Field::Url, _) => resource(app, names, name),
        (Field::Arn, _) => String::new(),
    }
}

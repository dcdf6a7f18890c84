//! Where things answer inside the cluster. Kubernetes puts the namespace in for `$(FNC_NAMESPACE)`.

use std::collections::BTreeMap;

use super::names::Names;
use super::settings;
use crate::model::{App, Attribute, Field, Target, Thing};
use crate::source::Spanned;

/// Returns the address that takes what is sent to a queue, a topic, a bus or a stream.
pub(super) fn resource(app: &App, names: &Names, resource: &str) -> String {
    let name = names.resource(resource);
    if let Some(address) = external(app, resource).and_then(|it| it.get("address")) {
        address.value.replace('$', "$$")
    } else if app.streams.contains_key(resource) {
        format!(
            "http://kafka-sink-ingress.knative-eventing.svc.cluster.local/$(FNC_NAMESPACE)/{name}"
        )
    } else if is_channel(app, resource) {
        format!("http://{name}-kn-channel.$(FNC_NAMESPACE).svc.cluster.local")
    } else {
        format!(
            "http://kafka-broker-ingress.knative-eventing.svc.cluster.local/$(FNC_NAMESPACE)/{name}"
        )
    }
}

/// Returns the address of a function, inside the cluster.
pub(super) fn function(names: &Names, function: &str) -> String {
    let name = names.function(function);
    format!("http://{name}.$(FNC_NAMESPACE).svc.cluster.local")
}

/// Returns where the cluster has a resource that another system owns.
pub(super) fn external<'a>(
    app: &'a App,
    resource: &str,
) -> Option<&'a BTreeMap<String, Spanned<String>>> {
    let place = app.queues.get(resource).map(|it| &it.place);
    let place = place.or_else(|| Some(&app.topics.get(resource)?.place));
    let place = place.or_else(|| Some(&app.streams.get(resource)?.place));
    let place = place.or_else(|| Some(&app.buses.get(resource)?.place))?;
    place.external.as_ref()?.addresses.get(&Target::Knative)
}

/// Tells whether a queue or a topic is a Channel, which keeps order; else it is a Broker.
pub(super) fn is_channel(app: &App, resource: &str) -> bool {
    if let Some(address) = external(app, resource) {
        return address.contains_key("channel");
    }
    let queue = app.queues.get(resource).is_some_and(|it| it.fifo.value);
    let topic = app.topics.get(resource).is_some_and(|it| it.fifo.value);
    queue || topic
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

//! What the program says of the cluster: `knative { registry …; domain …; kafka …; gateway … }`.

use crate::model::{App, Target};

/// Knative doesn't ask a registry about images of `dev.local`: they may be in the cluster already.
const REGISTRY: &str = "dev.local";
const KAFKA: &str = "kafka-bootstrap.kafka.svc.cluster.local:9092";

/// Returns a setting of the block.
pub(super) fn setting<'a>(app: &'a App, word: &str) -> Option<&'a str> {
    let written = app.settings.get(&Target::Knative)?.get(word)?;
    Some(written.value.as_str())
}

/// Returns where images are pushed to.
pub(super) fn registry(app: &App) -> &str {
    setting(app, "registry").map_or(REGISTRY, |it| it.trim_end_matches('/'))
}

/// Returns the Kafka servers, divided by commas.
pub(super) fn kafka(app: &App) -> &str {
    setting(app, "kafka").unwrap_or(KAFKA)
}

/// Returns the namespace and the name of the Gateway that lets requests in.
pub(super) fn gateway(app: &App) -> Option<(&str, &str)> {
    setting(app, "gateway")?.split_once('/')
}

/// Returns the address under which routes answer the world outside, where the program says enough to know it.
pub(super) fn outside(app: &App, router: &str) -> Option<String> {
    if let Some(domain) = &app.about.domain {
        let secret = domain.addresses.get(&Target::Knative);
        let secret = secret.is_some_and(|it| it.contains_key("secret"));
        let scheme = if secret { "https" } else { "http" };
        return Some(format!("{scheme}://{}", domain.name.value));
    }
    let domain = setting(app, "domain")?;
    Some(format!("http://{router}.$(FNC_NAMESPACE).{domain}"))
}

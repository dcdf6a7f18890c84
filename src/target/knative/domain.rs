//! A host name of the app's own: a `DomainMapping` to the router, or an `HTTPRoute` behind a Gateway.

use serde::Serialize;

use super::names::Names;
use super::settings;
use crate::model::{App, Target};
use crate::target::Artifact;
use crate::target::render::render;

/// What the templates of both ways show.
#[derive(Debug, Serialize)]
pub(super) struct Mapping<'a> {
    domain: &'a str,
    router: &'a str,
    namespace: &'a str,
    /// The Kubernetes Secret with the certificate; empty: none.
    secret: &'a str,
    gateway: &'a str,
    gateway_namespace: &'a str,
}

/// Returns what lets requests in under a name of their own, if the program says one and has routes.
pub(super) fn mapping<'a>(app: &'a App, names: &'a Names) -> Option<Mapping<'a>> {
    if !app.functions.values().any(crate::model::Function::has_http) {
        return None;
    }
    let domain = app.about.domain.as_ref();
    let (gateway_namespace, gateway) = settings::gateway(app).unwrap_or_default();
    if domain.is_none() && gateway.is_empty() {
        return None;
    }
    let secret = domain.and_then(|it| it.addresses.get(&Target::Knative)?.get("secret"));
    Some(Mapping {
        domain: domain.map_or("", |it| it.name.as_str()),
        router: &names.router,
        namespace: &names.stem,
        secret: secret.map_or("", |it| it.value.as_str()),
        gateway,
        gateway_namespace,
    })
}

impl Mapping<'_> {
    /// Returns what belongs to the app.
    pub(super) fn manifest(&self) -> Artifact {
        let template = if self.gateway.is_empty() {
            "knative/domain.yaml"
        } else {
            "knative/gateway.yaml"
        };
        Artifact::new("80-domain.yaml", render(template, self))
    }

    /// Returns what belongs to the cluster, and is applied by whoever may change it.
    pub(super) fn cluster(&self) -> Artifact {
        let (path, template) = if self.gateway.is_empty() {
            ("cluster/domain-claim.yaml", "knative/domain_claim.yaml")
        } else {
            (
                "cluster/reference-grant.yaml",
                "knative/reference_grant.yaml",
            )
        };
        Artifact::new(path, render(template, self))
    }
}

//! Knative: Serving for the functions, Eventing with Kafka for what passes between them.

mod address;
mod admission;
mod attempts;
mod capacity;
mod config;
mod domain;
mod environment;
mod eventing;
mod hatch;
mod image;
mod kustomization;
mod manifests;
mod names;
mod object;
mod output;
mod readme;
mod rights;
mod router;
mod rules;
mod schedule;
mod service;
mod settings;
mod stream;
mod tag;

use std::sync::LazyLock;

use super::{Backend, Build, Limits, Package};
use crate::diagnostic::Diagnostics;
use crate::model::App;
use kustomization::kustomization;
use manifests::manifests;
use names::Names;

static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| Limits::read(include_str!("../../../targets/knative/limits.json")));

/// The templates in `targets/knative`, by the name they are rendered under.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    (
        "knative/README.md",
        include_str!("../../../targets/knative/README.md.hbs"),
    ),
    (
        "knative/accounts.yaml",
        include_str!("../../../targets/knative/accounts.yaml.hbs"),
    ),
    (
        "knative/attempts.yaml",
        include_str!("../../../targets/knative/attempts.yaml.hbs"),
    ),
    (
        "knative/config.yaml",
        include_str!("../../../targets/knative/config.yaml.hbs"),
    ),
    (
        "knative/delivery.yaml",
        include_str!("../../../targets/knative/delivery.yaml.hbs"),
    ),
    (
        "knative/domain.yaml",
        include_str!("../../../targets/knative/domain.yaml.hbs"),
    ),
    (
        "knative/domain_claim.yaml",
        include_str!("../../../targets/knative/domain_claim.yaml.hbs"),
    ),
    (
        "knative/eventing.yaml",
        include_str!("../../../targets/knative/eventing.yaml.hbs"),
    ),
    (
        "knative/gateway.yaml",
        include_str!("../../../targets/knative/gateway.yaml.hbs"),
    ),
    (
        "knative/outputs.yaml",
        include_str!("../../../targets/knative/outputs.yaml.hbs"),
    ),
    (
        "knative/reference_grant.yaml",
        include_str!("../../../targets/knative/reference_grant.yaml.hbs"),
    ),
    (
        "knative/kustomization.yaml",
        include_str!("../../../targets/knative/kustomization.yaml.hbs"),
    ),
    (
        "knative/node.Dockerfile",
        include_str!("../../../targets/knative/node.Dockerfile.hbs"),
    ),
    (
        "knative/python.Dockerfile",
        include_str!("../../../targets/knative/python.Dockerfile.hbs"),
    ),
    (
        "knative/services.yaml",
        include_str!("../../../targets/knative/services.yaml.hbs"),
    ),
    (
        "knative/sources.yaml",
        include_str!("../../../targets/knative/sources.yaml.hbs"),
    ),
    (
        "knative/streams.yaml",
        include_str!("../../../targets/knative/streams.yaml.hbs"),
    ),
    (
        "knative/triggers.yaml",
        include_str!("../../../targets/knative/triggers.yaml.hbs"),
    ),
];

pub(super) struct Knative;

impl Backend for Knative {
    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn check(&self, app: &App, found: &mut Diagnostics) {
        rules::check(app, found);
    }

    fn build(&self, app: &App, package: &Package) -> Build {
        let names = Names::new(app);
        let images = image::images(app, package);
        let mut artifacts = manifests(app, &names, &images);
        artifacts.push(kustomization(app, &names, &artifacts, &images));
        artifacts.push(readme::readme(app, &names, &images));
        let mut summary = Vec::new();
        for image in images {
            let functions = image
                .functions
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            summary.push(format!(
                "image {}:{} holds {functions}",
                image.name, image.tag
            ));
            artifacts.extend(image.artifacts);
        }
        Build {
            artifacts,
            summary,
            deploy:
                "build the images as README.md says, then kubectl apply --server-side --kustomize ."
                    .to_owned(),
        }
    }
}

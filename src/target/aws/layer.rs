//! Layers: code that functions share, packed once.

use std::borrow::Cow;

use serde::Serialize;

use super::Aws;
use super::cfn::Cfn;
use super::hatch::hatches;
use super::names::{Names, layer_id};
use super::platform::architecture;
use super::resource::{Resource, description};
use crate::model::{App, Function, Layer, Target};
use crate::target::{Artifact, Backend, Package};

// "AWS Lambda API Reference", PublishLayerVersion.
const DESCRIPTION_LENGTH: usize = 256;

/// Properties of `AWS::Serverless::LayerVersion`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LayerProperties {
    layer_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    content_uri: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_architectures: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_runtimes: Vec<String>,
    retention_policy: &'static str,
}

/// Returns the layers that are made.
pub(super) fn layers(app: &App, names: &Names) -> Vec<Resource<LayerProperties>> {
    let own = app.layers.values().filter(|it| it.folder.is_some());
    own.map(|it| layer(app, names, it)).collect()
}

fn layer(app: &App, names: &Names, layer: &Layer) -> Resource<LayerProperties> {
    let name = layer.name.as_str();
    let mut architectures = Vec::new();
    let mut runtimes = Vec::new();
    for function in users(app, name) {
        let architecture = architecture(function);
        if !architectures.contains(&architecture) {
            architectures.push(architecture);
        }
        let runtime = Aws.limits().runtime(function.runtime.value);
        let runtime = runtime.map(str::to_owned);
        runtimes.extend(runtime.filter(|it| !runtimes.contains(it)));
    }
    let properties = LayerProperties {
        layer_name: names.layer(name),
        description: description(layer.doc.as_deref(), DESCRIPTION_LENGTH),
        content_uri: format!("{}/", folder(name)),
        compatible_architectures: architectures,
        compatible_runtimes: runtimes,
        // Functions that still use an older version keep what they have of it.
        retention_policy: "Delete",
    };
    let kind = "AWS::Serverless::LayerVersion";
    Resource::new(kind, layer_id(name), properties).hatched(hatches(app, names, &layer.hatches))
}

fn users<'a>(app: &'a App, layer: &'a str) -> impl Iterator<Item = &'a Function> {
    let uses = move |it: &&Function| it.layers.iter().any(|it| it.value == layer);
    app.functions.values().filter(uses)
}

/// Returns a function's layers: a later one wins over an earlier one, in the program and on Lambda.
pub(super) fn of_function(app: &App, function: &Function) -> Vec<Cfn> {
    let layers = function.layers.iter();
    let layers = layers.filter_map(|it| app.layers.get(it.as_str()));
    let version = |layer: &Layer| match &layer.folder {
        Some(_) => Some(Cfn::Ref(layer_id(layer.name.as_str()))),
        None => {
            let arn = layer.addresses.get(&Target::Aws)?.get("arn")?;
            Some(Cfn::text(arn.as_str()))
        }
    };
    layers.filter_map(version).collect()
}

/// Returns the files of all layers, each layer's in a folder of its own.
pub(super) fn artifacts(app: &App, package: &Package) -> Vec<Artifact> {
    let mut made = Vec::new();
    for layer in app.layers.values() {
        let Some(from) = &layer.folder else {
            continue;
        };
        for (path, file) in package.layer(from.as_str()) {
            let folder = folder(layer.name.as_str());
            made.push(Artifact {
                path: format!("{folder}/{path}"),
                contents: Cow::Owned(file.contents.clone()),
                executable: file.executable,
            });
        }
    }
    made
}

fn folder(layer: &str) -> String {
    format!("layers/{layer}")
}

//! Functions in other languages: an executable that is there already, or an image made from a folder.

use std::borrow::Cow;

use serde::Serialize;

use crate::model::{App, Function, Runtime};
use crate::target::{Artifact, Package};

/// What `sam build` does with the code of a function ("AWS SAM Developer Guide", "Build Lambda container images", and
/// "Skip building").
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_build: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docker_context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dockerfile: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docker_tag: Option<String>,
}

/// Returns what `sam build` has to be told of a function: where the image is made, or that nothing is to be made.
pub(super) fn how(function: &Function) -> Option<Metadata> {
    match function.runtime.value {
        Runtime::Custom => Some(Metadata {
            skip_build: Some(true),
            ..Metadata::default()
        }),
        Runtime::Container => Some(Metadata {
            docker_context: Some(folder(function)),
            dockerfile: Some("Dockerfile"),
            docker_tag: Some(function.name.as_str().replace('_', "-")),
            ..Metadata::default()
        }),
        Runtime::Python311
        | Runtime::Python312
        | Runtime::Python313
        | Runtime::Python314
        | Runtime::Node22
        | Runtime::Node24
        | Runtime::Node26 => None,
    }
}

/// Returns the files of all images, each function's in a folder of its own.
pub(super) fn artifacts(app: &App, package: &Package) -> Vec<Artifact> {
    let mut made = Vec::new();
    let functions = app.functions.values();
    for function in functions.filter(|it| it.runtime.value == Runtime::Container) {
        let from = function.handler.folder();
        for (path, contents) in package.folder(from) {
            let inner = path.strip_prefix(from).unwrap_or(path);
            made.push(Artifact {
                path: format!("{}/{}", folder(function), inner.trim_start_matches('/')),
                contents: Cow::Owned(contents.to_vec()),
                executable: false,
            });
        }
    }
    made
}

fn folder(function: &Function) -> String {
    format!("images/{}", function.name.as_str())
}

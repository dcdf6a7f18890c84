//! Outputs: a `ConfigMap` with values that are known when the app is deployed.

use serde::Serialize;

use super::address;
use super::names::Names;
use crate::model::{App, EnvPart};
use crate::target::Artifact;
use crate::target::render::render;

#[derive(Serialize)]
struct Outputs<'a> {
    name: String,
    outputs: Vec<Output<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    name: &'a str,
    value: String,
}

/// Returns the file, if the program has outputs.
pub(super) fn outputs(app: &App, names: &Names) -> Option<Artifact> {
    if app.outputs.is_empty() {
        return None;
    }
    let outputs = app.outputs.values().map(|it| Output {
        name: it.name.as_str(),
        value: text(app, names, &it.value),
    });
    let view = Outputs {
        name: names.outputs.clone(),
        outputs: outputs.collect(),
    };
    Some(Artifact::new(
        "90-outputs.yaml",
        render("knative/outputs.yaml", &view),
    ))
}

/// Returns a text where nothing is put in later: a `ConfigMap` has no variables.
pub(super) fn text(app: &App, names: &Names, parts: &[EnvPart]) -> String {
    let part = |part: &EnvPart| match part {
        EnvPart::Plain(text) => text.clone(),
        EnvPart::Attribute(it) => {
            address::attribute(app, names, it).replace("$(FNC_NAMESPACE)", &names.stem)
        }
    };
    parts.iter().map(part).collect()
}

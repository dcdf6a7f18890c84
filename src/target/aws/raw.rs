//! Resources in AWS's own words, as they are written.

use serde_json::Value;

use super::hatch::{Tagged, body};
use super::names::Names;
use crate::model::{App, RawResource, Target};
use crate::target::block::block;

/// A resource of the template, as the program writes it.
#[derive(Debug)]
pub(super) struct RawView {
    id: String,
    body: Value,
}

impl RawView {
    /// Writes its text in the template.
    pub(super) fn write(&self, made: &mut String) {
        for part in ["  ", &self.id, ":\n"] {
            made.push_str(part);
        }
        block(&Tagged(&self.body), 4, made);
        made.push_str("\n\n");
    }
}

/// Returns the program's resources for AWS.
pub(super) fn own(app: &App) -> impl Iterator<Item = &RawResource> {
    app.raw.iter().filter(|it| it.target == Target::Aws)
}

/// Returns what they are in the template.
pub(super) fn raw(app: &App, names: &Names) -> Vec<RawView> {
    let view = |it: &RawResource| RawView {
        id: it.name.value.clone(),
        body: body(app, names, &it.body),
    };
    own(app).map(view).collect()
}

//! Permissions in AWS's own words: statements of the function's role beside those that the language says.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::Value;

use super::hatch::{Tagged, value};
use super::names::Names;
use crate::model::{App, Function, Target};

/// A statement of a policy, as the program writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RawStatement {
    effect: &'static str,
    action: Vec<String>,
    #[serde(serialize_with = "tagged")]
    resource: Vec<Value>,
}

/// Returns what a function's `allow` becomes.
pub(super) fn statements(
    app: &App,
    names: &Names,
    function: &Function,
) -> impl Iterator<Item = RawStatement> {
    let own = function.allow.iter().filter(|it| it.target == Target::Aws);
    own.map(|it| RawStatement {
        effect: "Allow",
        action: it.actions.iter().map(|it| it.value.clone()).collect(),
        resource: it
            .on
            .iter()
            .map(|it| value(app, names, &it.value))
            .collect(),
    })
}

fn tagged<S: Serializer>(values: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
    let mut made = serializer.serialize_seq(Some(values.len()))?;
    for value in values {
        made.serialize_element(&Tagged(value))?;
    }
    made.end()
}

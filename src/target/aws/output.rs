//! Outputs: what a deployment shows, and what other stacks may import.

use indexmap::IndexMap;
use serde::Serialize;

use super::cfn::Cfn;
use super::environment::text;
use super::names::{API, Names, output_id};
use super::resource::description;
use super::websocket;
use crate::model::{App, Function, Output};
use crate::target::name::hash;

// "AWS CloudFormation User Guide", "Outputs": bytes.
const DESCRIPTION_LENGTH: usize = 1024;

/// An output of a template.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OutputView {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    value: Cfn,
    #[serde(skip_serializing_if = "Option::is_none")]
    export: Option<Export>,
}

/// The name under which other stacks of the account and region find it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Export {
    name: String,
}

/// Returns the outputs by their ids: the address of the API first, then the program's own.
pub(super) fn outputs(app: &App, names: &Names) -> IndexMap<String, OutputView> {
    let mut made = IndexMap::new();
    if app.functions.values().any(Function::has_http) {
        let url = OutputView {
            description: Some("Where the routes answer".to_owned()),
            value: Cfn::Att(API.to_owned(), "ApiEndpoint"),
            export: None,
        };
        made.insert("ApiUrl".to_owned(), url);
    }
    if websocket::triggers(app).next().is_some() {
        let url = OutputView {
            description: Some("Where clients of the websocket connect".to_owned()),
            value: websocket::address(app, "wss"),
            export: None,
        };
        made.insert("WebsocketUrl".to_owned(), url);
    }
    for output in app.outputs.values() {
        let name = output.name.as_str();
        let id = output_id(name);
        let id = if made.contains_key(&id) {
            id + &hash(name)
        } else {
            id
        };
        made.insert(id, view(app, names, output));
    }
    made
}

fn view(app: &App, names: &Names, output: &Output) -> OutputView {
    OutputView {
        description: description(output.doc.as_deref(), DESCRIPTION_LENGTH / 4),
        value: text(app, names, &output.value),
        export: Some(Export {
            name: names.export(output.name.as_str()),
        }),
    }
}

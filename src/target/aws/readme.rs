//! The build folder's README, and the options of the SAM command line.

use serde::Serialize;

use super::code::Code;
use super::environment::Store;
use super::is_invoked_by_events;
use super::names::Names;
use super::scaling;
use super::websocket;
use crate::model::{App, Function, TriggerKind, WebsocketTrigger};
use crate::target::encode::shell;

/// What the templates of the README and of `samconfig.toml` read.
#[derive(Debug, Serialize)]
pub(super) struct Readme {
    stack: String,
    doc: Option<String>,
    folders: String,
    several_folders: bool,
    stores: Vec<String>,
    routes: Vec<Route>,
    websocket: Vec<Heard>,
    example_queue: Option<String>,
    reserved: u32,
    parking: bool,
    parked_events: bool,
}

#[derive(Debug, Serialize)]
struct Route {
    method: &'static str,
    path: String,
    function: String,
}

/// What happens on the websocket, and the function that takes it.
#[derive(Debug, Serialize)]
struct Heard {
    event: String,
    function: String,
}

fn heard((function, trigger): (&Function, &WebsocketTrigger)) -> Heard {
    Heard {
        event: trigger.event.to_string(),
        function: function.name.value.clone(),
    }
}

/// Returns what to say about a program.
pub(super) fn readme(app: &App, names: &Names, code: &Code) -> Readme {
    let mut routes = Vec::new();
    for function in app.functions.values() {
        for trigger in &function.triggers {
            if let TriggerKind::Http(it) = &trigger.kind {
                routes.push(Route {
                    method: it.method.value.word(),
                    path: it.route.value.to_string(),
                    function: function.name.value.clone(),
                });
            }
        }
    }
    let functions = || app.functions.values();
    let example = functions().find_map(consumed);
    let folders: Vec<String> = code.folders().map(|it| format!("`{it}/`")).collect();
    Readme {
        stack: names.stem().to_owned(),
        doc: app.doc.clone().or_else(|| {
            let description = app.about.description.as_ref();
            description.map(|it| it.value.clone())
        }),
        several_folders: folders.len() > 1,
        folders: folders.join(", "),
        stores: stores(app),
        routes,
        websocket: websocket::triggers(app).map(heard).collect(),
        example_queue: example
            .and_then(|it| app.queues.get(it))
            .map(|it| names.queue(it)),
        reserved: functions()
            .filter_map(scaling::reserved)
            .fold(0, u32::saturating_add),
        parking: app.queues.values().any(|it| it.retry.is_some()),
        parked_events: functions()
            .any(|it| is_invoked_by_events(app, it) && it.retry.value.park.is_some()),
    }
}

/// Returns the first queue that starts a function.
fn consumed(function: &Function) -> Option<&str> {
    function.triggers.iter().find_map(|it| match &it.kind {
        TriggerKind::Queue(it) => Some(it.queue.as_str()),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    })
}

/// Returns the commands that store the secrets, each place once.
fn stores(app: &App) -> Vec<String> {
    let mut commands = Vec::new();
    for secret in app.secrets.values() {
        let command = match Store::of(app, secret) {
            Store::Parameter(name) => format!(
                "aws ssm put-parameter --type SecureString --name {} --value VALUE",
                shell(&name)
            ),
            Store::Manager { id, key } => {
                let value = key.map_or_else(
                    || "VALUE".to_owned(),
                    |key| shell(&format!("{{\"{key}\":\"VALUE\"}}")),
                );
                let name = shell(&id);
                format!("aws secretsmanager create-secret --name {name} --secret-string {value}")
            }
        };
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

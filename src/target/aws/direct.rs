//! Handlers that Lambda calls itself: those that take Lambda's own events, where nothing is to be done around them.

use super::cron::from_cron;
use super::python_names::TAKEN;
use crate::model::{App, Auth, Contract, EnvValue, Function, Language, Runtime, TriggerKind};
use crate::source::Span;
use crate::target::Package;

/// The longest `Handler` ("AWS Lambda API Reference", `CreateFunction`).
pub(super) const LONGEST: usize = 128;

/// Returns what Lambda calls: the file without its ending, and the symbol. None where the shim stands between, or where
/// Lambda's way to load a file would find another one.
pub(super) fn handler(app: &App, package: &Package, function: &Function) -> Option<String> {
    match function.runtime.value {
        // What an image starts stands in its Dockerfile.
        Runtime::Container => return Some(String::new()),
        Runtime::Custom => return Some(function.handler.file.clone()),
        Runtime::Python311
        | Runtime::Python312
        | Runtime::Python313
        | Runtime::Python314
        | Runtime::Node22
        | Runtime::Node24
        | Runtime::Node26 => {}
    }
    if function.contract.value == Contract::Portable || needs_shim(app, function) {
        return None;
    }
    let (path, _) = function.handler.file.rsplit_once('.')?;
    let is_found = match function.runtime.value.language() {
        Language::Python => python_finds(package, function, path),
        Language::Node => node_finds(package, function, path),
        Language::Other => return None,
    };
    let made = format!("{path}.{}", function.handler.symbol);
    let plain = !path.contains('.') && !made.contains(char::is_whitespace);
    (is_found && plain && made.len() <= LONGEST).then_some(made)
}

/// Tells whether something is done before or after the handler: secrets fetched, a key compared, records passed over.
fn needs_shim(app: &App, function: &Function) -> bool {
    // Layers lie under the code, where the entry makes them found.
    !function.layers.is_empty() || !around(app, function).is_empty()
}

/// Returns what only a shim does for a function, and where the program asks for it.
pub(super) fn around(app: &App, function: &Function) -> Vec<(Span, &'static str)> {
    let mut made = Vec::new();
    for variable in &function.env {
        if let EnvValue::Secret(secret) = &variable.value {
            made.push((secret.span, "nothing fetches this secret"));
        }
    }
    for trigger in &function.triggers {
        let why = match &trigger.kind {
            TriggerKind::Http(it) => key(&it.auth.value),
            TriggerKind::Websocket(it) => key(&it.auth.value),
            TriggerKind::Schedule(it) => from_cron(&it.cron.value)
                .iter()
                .any(|it| !it.skipped_days.is_empty())
                .then_some("nothing passes over the days that both schedules have"),
            // Where nothing parks, the shim ends it: a queue would deliver until its messages expire.
            TriggerKind::Topic(it) => {
                let topic = app.topics.get(it.topic.as_str());
                let endless =
                    topic.is_some_and(|it| it.fifo.value) && function.retry.value.park.is_none();
                endless.then_some("nothing ends the attempts of a message that isn't parked")
            }
            TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Stream(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Raw(_) => None,
        };
        made.extend(why.map(|it| (trigger.span, it)));
        if trigger.filter.is_some() {
            made.push((trigger.span, "nothing reads this `where`"));
        }
    }
    made
}

fn key(auth: &Auth) -> Option<&'static str> {
    matches!(auth, Auth::Key(_)).then_some("nothing compares this key")
}

/// Tells whether Lambda finds a Python file by its path from the top, and nothing lies beside it that it could import
/// by name alone: the top is all that Lambda searches.
fn python_finds(package: &Package, function: &Function, path: &str) -> bool {
    let top = path.split('/').next().unwrap_or(path);
    let taken = TAKEN.split_whitespace().any(|it| it == top);
    let folder = function.handler.folder();
    let mut others = package.folder(folder);
    let is_python = |path: &str| path.rsplit_once('.').is_some_and(|(_, it)| it == "py");
    let alone = !others.any(|(it, _)| is_python(it) && it != function.handler.file);
    !taken && (folder.is_empty() || alone)
}

/// Tells whether Lambda, which tries the endings in this order, comes to this file first.
fn node_finds(package: &Package, function: &Function, path: &str) -> bool {
    let mut endings = [".js", ".mjs", ".cjs"].iter();
    let first = endings.find(|it| package.files.contains_key(&format!("{path}{it}")));
    first.is_some_and(|it| function.handler.file.ends_with(it))
}

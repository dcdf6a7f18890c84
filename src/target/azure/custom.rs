//! Executables, which the Functions host asks over HTTP: Azure's custom handlers.

use serde_json::{Map, Value, json};

use super::binding;
use super::entry::{Entry, Start, entries};
use super::log::MOST_PARTITIONS;
use super::plan::FunctionApp;
use super::view::EntryView;
use crate::model::{App, Auth, Function, Runtime, StreamTrigger, Thing};
use crate::source::Span;
use crate::target::name::{dashed, hash};

/// The version of the runtime `custom` on the Flex Consumption plan (`Get-AzFunctionAppFlexConsumptionRuntime`).
pub(super) const VERSION: &str = "1.0";

/// The executable that an app runs, and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Executable {
    /// Its path in the app's folder.
    pub(super) file: String,
    /// Whether it gets requests as they come. Azure can do that where requests are all that starts an app's functions;
    /// else each call is a request to the entry's name, with the event as JSON.
    pub(super) forwarded: bool,
}

impl Executable {
    /// Returns what runs a function that says `runtime custom`.
    pub(super) fn of(function: &Function) -> Option<Executable> {
        let forwarded = entries(function).iter().all(|it| it.start.is_http());
        (function.runtime.value == Runtime::Custom).then(|| Executable {
            file: function.handler.file.clone(),
            forwarded,
        })
    }

    /// Returns the words for it in an app's name; two paths with one last part stay two.
    pub(super) fn name(&self) -> String {
        let last = self.file.rsplit('/').next().unwrap_or(&self.file);
        let plain: String = last
            .chars()
            .filter(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'))
            .collect();
        let how = if self.forwarded { "-http" } else { "" };
        let plain = dashed(&plain.to_lowercase());
        format!("{plain}-{}{how}", hash(&self.file))
    }

    /// Returns what `host.json` says of it ("Azure Functions custom handlers", Configuration).
    pub(super) fn host(&self) -> Value {
        json!({
            "description": { "defaultExecutablePath": self.file },
            "enableProxyingHttpRequest": self.forwarded,
        })
    }
}

/// Returns the `function.json` of each entry with its path.
pub(super) fn function_jsons(
    function_app: &FunctionApp<'_>,
    views: &[EntryView],
) -> Vec<(String, Value)> {
    let entries = function_app.entries();
    let both = entries.iter().zip(views);
    both.map(|((_, entry), view)| {
        let made = function_json(entry, view);
        (format!("{}/function.json", entry.name), made)
    })
    .collect()
}

fn function_json(entry: &Entry<'_>, view: &EntryView) -> Value {
    let mut trigger = trigger(view);
    trigger.insert("direction".to_owned(), json!("in"));
    trigger.extend(binding::own_words(entry.hatches));
    let mut bindings = vec![Value::Object(trigger)];
    if view.http.is_some() {
        bindings.push(json!({ "type": "http", "direction": "out", "name": "res" }));
    }
    let mut made = Map::new();
    made.insert("bindings".to_owned(), Value::Array(bindings));
    if let Some(retry) = &view.retry {
        made.insert(
            "retry".to_owned(),
            json!({
                "strategy": "exponentialBackoff",
                "maxRetryCount": retry.count,
                "minimumInterval": "00:00:01",
                "maximumInterval": "00:05:00",
            }),
        );
    }
    Value::Object(made)
}

/// Returns the binding that starts an entry, in the words of `function.json`.
fn trigger(view: &EntryView) -> Map<String, Value> {
    let mut all = Vec::new();
    if let Some(it) = &view.http {
        all.push(json!({
            "type": "httpTrigger", "name": "req", "authLevel": it.level, "methods": it.methods, "route": it.route,
        }));
    }
    if let Some(it) = &view.queue {
        all.push(json!({
            "type": "serviceBusTrigger", "name": "message", "connection": it.connection, "queueName": it.name,
            "isSessionsEnabled": it.sessions,
        }));
    }
    if let Some(it) = &view.topic {
        all.push(json!({
            "type": "serviceBusTrigger", "name": "message", "connection": it.connection, "topicName": it.name,
            "subscriptionName": it.subscription, "isSessionsEnabled": it.sessions,
        }));
    }
    if let Some(it) = &view.stream {
        all.push(json!({
            "type": "eventHubTrigger", "name": "events", "connection": it.connection, "eventHubName": it.name,
            "consumerGroup": it.group, "cardinality": "many",
        }));
    }
    if let Some(it) = &view.timer {
        all.push(json!({
            "type": "timerTrigger", "name": "timer", "schedule": it.schedule, "runOnStartup": false, "useMonitor": true,
        }));
    }
    // Changes of a table are an error, so nothing is built from them.
    match all.pop() {
        Some(Value::Object(made)) => made,
        _ => Map::new(),
    }
}

/// Returns what only a shim would do for an executable, and where the program asks for it.
pub(super) fn around(app: &App, function: &Function) -> Vec<(Span, &'static str)> {
    let mut made = Vec::new();
    for entry in entries(function) {
        let span = entry.span;
        made.extend(
            entry
                .filter
                .map(|it| (it.span, "nothing reads this `where`")),
        );
        match &entry.start {
            Start::Http(it) => {
                let asked = it.auth.span().unwrap_or(span);
                match &it.auth.value {
                    Auth::None | Auth::Custom(_) => {}
                    Auth::Key(_) => made.push((asked, "nothing compares this key")),
                    Auth::Jwt(_) => made.push((asked, "nothing verifies these tokens")),
                }
                if let Some(cors) = &it.cors {
                    let why = "nothing answers browsers that ask before they call";
                    made.push((cors.span().unwrap_or(span), why));
                }
            }
            Start::Stream(it) => {
                made.extend(of_stream(app, function, it).map(|why| (span, why)));
            }
            Start::Table(_) => made.push((span, "nothing tells changes from rows")),
            Start::Timer(it) => {
                if !it.timer.skip_days.is_empty() {
                    let why = "nothing passes over the days that both timers have";
                    made.push((span, why));
                }
                if !it.input.is_empty() {
                    made.push((span, "nothing gives it this `input`"));
                }
                if let Some(queue) = &function.retry.value.park {
                    made.push((queue.span, "nothing parks ticks"));
                }
            }
            Start::Invoke
            | Start::Queue(_)
            | Start::Topic(_)
            | Start::Bucket(_)
            | Start::Event(_) => {}
        }
    }
    for grant in function.can.iter().filter(|it| it.of == Thing::Table) {
        made.push((
            grant.resource.span,
            "only the shim knows the form of the rows",
        ));
    }
    made.sort_unstable();
    made.dedup();
    made
}

fn of_stream(app: &App, function: &Function, it: &StreamTrigger) -> Option<&'static str> {
    let stream = app.streams.get(it.source.as_str());
    let own = stream.filter(|it| it.place.external.is_none());
    let parts = own.map_or(MOST_PARTITIONS, |it| it.shards.value);
    if it.retry.as_ref().is_some_and(|it| it.value.park.is_some()) {
        Some("nothing parks records")
    } else if it.split_on_error.value {
        Some("nothing tries a batch in halves")
    } else if it.max_age.is_some() {
        Some("nothing passes over old records")
    } else if function.scale.concurrency.value < parts {
        Some("an instance gets batches of several shards at once, more than `concurrency`")
    } else {
        None
    }
}

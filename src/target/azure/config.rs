//! `_fnc/functions.json`: what the shim must know of each function of an app.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::arm::cosmos::is_watched;
use super::cors::{self, Preflights, preflights};
use super::entry::{Entry, Start, entries};
use super::plan::FunctionApp;
use crate::event::filter;
use crate::model::{
    App, Auth, Contract, Function, Name, Queue, StreamTrigger, Table, TableField, TableKey, Thing,
    Topic, Verb,
};

/// Returns the shim's configuration of an app, by function.
pub(super) fn functions(app: &App, function_app: &FunctionApp<'_>) -> Value {
    let all = function_app.functions.iter();
    let preflights = preflights(function_app);
    let of = |function: &&Function| {
        let config = config(app, function_app, function, &preflights);
        (function.name.value.clone(), config)
    };
    Value::Object(all.map(of).collect())
}

fn config(
    app: &App,
    function_app: &FunctionApp<'_>,
    function: &Function,
    preflights: &Preflights,
) -> Value {
    let names = |verb| -> Vec<&str> { function.granted(verb).map(Name::as_str).collect() };
    let mut can = Map::new();
    for verb in Verb::ALL {
        let granted = names(verb);
        if !granted.is_empty() {
            can.insert(verb.word().to_owned(), json!(granted));
        }
    }
    let triggers: Vec<Value> = entries(function)
        .iter()
        .map(|it| filtered(it, trigger(app, function, it, preflights)))
        .collect();
    let mut resources = Map::new();
    for (_, thing, name) in function_app.grants() {
        let options = match thing {
            Thing::Queue => app.queues.get(name).map(queue_options),
            Thing::Topic => app.topics.get(name).map(topic_options),
            Thing::Table => app.tables.get(name).map(|it| table_options(app, it)),
            Thing::Stream
            | Thing::Bucket
            | Thing::Bus
            | Thing::Layer
            | Thing::Vpc
            | Thing::Function => None,
        };
        add(&mut resources, name, options.unwrap_or_default());
    }
    // `put`, `publish` and the like mean another thing for each kind.
    let kinds: Map<String, Value> = function
        .can
        .iter()
        .filter(|it| !matches!(it.of, Thing::Queue | Thing::Topic))
        .map(|it| (it.resource.value.clone(), json!(it.of.word())))
        .collect();
    let handler = &function.handler;
    let mut made = json!({
        "app": app.name.value,
        "stage": app.stage,
        "function": function.name.value,
        "handler": format!("{}:{}", handler.file, handler.symbol),
        "timeout_ms": millis(function.timeout.value),
        "host_timeout_ms": millis(function_app.profile.timeout),
        "concurrency": function_app.profile.capacity.calls,
        "can": can,
        "kinds": kinds,
        "triggers": triggers,
        "resources": resources,
    });
    if let (Contract::Lambda, Some(members)) = (function.contract.value, made.as_object_mut()) {
        members.insert("contract".to_owned(), json!("lambda"));
        members.insert("memory_mb".to_owned(), json!(function.memory.value.to_mb()));
        members.insert("region".to_owned(), json!("azure"));
    }
    made
}

/// Returns what the shim is told of an entry, with the filter of its trigger.
fn filtered(entry: &Entry<'_>, mut said: Value) -> Value {
    if let (Some(filter), Value::Object(members)) = (entry.filter, &mut said) {
        members.insert("where".to_owned(), filter::form(&filter.predicate));
    }
    said
}

fn trigger(app: &App, function: &Function, entry: &Entry<'_>, preflights: &Preflights) -> Value {
    match &entry.start {
        Start::Http(it) => {
            let mut made = Map::new();
            made.insert("kind".to_owned(), json!("http"));
            made.insert("method".to_owned(), json!(it.method.value.word()));
            made.insert("route".to_owned(), json!(it.route.value.to_string()));
            match &it.auth.value {
                Auth::None | Auth::Custom(_) => {}
                Auth::Jwt(jwt) => {
                    let audience: Vec<_> = jwt.audience.iter().map(|it| &it.value).collect();
                    let wanted = json!({ "issuer": jwt.issuer.value, "audience": audience });
                    made.insert("jwt".to_owned(), wanted);
                }
                Auth::Key(secret) => {
                    made.insert("key".to_owned(), json!(secret.value));
                }
            }
            if let Some(cors) = &it.cors {
                let cors = cors::config(&cors.value, std::iter::once(it.method.value));
                made.insert("cors".to_owned(), cors);
            }
            if let Some(allowed) = preflights.of(&function.name.value, entry.at) {
                made.insert("preflight".to_owned(), json!(allowed));
            }
            Value::Object(made)
        }
        Start::Invoke => json!({ "kind": "invoke" }),
        Start::Queue(it) => json!({ "kind": "queue", "source": it.queue.value, "batch": 1 }),
        Start::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str());
            let mut made = Map::new();
            made.insert("kind".to_owned(), json!("topic"));
            made.insert("source".to_owned(), json!(it.topic.value));
            // Lambda's events say it in another way: through a queue.
            if topic.is_some_and(|it| it.fifo.value) {
                made.insert("fifo".to_owned(), json!(true));
            }
            Value::Object(made)
        }
        Start::Stream(it) => {
            let stream = app.streams.get(it.source.as_str());
            let own = stream.filter(|it| it.place.external.is_none());
            log("stream", it, own.map(|it| it.keep.value))
        }
        Start::Table(it) => log("table", it, None),
        Start::Bucket(it) => json!({
            "kind": "bucket",
            "source": it.bucket.value,
            "change": it.change.word(),
        }),
        Start::Event(it) => json!({
            "kind": "event",
            "source": it.bus.value,
            "type": it.event.value,
        }),
        Start::Timer(it) => {
            let retry = &function.retry.value;
            let mut made = Map::new();
            made.insert("kind".to_owned(), json!("schedule"));
            made.insert("schedule".to_owned(), json!(it.written));
            made.insert("input".to_owned(), json!(it.input));
            made.insert("retry".to_owned(), json!(retry.count));
            if let Some(park) = &retry.park {
                made.insert("park".to_owned(), json!(park.value));
            }
            if !it.timer.skip_days.is_empty() {
                made.insert("skip_days".to_owned(), json!(it.timer.skip_days));
            }
            Value::Object(made)
        }
    }
}

/// Returns what the shim is told of a trigger on a stream or a table; what is older than `keep` isn't there any more.
fn log(kind: &str, it: &StreamTrigger, keep: Option<Duration>) -> Value {
    let mut made = Map::new();
    made.insert("kind".to_owned(), json!(kind));
    made.insert("source".to_owned(), json!(it.source.value));
    if let Some(retry) = it.retry.as_ref().map(|it| &it.value) {
        made.insert("retry".to_owned(), json!(retry.count));
        if let Some(park) = &retry.park {
            made.insert("park".to_owned(), json!(park.value));
        }
    }
    if it.split_on_error.value {
        made.insert("split".to_owned(), json!(true));
    }
    let max_age = it.max_age.as_ref().map(|it| it.value);
    if let Some(age) = max_age.into_iter().chain(keep).min() {
        made.insert("max_age_ms".to_owned(), json!(millis(age)));
    }
    Value::Object(made)
}

fn add(resources: &mut Map<String, Value>, name: &str, options: Map<String, Value>) {
    if !options.is_empty() {
        resources.insert(name.to_owned(), Value::Object(options));
    }
}

fn queue_options(queue: &Queue) -> Map<String, Value> {
    let mut options = Map::new();
    if queue.fifo.value {
        options.insert("fifo".to_owned(), json!(true));
    }
    if !queue.delay.value.is_zero() {
        options.insert("delay_ms".to_owned(), json!(millis(queue.delay.value)));
    }
    if queue.max_size.is_written() {
        options.insert("max_size".to_owned(), json!(queue.max_size.value.0));
    }
    options
}

fn topic_options(topic: &Topic) -> Map<String, Value> {
    let mut options = Map::new();
    if topic.fifo.value {
        options.insert("fifo".to_owned(), json!(true));
    }
    options
}

/// Returns what the shim must know to write and find rows.
fn table_options(app: &App, table: &Table) -> Map<String, Value> {
    let fields = |key: &TableKey| -> Value {
        let fields = std::iter::once(&key.partition).chain(&key.sort);
        let field = |it: &TableField| json!([it.name.value, it.kind.word()]);
        fields.map(field).collect()
    };
    let mut options = Map::new();
    if let Some(key) = &table.key {
        options.insert("key".to_owned(), fields(key));
    }
    let indexes = table.indexes.iter();
    let indexes: Map<String, Value> = indexes
        .map(|it| (it.name.value.clone(), fields(&it.key)))
        .collect();
    options.insert("indexes".to_owned(), Value::Object(indexes));
    if let Some(ttl) = &table.ttl {
        options.insert("ttl".to_owned(), json!(ttl.value));
    }
    // Who changes a row writes down what those are told who wait for changes.
    options.insert("told".to_owned(), json!(is_watched(app, &table.name.value)));
    options
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

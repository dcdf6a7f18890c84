//! `_fnc/functions.json`: what the shim must know of each function of an app.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Start, entries};
use super::plan::FunctionApp;
use crate::model::{App, Function, Name, Queue, Topic, Verb};

/// Returns the shim's configuration of an app, by function.
pub(super) fn functions(app: &App, function_app: &FunctionApp<'_>) -> Value {
    let all = function_app.functions.iter();
    let of = |function: &&Function| {
        let config = config(app, function_app, function);
        (function.name.value.clone(), config)
    };
    Value::Object(all.map(of).collect())
}

fn config(app: &App, function_app: &FunctionApp<'_>, function: &Function) -> Value {
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
        .map(|it| trigger(function, it))
        .collect();
    let mut resources = Map::new();
    for name in function_app.sends(Verb::Send) {
        if let Some(queue) = app.queues.get(name) {
            add(&mut resources, name, queue_options(queue));
        }
    }
    for name in function_app.sends(Verb::Publish) {
        if let Some(topic) = app.topics.get(name) {
            add(&mut resources, name, topic_options(topic));
        }
    }
    let handler = &function.handler;
    json!({
        "app": app.name.value,
        "stage": app.stage,
        "function": function.name.value,
        "handler": format!("{}:{}", handler.file, handler.symbol),
        "timeout_ms": millis(function.timeout.value),
        "host_timeout_ms": millis(function_app.profile.timeout),
        "concurrency": function_app.profile.capacity.calls,
        "can": can,
        "triggers": triggers,
        "resources": resources,
    })
}

fn trigger(function: &Function, entry: &Entry<'_>) -> Value {
    match &entry.start {
        Start::Http(it) => json!({
            "kind": "http",
            "method": it.method.value.word(),
            "route": it.route.value.to_string(),
        }),
        Start::Invoke => json!({ "kind": "invoke" }),
        Start::Queue(it) => json!({ "kind": "queue", "source": it.queue.value, "batch": 1 }),
        Start::Topic(it) => json!({ "kind": "topic", "source": it.topic.value }),
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

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

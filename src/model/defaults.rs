//! The values that hold though the program doesn't say them where they apply.

use super::{App, Function, Origin, Queue, Setting, StreamTrigger, TriggerKind, duration_text};

/// One derived value, for `fnc check --explain-defaults`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultValue {
    /// Whose: "function `bill`".
    pub owner: String,
    /// Which setting, as it would be written.
    pub setting: String,
    /// Who chose it: the `defaults` block, the language, or how it is derived.
    pub from: &'static str,
}

const LANGUAGE: &str = "the language";

/// Returns every value that holds without being written in its place, in the program's order.
pub fn defaults(app: &App) -> Vec<DefaultValue> {
    let mut all = Vec::new();
    for queue in app.queues.values().filter(|it| it.place.external.is_none()) {
        queue_defaults(app, queue, &mut all);
    }
    for stream in app
        .streams
        .values()
        .filter(|it| it.place.external.is_none())
    {
        let owner = format!("stream `{}`", stream.name.value);
        let shards = format!("shards {}", stream.shards.value);
        push(&mut all, &owner, &stream.shards, shards);
        let keep = format!("keep {}", duration_text(stream.keep.value));
        push(&mut all, &owner, &stream.keep, keep);
    }
    for bucket in app
        .buckets
        .values()
        .filter(|it| it.place.external.is_none())
    {
        if bucket.expire.is_none() {
            all.push(DefaultValue {
                owner: format!("bucket `{}`", bucket.name.value),
                setting: "objects stay until they are deleted".to_owned(),
                from: LANGUAGE,
            });
        }
    }
    for function in app.functions.values() {
        function_defaults(function, &mut all);
    }
    all
}

fn push<T>(all: &mut Vec<DefaultValue>, owner: &str, setting: &Setting<T>, text: String) {
    let from = match setting.origin {
        Origin::Written(_) => return,
        Origin::Defaults(_) => "`defaults`",
        Origin::Language => LANGUAGE,
    };
    all.push(DefaultValue {
        owner: owner.to_owned(),
        setting: text,
        from,
    });
}

/// As `push`, of what routes take from the block of the app.
fn push_http<T>(all: &mut Vec<DefaultValue>, owner: &str, setting: &Setting<T>, text: String) {
    let before = all.len();
    push(all, owner, setting, text);
    if let (Origin::Defaults(_), Some(last)) = (setting.origin, all.get_mut(before)) {
        last.from = "`http` of the app";
    }
}

fn queue_defaults(app: &App, queue: &Queue, all: &mut Vec<DefaultValue>) {
    let owner = format!("queue `{}`", queue.name.value);
    let consumed = app.consumers(&queue.name.value).next().is_some();
    if queue.retry.is_none() && consumed {
        all.push(DefaultValue {
            owner: owner.clone(),
            setting: "retry until `keep` ends".to_owned(),
            from: LANGUAGE,
        });
    }
    push(
        all,
        &owner,
        &queue.keep,
        format!("keep {}", duration_text(queue.keep.value)),
    );
    push(
        all,
        &owner,
        &queue.delay,
        format!("delay {}", duration_text(queue.delay.value)),
    );
    let hidden = format!("hidden {}", duration_text(queue.hidden.value));
    if consumed && !queue.hidden.is_written() {
        all.push(DefaultValue {
            owner: owner.clone(),
            setting: hidden,
            from: "6 × the longest consumer timeout + batch window",
        });
    } else {
        push(all, &owner, &queue.hidden, hidden);
    }
    push(
        all,
        &owner,
        &queue.max_size,
        format!("max_size {}", queue.max_size.value),
    );
}

fn function_defaults(function: &Function, all: &mut Vec<DefaultValue>) {
    let owner = format!("function `{}`", function.name.value);
    push(
        all,
        &owner,
        &function.runtime,
        format!("runtime {}", function.runtime.value),
    );
    push(
        all,
        &owner,
        &function.memory,
        format!("memory {}", function.memory.value),
    );
    push(
        all,
        &owner,
        &function.timeout,
        format!("timeout {}", duration_text(function.timeout.value)),
    );
    let scale = &function.scale;
    let max = scale
        .max
        .value
        .map_or_else(String::new, |it| it.to_string());
    push(
        all,
        &owner,
        &scale.min,
        format!("scale {}..{max}", scale.min.value),
    );
    push(
        all,
        &owner,
        &scale.concurrency,
        format!("concurrency {}", scale.concurrency.value),
    );
    push(
        all,
        &owner,
        &scale.target,
        format!("target {}%", scale.target.value),
    );
    push(
        all,
        &owner,
        &scale.idle,
        format!("idle {}", duration_text(scale.idle.value)),
    );
    if function.has_pushed() {
        let retry = &function.retry.value;
        let then = match &retry.park {
            Some(park) => format!("then {}", park.value),
            None => "and then dropped".to_owned(),
        };
        push(
            all,
            &owner,
            &function.retry,
            format!("retry {} {then}", retry.count),
        );
    }
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Queue(it) => {
                let owner = format!("{owner} on queue {}", it.queue.value);
                push(all, &owner, &it.batch, format!("batch {}", it.batch.value));
            }
            TriggerKind::Http(it) => {
                let owner = format!("{owner} on http {} \"{}\"", it.method.value, it.route.value);
                push_http(all, &owner, &it.auth, it.auth.value.to_string());
                if let Some(cors) = &it.cors {
                    push_http(all, &owner, cors, cors.value.to_string());
                }
            }
            TriggerKind::Schedule(it) if it.zone.is_none() => all.push(DefaultValue {
                owner: format!("{owner} on schedule \"{}\"", it.cron.value),
                setting: "in \"UTC\"".to_owned(),
                from: LANGUAGE,
            }),
            TriggerKind::Stream(it) => {
                let owner = format!("{owner} on stream {}", it.source.value);
                log_defaults(&owner, it, all);
            }
            TriggerKind::Table(it) => {
                let owner = format!("{owner} on table {} changed", it.source.value);
                log_defaults(&owner, it, all);
            }
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
}

fn log_defaults(owner: &str, it: &StreamTrigger, all: &mut Vec<DefaultValue>) {
    push(all, owner, &it.batch, format!("batch {}", it.batch.value));
    push(
        all,
        owner,
        &it.from,
        format!("from {}", it.from.value.word()),
    );
    push(
        all,
        owner,
        &it.parallel,
        format!("parallel {}", it.parallel.value),
    );
    if it.retry.is_none() {
        all.push(DefaultValue {
            owner: owner.to_owned(),
            setting: "retry until the record expires".to_owned(),
            from: LANGUAGE,
        });
    }
}

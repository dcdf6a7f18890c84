//! A target's table of limits and capabilities, `targets/<target>/limits.json`: one truth for the checks, the
//! back end and the documentation.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::Target;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    App, Function, Language, Runtime, Setting, Size, StreamTrigger, TriggerKind, Unit,
    duration_text, number,
};
use crate::source::Span;

/// What a target can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The target's name for each runtime it offers, by the program's word; the others are refused.
    pub runtimes: BTreeMap<String, String>,
    /// What a setting may be, by `function.timeout`, `queue.keep`, `queue.batch` and the like.
    pub ranges: BTreeMap<String, Range>,
    /// How each word of the language is carried out.
    pub words: BTreeMap<String, Word>,
}

/// The values a setting may have, in the language's own notation: `"900s"`, `"10GB"`, `"14"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least; none: no bound.
    #[serde(default)]
    pub min: Option<String>,
    /// The most; none: no bound.
    #[serde(default)]
    pub max: Option<String>,
    /// What to do about a value outside; a sentence for the help line.
    #[serde(default)]
    pub help: String,
    /// Document and section that say so.
    pub source: String,
}

/// How a word of the language is carried out on a target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// Whether the meaning is kept.
    pub status: Status,
    /// What it becomes on the target.
    pub how: String,
    /// The code of the notice or the error, where it isn't exact.
    #[serde(default)]
    pub code: String,
    /// Of a refused word: what to do instead.
    #[serde(default)]
    pub instead: String,
}

/// Whether a word's meaning is kept on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Exact,
    /// Nearly; a coded notice or warning says how it differs.
    Approximate,
    /// It can't be; a coded error says why and what to do.
    Refused,
}

impl Limits {
    /// Reads the table; the file is part of the program, so it is well-formed.
    pub fn read(json: &str) -> Limits {
        serde_json::from_str(json).expect("`limits.json` is checked by a test")
    }

    /// Returns the target's name for a runtime, where it offers it.
    pub fn runtime(&self, runtime: Runtime) -> Option<&str> {
        self.runtimes.get(runtime.word()).map(String::as_str)
    }
}

/// Compares every setting of the program with the table.
pub(super) fn check(app: &App, target: Target, limits: &Limits, found: &mut Diagnostics) {
    let mut ranges = Ranges {
        target,
        limits,
        found,
    };
    for queue in app.queues.values() {
        let owner = Owner {
            word: "queue",
            name: &queue.name.value,
            span: queue.name.span,
        };
        ranges.duration(&owner, "queue.keep", queue.keep);
        ranges.duration(&owner, "queue.delay", queue.delay);
        ranges.duration(&owner, "queue.hidden", queue.hidden);
        ranges.size(&owner, "queue.max_size", queue.max_size);
        if let Some(retry) = &queue.retry {
            ranges.count(&owner, "queue.retry", retry.value.count, retry.span());
        }
    }
    for stream in app.streams.values() {
        let owner = Owner {
            word: "stream",
            name: &stream.name.value,
            span: stream.name.span,
        };
        let shards = stream.shards;
        ranges.count(&owner, "stream.shards", shards.value, shards.span());
        ranges.duration(&owner, "stream.keep", stream.keep);
    }
    for bucket in app.buckets.values() {
        if let Some(expire) = bucket.expire {
            let owner = Owner {
                word: "bucket",
                name: &bucket.name.value,
                span: bucket.name.span,
            };
            ranges.duration(&owner, "bucket.expire", expire);
        }
    }
    for function in app.functions.values() {
        function_limits(function, &mut ranges);
    }
}

fn function_limits(function: &Function, ranges: &mut Ranges<'_>) {
    let owner = Owner {
        word: "function",
        name: &function.name.value,
        span: function.name.span,
    };
    ranges.runtime(&owner, function.runtime);
    ranges.size(&owner, "function.memory", function.memory);
    if let Some(disk) = function.disk {
        ranges.size(&owner, "function.disk", disk);
    }
    if let Some(logs) = function.logs {
        ranges.duration(&owner, "function.logs", logs);
    }
    if let Some(layer) = function.layers.last() {
        let count = u32::try_from(function.layers.len()).unwrap_or(u32::MAX);
        ranges.count(&owner, "function.layers", count, Some(layer.span));
    }
    let behind_http = function.has_http() && ranges.limits.ranges.contains_key("http.timeout");
    let timeout = if behind_http {
        "http.timeout"
    } else {
        "function.timeout"
    };
    ranges.duration(&owner, timeout, function.timeout);
    if function.has_pushed() {
        let retry = &function.retry;
        ranges.count(&owner, "function.retry", retry.value.count, retry.span());
    }
    let scale = &function.scale;
    ranges.count(&owner, "scale.min", scale.min.value, scale.min.span());
    if let Some(max) = scale.max.value {
        ranges.count(&owner, "scale.max", max, scale.max.span());
    }
    ranges.count(
        &owner,
        "scale.concurrency",
        scale.concurrency.value,
        scale.concurrency.span(),
    );
    if scale.idle.is_written() {
        ranges.duration(&owner, "scale.idle", scale.idle);
    }
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Queue(it) => {
                ranges.count(&owner, "queue.batch", it.batch.value, it.batch.span());
                ranges.duration(&owner, "queue.within", it.within);
                if let Some(it) = it.concurrency {
                    ranges.count(&owner, "queue.concurrency", it.value, it.span());
                }
            }
            TriggerKind::Stream(it) => ranges.log(&owner, &STREAM, it),
            TriggerKind::Table(it) => ranges.log(&owner, &TABLE, it),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Event(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => {}
        }
    }
}

/// The keys of a trigger that reads a log.
struct LogKeys {
    batch: &'static str,
    within: &'static str,
    parallel: &'static str,
    retry: &'static str,
    max_age: &'static str,
}

const STREAM: LogKeys = LogKeys {
    batch: "on.stream.batch",
    within: "on.stream.within",
    parallel: "on.stream.parallel",
    retry: "on.stream.retry",
    max_age: "on.stream.max_age",
};

const TABLE: LogKeys = LogKeys {
    batch: "on.table.batch",
    within: "on.table.within",
    parallel: "on.table.parallel",
    retry: "on.table.retry",
    max_age: "on.table.max_age",
};

/// Whose setting is compared.
struct Owner<'a> {
    word: &'a str,
    name: &'a str,
    span: Span,
}

struct Ranges<'a> {
    target: Target,
    limits: &'a Limits,
    found: &'a mut Diagnostics,
}

impl Ranges<'_> {
    /// Compares what a trigger on a stream or a table says. A default batch that a target can't take is lowered by
    /// its back end: fewer records a call break nothing.
    fn log(&mut self, owner: &Owner<'_>, keys: &LogKeys, it: &StreamTrigger) {
        if it.batch.is_written() {
            self.count(owner, keys.batch, it.batch.value, it.batch.span());
        }
        self.duration(owner, keys.within, it.within);
        self.count(owner, keys.parallel, it.parallel.value, it.parallel.span());
        if let Some(retry) = &it.retry {
            self.count(owner, keys.retry, retry.value.count, retry.span());
        }
        if let Some(max_age) = it.max_age {
            self.duration(owner, keys.max_age, max_age);
        }
    }

    fn runtime(&mut self, owner: &Owner<'_>, runtime: Setting<Runtime>) {
        // Whether other languages run is a word of the table.
        let other = runtime.value.language() == Language::Other;
        if other || self.limits.runtime(runtime.value).is_some() {
            return;
        }
        let offered: Vec<_> = self.limits.runtimes.keys().map(String::as_str).collect();
        let message = format!("{} has no runtime `{}`", self.target.title(), runtime.value);
        self.found.push(
            Diagnostic::new(Code::FN0802, message)
                .label(
                    runtime.span().unwrap_or(owner.span),
                    format!("the runtime of `{}`", owner.name),
                )
                .help(format!("it has {}", offered.join(", "))),
        );
    }

    fn duration(&mut self, owner: &Owner<'_>, key: &str, setting: Setting<Duration>) {
        self.compare(owner, key, Unit::Duration(setting.value), setting.span());
    }

    fn size(&mut self, owner: &Owner<'_>, key: &str, setting: Setting<Size>) {
        self.compare(owner, key, Unit::Size(setting.value), setting.span());
    }

    fn count(&mut self, owner: &Owner<'_>, key: &str, value: u32, span: Option<Span>) {
        self.compare(owner, key, Unit::Int(value.into()), span);
    }

    fn compare(&mut self, owner: &Owner<'_>, key: &str, value: Unit, span: Option<Span>) {
        let Some(range) = self.limits.ranges.get(key) else {
            return;
        };
        let bound = |text: &Option<String>| text.as_deref().and_then(|it| number(it).ok());
        let below = bound(&range.min).is_some_and(|min| amount(value) < amount(min));
        let above = bound(&range.max).is_some_and(|max| amount(value) > amount(max));
        let limit = match (below, above) {
            (true, _) => format!(
                "{} takes {} or more",
                self.target.title(),
                range.min.as_deref().unwrap_or("")
            ),
            (_, true) => format!(
                "{} takes {} at most",
                self.target.title(),
                range.max.as_deref().unwrap_or("")
            ),
            (false, false) => return,
        };
        let setting = key.rsplit('.').next().unwrap_or(key);
        let behind = if key == "http.timeout" {
            " behind http"
        } else {
            ""
        };
        let message = format!(
            "`{setting}` of {} `{}` is {}{behind}",
            owner.word,
            owner.name,
            shown(value)
        );
        self.found.push(
            Diagnostic::new(Code::FN0801, message)
                .label(span.unwrap_or(owner.span), limit)
                .help(range.help.clone()),
        );
    }
}

fn amount(value: Unit) -> u128 {
    match value {
        Unit::Int(n) => u128::try_from(n).unwrap_or(0),
        Unit::Duration(it) => it.as_millis(),
        Unit::Size(it) => it.0.into(),
        Unit::Percent(n) => n.into(),
        Unit::Rate(it) => it.events.into(),
        Unit::Decimal(_) => 0,
    }
}

fn shown(value: Unit) -> String {
    match value {
        Unit::Int(n) => n.to_string(),
        Unit::Duration(it) => duration_text(it),
        Unit::Size(it) => it.to_string(),
        Unit::Percent(n) => format!("{n}%"),
        Unit::Rate(it) => it.to_string(),
        Unit::Decimal(it) => it.to_string(),
    }
}

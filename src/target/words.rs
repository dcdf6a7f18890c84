//! Which words a program uses, by the keys of the targets' tables, and the refusal of those that a target doesn't offer.

use super::{Limits, Status, Target};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    App, Auth, BucketTrigger, Contract, Function, HttpTrigger, Place, Runtime, Setting,
    StreamTrigger, Thing, Trigger, TriggerKind, Verb,
};
use crate::source::Span;

/// Reports every word that the target's table doesn't list, or lists as refused with the common code.
pub(super) fn check(app: &App, target: Target, limits: &Limits, found: &mut Diagnostics) {
    for (key, span) in used(app) {
        let word = limits.words.get(key);
        let (why, help) = match word {
            Some(word) if word.status != Status::Refused || word.code != Code::FN0803.name() => {
                continue;
            }
            Some(word) => (word.how.as_str(), word.instead.as_str()),
            None => ("fnc doesn't build it for this target yet", ""),
        };
        let others = format!(
            "leave {} out of the targets: `app {} {{ targets … }}`",
            target.title(),
            app.name.value
        );
        let message = format!("{} can't carry out {}", target.title(), title(key));
        found.push(
            Diagnostic::new(Code::FN0803, message)
                .label(span, why)
                .help(if help.is_empty() { &others } else { help }),
        );
    }
}

/// Returns how messages show a key: `` `on stream` with `parallel` ``.
fn title(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    match parts.as_slice() {
        ["on", kind] => format!("`on {kind}`"),
        ["on", kind, word] => format!("`{word}` of `on {kind}`"),
        ["on", kind, word, value] => format!("`{word} {value}` of `on {kind}`"),
        ["function", "can", verb] => format!("`can {verb}`"),
        ["function", "can", verb, kind] => format!("`can {verb}` of a {kind}"),
        [owner, word] => format!("`{word}` of {owner}"),
        [owner, word, value] => format!("`{word} {value}` of {owner}"),
        _ => format!("`{key}`"),
    }
}

/// A word of the program, by its key in the targets' tables, and where it is written.
pub(super) type Use = (&'static str, Span);

/// Returns the words that not every target offers, in the program's order, each where it is written.
pub(super) fn used(app: &App) -> Vec<Use> {
    let mut uses = Uses(Vec::new());
    let about = &app.about;
    if let Some(it) = &about.description {
        uses.add("app.description", it.span);
    }
    if let Some(it) = about.tags.values().next() {
        uses.add("app.tags", it.span);
    }
    if let Some(it) = &about.domain {
        uses.add("app.domain", it.name.span);
    }
    for queue in app.queues.values() {
        uses.place(&queue.place);
    }
    for topic in app.topics.values() {
        uses.place(&topic.place);
    }
    for stream in app.streams.values() {
        uses.add("stream", stream.name.span);
        uses.setting("stream.shards", &stream.shards);
        uses.setting("stream.keep", &stream.keep);
        uses.place(&stream.place);
    }
    for bucket in app.buckets.values() {
        uses.add("bucket", bucket.name.span);
        uses.setting("bucket.versioned", &bucket.versioned);
        uses.option("bucket.expire", bucket.expire.as_ref());
        uses.setting("bucket.public_read", &bucket.public_read);
        uses.place(&bucket.place);
    }
    for table in app.tables.values() {
        uses.add("table", table.name.span);
        for index in &table.indexes {
            uses.add("table.index", index.name.span);
        }
        if let Some(ttl) = &table.ttl {
            uses.add("table.ttl", ttl.span);
        }
        uses.place(&table.place);
    }
    for bus in app.buses.values() {
        uses.add("bus", bus.name.span);
        uses.place(&bus.place);
    }
    for layer in app.layers.values() {
        uses.add("layer", layer.name.span);
    }
    for vpc in app.vpcs.values() {
        uses.add("vpc", vpc.name.span);
    }
    for function in app.functions.values() {
        uses.function(function);
    }
    for output in app.outputs.values() {
        uses.add("output", output.name.span);
    }
    uses.0
}

struct Uses(Vec<Use>);

impl Uses {
    fn add(&mut self, key: &'static str, span: Span) {
        self.0.push((key, span));
    }

    fn setting<T>(&mut self, key: &'static str, setting: &Setting<T>) {
        if let Some(span) = setting.span() {
            self.add(key, span);
        }
    }

    fn option<T>(&mut self, key: &'static str, setting: Option<&Setting<T>>) {
        if let Some(setting) = setting {
            self.setting(key, setting);
        }
    }

    fn place(&mut self, place: &Place) {
        if let Some(external) = &place.external {
            self.add("external", external.span);
        }
        if let Some(named) = &place.named {
            self.add("named", named.span);
        }
    }

    fn function(&mut self, function: &Function) {
        match function.runtime.value {
            Runtime::Custom => self.setting("function.runtime.custom", &function.runtime),
            Runtime::Container => self.setting("function.runtime.container", &function.runtime),
            Runtime::Python311
            | Runtime::Python312
            | Runtime::Python313
            | Runtime::Python314
            | Runtime::Node22
            | Runtime::Node24
            | Runtime::Node26 => {}
        }
        if function.contract.value == Contract::Lambda {
            self.setting("function.contract.lambda", &function.contract);
        }
        self.option("function.disk", function.disk.as_ref());
        self.setting("function.arch", &function.arch);
        self.option("function.logs", function.logs.as_ref());
        self.setting("function.trace", &function.trace);
        if let Some(tag) = function.tags.values().next() {
            self.add("function.tags", tag.span);
        }
        if let Some(layer) = function.layers.first() {
            self.add("function.layers", layer.span);
        }
        if let Some(vpc) = &function.vpc {
            self.add("function.vpc", vpc.span);
        }
        if let Some(named) = &function.named {
            self.add("named", named.span);
        }
        for grant in &function.can {
            if let Some(key) = right(grant.verb, grant.of) {
                self.add(key, grant.resource.span);
            }
        }
        for trigger in &function.triggers {
            self.trigger(trigger);
        }
    }

    fn trigger(&mut self, trigger: &Trigger) {
        match &trigger.kind {
            TriggerKind::Http(it) => self.http(it),
            TriggerKind::Stream(it) => self.log(&STREAM, it),
            TriggerKind::Table(it) => self.log(&TABLE, it),
            TriggerKind::Bucket(it) => self.bucket(it),
            TriggerKind::Event(it) => self.add("on.event", it.event.span),
            TriggerKind::Websocket(_) => self.add("on.websocket", trigger.span),
            TriggerKind::Raw(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_) => {}
        }
        if let Some(filter) = &trigger.filter {
            self.add("where", filter.span);
        }
    }

    fn http(&mut self, it: &HttpTrigger) {
        let key = match &it.auth.value {
            Auth::None => None,
            Auth::Jwt(_) => Some("on.http.auth.jwt"),
            Auth::Key(_) => Some("on.http.auth.key"),
            Auth::Custom(_) => Some("on.http.auth.custom"),
        };
        if let Some(key) = key {
            self.setting(key, &it.auth);
        }
        self.option("on.http.cors", it.cors.as_ref());
    }

    fn bucket(&mut self, it: &BucketTrigger) {
        self.add("on.bucket", it.bucket.span);
        if it.change == crate::model::BucketChange::Deleted {
            self.add("on.bucket.deleted", it.bucket.span);
        }
        self.setting("on.bucket.prefix", &it.prefix);
        self.setting("on.bucket.suffix", &it.suffix);
    }

    fn log(&mut self, keys: &LogKeys, it: &StreamTrigger) {
        self.add(keys.on, it.source.span);
        self.setting(keys.batch, &it.batch);
        self.setting(keys.within, &it.within);
        self.setting(keys.from, &it.from);
        self.setting(keys.parallel, &it.parallel);
        self.option(keys.retry, it.retry.as_ref());
        self.setting(keys.split_on_error, &it.split_on_error);
        self.option(keys.max_age, it.max_age.as_ref());
    }
}

/// The keys of a trigger that reads a log.
struct LogKeys {
    on: &'static str,
    batch: &'static str,
    within: &'static str,
    from: &'static str,
    parallel: &'static str,
    retry: &'static str,
    split_on_error: &'static str,
    max_age: &'static str,
}

const STREAM: LogKeys = LogKeys {
    on: "on.stream",
    batch: "on.stream.batch",
    within: "on.stream.within",
    from: "on.stream.from",
    parallel: "on.stream.parallel",
    retry: "on.stream.retry",
    split_on_error: "on.stream.split_on_error",
    max_age: "on.stream.max_age",
};

const TABLE: LogKeys = LogKeys {
    on: "on.table",
    batch: "on.table.batch",
    within: "on.table.within",
    from: "on.table.from",
    parallel: "on.table.parallel",
    retry: "on.table.retry",
    split_on_error: "on.table.split_on_error",
    max_age: "on.table.max_age",
};

/// Returns the key of a right that not every target gives.
fn right(verb: Verb, of: Thing) -> Option<&'static str> {
    match (verb, of) {
        (Verb::Publish, Thing::Bus) => Some("function.can.publish.bus"),
        (Verb::Write, Thing::Stream) => Some("function.can.write.stream"),
        (Verb::Write, Thing::Bucket) => Some("function.can.write.bucket"),
        (Verb::Write, Thing::Table) => Some("function.can.write.table"),
        (Verb::Read, Thing::Bucket) => Some("function.can.read.bucket"),
        (Verb::Read, Thing::Table) => Some("function.can.read.table"),
        (Verb::Invoke, _) => Some("function.can.invoke"),
        (Verb::Reply, _) => Some("function.can.reply"),
        (Verb::Send | Verb::Publish | Verb::Write | Verb::Read, _) => None,
    }
}

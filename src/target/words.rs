//! Which words a program uses, by the keys of the targets' tables, and the refusal of those that a target doesn't offer.

use std::collections::BTreeSet;

use super::{Limits, Status, Target};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    App, Auth, BucketTrigger, Contract, Function, Hatch, HttpTrigger, Language, Name, Place,
    Runtime, Setting, StreamTrigger, Thing, Trigger, TriggerKind, Verb,
};
use crate::source::Span;

/// Reports every word that the target's table doesn't list, or lists as refused with the common code.
pub(super) fn check(app: &App, target: Target, limits: &Limits, found: &mut Diagnostics) {
    let mut refused = Refused::default();
    let mut said = BTreeSet::new();
    for it in used(app, target) {
        let Use { key, span, .. } = it;
        // What a block of defaults says holds in many places, and is one mistake.
        if refused.covers(&it) || !said.insert((key, span)) {
            continue;
        }
        let word = limits.words.get(key);
        let (why, help) = match word {
            Some(word) if word.status != Status::Refused || word.code != Code::FN0803.name() => {
                continue;
            }
            Some(word) => (word.how.as_str(), word.instead.as_str()),
            None => ("fnc doesn't build it for this target yet", ""),
        };
        refused.add(&it);
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

/// Returns the keys of the words that a program uses, of those that not every target offers.
pub(super) fn keys(app: &App, target: Target) -> BTreeSet<&'static str> {
    used(app, target).iter().map(|it| it.key).collect()
}

/// Returns how messages show a key: `` `on stream` with `parallel` ``.
fn title(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    match parts.as_slice() {
        ["on", kind] => format!("`on {kind}`"),
        ["on", kind, word] => format!("`{word}` of `on {kind}`"),
        ["on", kind, word, value] => format!("`{word} {value}` of `on {kind}`"),
        ["hatch", of] => format!("a target block of a {of}"),
        ["raw", "resource"] => "a raw resource".to_owned(),
        ["raw", "trigger"] => "a raw trigger".to_owned(),
        ["raw", "permission"] => "a raw permission".to_owned(),
        ["external", "import"] => "`import` of an external resource".to_owned(),
        ["external", kind] => format!("`external {kind}`"),
        ["function", "can", verb] => format!("`can {verb}`"),
        ["function", "can", verb, kind] => format!("`can {verb}` of a {kind}"),
        [owner, word] => format!("`{word}` of {owner}"),
        [owner, word, value] => format!("`{word} {value}` of {owner}"),
        _ => format!("`{key}`"),
    }
}

/// What was refused so far: one finding for each cause.
#[derive(Default)]
struct Refused<'a> {
    /// The names whose declarations were refused; their uses need no word of their own.
    names: BTreeSet<&'a str>,
    /// The words that were refused; the settings of a refused trigger need no word of their own.
    words: BTreeSet<(&'a str, &'static str)>,
}

impl<'a> Refused<'a> {
    fn add(&mut self, it: &Use<'a>) {
        if it.declares {
            self.names.insert(it.of);
        }
        self.words.insert((it.of, it.key));
    }

    fn covers(&self, it: &Use<'a>) -> bool {
        let outer = it
            .key
            .match_indices('.')
            .filter_map(|(at, _)| it.key.get(..at));
        let mut outer = outer.map(|key| self.words.contains(&(it.of, key)));
        self.names.contains(it.of) || outer.any(|it| it)
    }
}

/// A word of the program, by its key in the targets' tables.
#[derive(Debug, Clone, Copy)]
struct Use<'a> {
    /// The key.
    key: &'static str,
    /// Where it is written.
    span: Span,
    /// The declared name that it is about.
    of: &'a str,
    /// Whether it declares that name.
    declares: bool,
}

/// Returns the words that not every target offers, declarations first, each where it is written.
fn used(app: &App, target: Target) -> Vec<Use<'_>> {
    let mut uses = Uses {
        target,
        found: Vec::new(),
    };
    uses.about(app);
    for queue in app.queues.values() {
        uses.place(&queue.place, Thing::Queue, &queue.name);
    }
    for topic in app.topics.values() {
        uses.place(&topic.place, Thing::Topic, &topic.name);
    }
    for stream in app.streams.values() {
        if uses.place(&stream.place, Thing::Stream, &stream.name) {
            uses.declare("stream", &stream.name);
            uses.setting("stream.shards", &stream.shards, &stream.name);
            uses.setting("stream.keep", &stream.keep, &stream.name);
        }
    }
    for bucket in app.buckets.values() {
        if uses.place(&bucket.place, Thing::Bucket, &bucket.name) {
            uses.declare("bucket", &bucket.name);
            uses.setting("bucket.versioned", &bucket.versioned, &bucket.name);
            uses.option("bucket.expire", bucket.expire.as_ref(), &bucket.name);
            uses.setting("bucket.public_read", &bucket.public_read, &bucket.name);
        }
    }
    for table in app.tables.values() {
        if uses.place(&table.place, Thing::Table, &table.name) {
            uses.declare("table", &table.name);
            for index in &table.indexes {
                uses.add("table.index", index.name.span, &table.name);
            }
            if let Some(ttl) = &table.ttl {
                uses.add("table.ttl", ttl.span, &table.name);
            }
        }
    }
    for bus in app.buses.values() {
        if uses.place(&bus.place, Thing::Bus, &bus.name) {
            uses.declare("bus", &bus.name);
        }
    }
    for layer in app.layers.values() {
        let key = match layer.folder {
            Some(_) => "layer",
            None => "external.layer",
        };
        uses.declare(key, &layer.name);
        uses.hatches("hatch.layer", &layer.hatches, &layer.name);
    }
    for vpc in app.vpcs.values() {
        uses.declare("vpc", &vpc.name);
    }
    for function in app.functions.values() {
        uses.function(function);
    }
    for output in app.outputs.values() {
        uses.add("output", output.name.span, &output.name);
    }
    uses.target(app);
    uses.found
}

struct Uses<'a> {
    target: Target,
    found: Vec<Use<'a>>,
}

impl<'a> Uses<'a> {
    /// Notes a word that is about a declared name.
    fn add(&mut self, key: &'static str, span: Span, of: &'a Name) {
        self.found.push(Use {
            key,
            span,
            of: of.as_str(),
            declares: false,
        });
    }

    /// Notes a word that declares a name.
    fn declare(&mut self, key: &'static str, name: &'a Name) {
        self.found.push(Use {
            key,
            span: name.span,
            of: name.as_str(),
            declares: true,
        });
    }

    fn setting<T>(&mut self, key: &'static str, setting: &Setting<T>, of: &'a Name) {
        if let Some(span) = setting.span() {
            self.add(key, span, of);
        }
    }

    fn option<T>(&mut self, key: &'static str, setting: Option<&Setting<T>>, of: &'a Name) {
        if let Some(setting) = setting {
            self.setting(key, setting, of);
        }
    }

    fn about(&mut self, app: &'a App) {
        let about = &app.about;
        if let Some(it) = &about.description {
            self.add("app.description", it.span, &app.name);
        }
        if let Some(it) = about.tags.values().next() {
            self.add("app.tags", it.span, &app.name);
        }
        if let Some(it) = &about.domain {
            self.add("app.domain", it.name.span, &app.name);
        }
    }

    /// Notes what the program says in this target's own words, at top level.
    fn target(&mut self, app: &'a App) {
        let target = self.target;
        for raw in app.raw.iter().filter(|it| it.target == target) {
            self.add("raw.resource", raw.name.span, &raw.name);
        }
        for (word, text) in app.settings.get(&self.target).into_iter().flatten() {
            let key = match word.as_str() {
                "account_concurrency" => "aws.account_concurrency",
                "registry" => "knative.registry",
                "domain" => "knative.domain",
                "kafka" => "knative.kafka",
                _ => "knative.gateway",
            };
            self.add(key, text.span, &app.name);
        }
    }

    fn hatches(&mut self, key: &'static str, hatches: &'a [Hatch], of: &'a Name) {
        let target = self.target;
        for hatch in hatches.iter().filter(|it| it.target == target) {
            self.add(key, hatch.body.span, of);
        }
    }

    /// Notes what ties a resource to the world outside; tells whether the program creates it.
    fn place(&mut self, place: &'a Place, thing: Thing, name: &'a Name) -> bool {
        if let Some(external) = &place.external {
            let address = external.addresses.get(&self.target);
            // Without an address it is FN0804, which says so.
            if let (Some(key), Some(address)) = (external_key(thing), address) {
                self.found.push(Use {
                    key,
                    span: external.span,
                    of: name.as_str(),
                    declares: true,
                });
                if let Some(import) = address.get("import") {
                    self.add("external.import", import.span, name);
                }
            }
        }
        if let Some(named) = &place.named {
            self.add("named", named.span, name);
        }
        self.hatches("hatch.resource", &place.hatches, name);
        place.external.is_none()
    }

    fn function(&mut self, function: &'a Function) {
        match function.runtime.value {
            Runtime::Custom => {
                self.setting("function.runtime.custom", &function.runtime, &function.name);
            }
            Runtime::Container => self.setting(
                "function.runtime.container",
                &function.runtime,
                &function.name,
            ),
            Runtime::Python311
            | Runtime::Python312
            | Runtime::Python313
            | Runtime::Python314
            | Runtime::Node22
            | Runtime::Node24
            | Runtime::Node26 => {}
        }
        // An executable speaks the protocol of its platform, and FN0876 or FN0926 say which.
        let spoken_to = function.runtime.value.language() != Language::Other;
        if function.contract.value == Contract::Lambda && spoken_to {
            self.setting(
                "function.contract.lambda",
                &function.contract,
                &function.name,
            );
        }
        self.option("function.disk", function.disk.as_ref(), &function.name);
        self.setting("function.arch", &function.arch, &function.name);
        self.option("function.logs", function.logs.as_ref(), &function.name);
        self.setting("function.trace", &function.trace, &function.name);
        if let Some(tag) = function.tags.values().next() {
            self.add("function.tags", tag.span, &function.name);
        }
        if let Some(layer) = function.layers.first() {
            self.add("function.layers", layer.span, layer);
        }
        if let Some(vpc) = &function.vpc {
            self.add("function.vpc", vpc.span, vpc);
        }
        if let Some(named) = &function.named {
            self.add("named", named.span, &function.name);
        }
        self.hatches("hatch.function", &function.hatches, &function.name);
        let target = self.target;
        for allow in function.allow.iter().filter(|it| it.target == target) {
            let span = allow.actions.first().map_or(function.span, |it| it.span);
            self.add("raw.permission", span, &function.name);
        }
        for grant in &function.can {
            if let Some(key) = right(grant.verb, grant.of) {
                self.add(key, grant.resource.span, &grant.resource);
            }
        }
        for trigger in &function.triggers {
            self.trigger(trigger, function);
        }
    }

    fn trigger(&mut self, trigger: &'a Trigger, function: &'a Function) {
        match &trigger.kind {
            TriggerKind::Http(it) => self.http(it, &function.name),
            TriggerKind::Stream(it) => self.log(&STREAM, it),
            TriggerKind::Table(it) => self.log(&TABLE, it),
            TriggerKind::Bucket(it) => self.bucket(it),
            TriggerKind::Event(it) => self.add("on.event", it.event.span, &it.bus),
            TriggerKind::Websocket(it) => {
                self.add("on.websocket", trigger.span, &function.name);
                self.auth(&it.auth, &function.name);
            }
            TriggerKind::Raw(it) => {
                if it.target == self.target {
                    self.add("raw.trigger", trigger.span, &function.name);
                }
            }
            TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_) => {}
        }
        self.hatches("hatch.trigger", &trigger.hatches, &function.name);
        if let Some(filter) = &trigger.filter {
            self.add("where", filter.span, &function.name);
        }
    }

    fn http(&mut self, it: &'a HttpTrigger, function: &'a Name) {
        self.auth(&it.auth, function);
        self.option("on.http.cors", it.cors.as_ref(), function);
    }

    fn auth(&mut self, auth: &'a Setting<Auth>, function: &'a Name) {
        let key = match &auth.value {
            Auth::None => None,
            Auth::Jwt(_) => Some("on.http.auth.jwt"),
            Auth::Key(_) => Some("on.http.auth.key"),
            Auth::Custom(_) => Some("on.http.auth.custom"),
        };
        if let Some(key) = key {
            self.setting(key, auth, function);
        }
    }

    fn bucket(&mut self, it: &'a BucketTrigger) {
        self.add("on.bucket", it.bucket.span, &it.bucket);
        if it.change == crate::model::BucketChange::Deleted {
            self.add("on.bucket.deleted", it.bucket.span, &it.bucket);
        }
        self.setting("on.bucket.prefix", &it.prefix, &it.bucket);
        self.setting("on.bucket.suffix", &it.suffix, &it.bucket);
    }

    fn log(&mut self, keys: &LogKeys, it: &'a StreamTrigger) {
        let of = &it.source;
        self.add(keys.on, of.span, of);
        self.setting(keys.batch, &it.batch, of);
        self.setting(keys.within, &it.within, of);
        self.setting(keys.from, &it.from, of);
        self.setting(keys.parallel, &it.parallel, of);
        self.option(keys.retry, it.retry.as_ref(), of);
        self.setting(keys.split_on_error, &it.split_on_error, of);
        self.option(keys.max_age, it.max_age.as_ref(), of);
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

/// Returns the key of a resource that another system owns.
fn external_key(thing: Thing) -> Option<&'static str> {
    match thing {
        Thing::Queue => Some("external.queue"),
        Thing::Topic => Some("external.topic"),
        Thing::Stream => Some("external.stream"),
        Thing::Bucket => Some("external.bucket"),
        Thing::Table => Some("external.table"),
        Thing::Bus => Some("external.bus"),
        Thing::Layer | Thing::Vpc | Thing::Function => None,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{self, Choices, HandlerFiles};
    use crate::source::{Source, SourceId};
    use crate::syntax::parse;

    struct NoHandlers;

    impl HandlerFiles for NoHandlers {
        fn read(&self, _path: &str) -> Option<String> {
            None
        }

        fn list(&self, _folder: &str) -> Vec<String> {
            Vec::new()
        }
    }

    /// Checks what is found with a table that lists only these words.
    #[track_caller]
    fn refuses(text: &str, words: &[&str], expected: &[&str]) {
        let source = Source::new(SourceId(0), "app.fn", text);
        let parsed = parse(&source);
        let checked = check::check(&[parsed.file], &Choices::default(), &NoHandlers);
        let words: Vec<_> = words
            .iter()
            .map(|it| format!(r#""{it}": {{ "status": "exact", "how": "so" }}"#))
            .collect();
        let limits = format!(
            r#"{{ "runtimes": {{}}, "ranges": {{}}, "words": {{ {} }} }}"#,
            words.join(", ")
        );
        let mut found = Diagnostics::new();
        let app = checked.app.expect("the program has an app");
        check(&app, Target::Aws, &Limits::read(&limits), &mut found);
        crate::diagnostic::sort(&mut found);
        let places: Vec<_> = found
            .iter()
            .map(|it| source.slice(it.span().unwrap()))
            .collect();
        assert_eq!(places, expected);
    }

    const PROGRAM: &str = r#"
app a
table users { key id string; ttl until }
stream clicks
external queue orders { aws { import = "other-orders" }; azure { namespace = "n"; name = "o" } }
function f {
  handler "src/f.py:handle"
  on stream clicks { batch 5; from latest }
  can read users
  can send orders
}"#;

    #[test]
    fn one_cause_is_said_once() {
        refuses(PROGRAM, &[], &["users", "clicks", "external"]);
        refuses(
            PROGRAM,
            &["table", "stream", "external.queue"],
            &["until", "\"other-orders\"", "clicks", "users"],
        );
        let all = [
            "table",
            "table.ttl",
            "stream",
            "external.queue",
            "external.import",
            "function.can.read.table",
            "on.stream",
        ];
        refuses(PROGRAM, &all, &["5", "latest"]);
    }
}

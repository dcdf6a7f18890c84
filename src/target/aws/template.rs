//! The SAM template.

use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::Aws;
use super::api::{ApiProperties, api};
use super::cfn::Cfn;
use super::code::Code;
use super::function::{Common, Group, common, group};
use super::layer::{LayerProperties, layers};
use super::located::{known_name, located, place};
use super::names::Names;
use super::output::{OutputView, outputs};
use super::queue::{QueuePolicyProperties, QueueProperties, parking_policy, queue};
use super::raw::{RawView, raw};
use super::resource::{Resource, app_description, tag_map};
use super::storage::Storage;
use super::topic::{TopicProperties, topic};
use super::websocket::{Socket, socket};
use crate::model::{App, Function, Target, Thing, TriggerKind};
use crate::target::Backend;
use crate::target::block::block;
use crate::target::render::render;

/// A template.
#[derive(Debug, Serialize)]
pub(super) struct Template<'a> {
    pub(super) description: Option<String>,
    pub(super) globals: Option<Common>,
    pub(super) api: Option<Resource<ApiProperties>>,
    pub(super) socket: Option<Socket>,
    pub(super) queues: Vec<Resource<QueueProperties>>,
    pub(super) policies: Vec<Resource<QueuePolicyProperties>>,
    pub(super) topics: Vec<Resource<TopicProperties>>,
    #[serde(flatten)]
    pub(super) storage: Storage,
    pub(super) layers: Vec<Resource<LayerProperties>>,
    pub(super) functions: Groups<'a>,
    /// Resources in AWS's own words.
    #[serde(skip)]
    pub(super) raw: Vec<RawView>,
    pub(super) outputs: IndexMap<String, OutputView>,
}

impl Template<'_> {
    /// Returns the template's text.
    pub(super) fn text(&self) -> String {
        let head = Head {
            description: self.description.as_deref(),
            globals: self.globals.as_ref().map(|it| {
                let mut made = String::new();
                block(it, 4, &mut made);
                made
            }),
        };
        let mut made = render("aws/template.yaml", &head);
        if let Some(api) = &self.api {
            api.write(&mut made);
        }
        if let Some(socket) = &self.socket {
            socket.write(&mut made);
        }
        for queue in &self.queues {
            queue.write(&mut made);
        }
        for policy in &self.policies {
            policy.write(&mut made);
        }
        for topic in &self.topics {
            topic.write(&mut made);
        }
        self.storage.write(&mut made);
        for layer in &self.layers {
            layer.write(&mut made);
        }
        for group in self.functions.each() {
            group.write(&mut made);
        }
        for raw in &self.raw {
            raw.write(&mut made);
        }
        if !self.outputs.is_empty() {
            made.push_str("Outputs:\n");
            block(&self.outputs, 2, &mut made);
            made.push('\n');
        }
        made
    }
}

/// The functions and what belongs to each. They are most of a template, so each is made when it is written and never
/// held together with the others.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    app: &'a App,
    names: &'a Names,
    code: &'a Code,
    shared: Shared,
}

impl Groups<'_> {
    fn each(&self) -> impl Iterator<Item = Group> {
        let functions = self.app.functions.values();
        functions.map(|it| group(self.app, self.names, it, self.code, &self.shared))
    }
}

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.each())
    }
}

/// What the template of the template's beginning reads; the resources follow, which are too many to copy.
#[derive(Debug, Serialize)]
struct Head<'a> {
    description: Option<&'a str>,
    globals: Option<String>,
}

/// Returns the template of a program.
pub(super) fn template<'a>(app: &'a App, names: &'a Names, code: &'a Code) -> Template<'a> {
    let shared = Shared::new(app, code);
    let description = app_description(app);
    let api = api(app, names, description.clone());
    let socket = socket(app, names, description.clone());
    Template {
        description,
        globals: shared.globals(),
        api,
        socket,
        queues: app
            .queues
            .values()
            .filter(|it| it.place.external.is_none())
            .map(|it| queue(app, names, it))
            .collect(),
        policies: parking_policies(app, names),
        topics: app
            .topics
            .values()
            .filter(|it| it.place.external.is_none())
            .map(|it| topic(app, names, it))
            .collect(),
        storage: Storage::new(app, names),
        layers: layers(app, names),
        functions: Groups {
            app,
            names,
            code,
            shared,
        },
        raw: raw(app, names),
        outputs: outputs(app, names),
    }
}

/// Returns the policies of the queues where SNS and EventBridge park what they can't deliver, in the order of the
/// queues. The policy of a queue that another system owns is its owner's.
fn parking_policies(app: &App, names: &Names) -> Vec<Resource<QueuePolicyProperties>> {
    let mut parked: IndexMap<&str, [IndexMap<String, Cfn>; 2]> = IndexMap::new();
    for function in app.functions.values() {
        let Some(park) = &function.retry.value.park else {
            continue;
        };
        for trigger in &function.triggers {
            let Some((is_rule, name, source)) = pusher(app, names, function, &trigger.kind) else {
                continue;
            };
            let [topics, rules] = parked.entry(park.as_str()).or_default();
            let sources = if is_rule { rules } else { topics };
            sources.insert(name, source);
        }
    }
    let own =
        |it: &&String| place(app, Thing::Queue, it).is_some_and(|place| place.external.is_none());
    let queues = app.queues.keys().filter(own);
    let policy = |queue: &String| {
        let [topics, rules] = parked.get(queue.as_str())?;
        let arns = |it: &IndexMap<String, Cfn>| it.values().cloned().collect();
        Some(parking_policy(queue, arns(topics), arns(rules)))
    };
    queues.filter_map(policy).collect()
}

/// Returns what hands events of a trigger to Lambda and parks those that it can't: whether it is a rule, its
/// name and its ARN.
fn pusher(
    app: &App,
    names: &Names,
    function: &Function,
    kind: &TriggerKind,
) -> Option<(bool, String, Cfn)> {
    match kind {
        TriggerKind::Topic(it) => {
            let topic = app.topics.get(it.topic.as_str())?;
            let arn = || located(app, names, Thing::Topic, it.topic.as_str()).arn;
            (!topic.fifo.value).then(|| (false, it.topic.value.clone(), arn()))
        }
        TriggerKind::Event(it) => {
            let rule = names.rule(function.name.as_str(), &it.event.value);
            let bus = known_name(app, names, Thing::Bus, it.bus.as_str());
            // The bus may be known only when deployed.
            let path = match bus.as_deref() {
                Some("default") => format!("rule/{rule}"),
                Some(bus) => format!("rule/{bus}/{rule}"),
                None => format!("rule/*/{rule}"),
            };
            let arn = Cfn::local_arn("events", &path);
            Some((true, path, arn))
        }
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

/// What all functions have in common: it stands once, under `Globals`.
#[derive(Debug)]
pub(super) struct Shared {
    common: Common,
}

impl Shared {
    fn new(app: &App, code: &Code) -> Shared {
        let mut functions = app.functions.values().map(|it| full(app, it, code));
        // What is shared can't be taken back in a function, and SAM merges lists and maps of both places.
        let mut all = app.functions.values();
        if all.any(|it| is_changed(app, it, code)) {
            return Shared {
                common: Common::default(),
            };
        }
        let (Some(mut common), true) = (functions.next(), app.functions.len() > 1) else {
            return Shared {
                common: Common::default(),
            };
        };
        for other in functions {
            keep_equal(&mut common.package_type, other.package_type.as_ref());
            keep_equal(&mut common.handler, other.handler.as_ref());
            keep_equal(&mut common.code_uri, other.code_uri.as_ref());
            keep_equal(&mut common.runtime, other.runtime.as_ref());
            keep_equal(&mut common.memory_size, other.memory_size.as_ref());
            keep_equal(&mut common.timeout, other.timeout.as_ref());
            keep_equal(
                &mut common.ephemeral_storage,
                other.ephemeral_storage.as_ref(),
            );
            keep_equal(&mut common.tracing, other.tracing.as_ref());
            if common.architectures != other.architectures {
                common.architectures.clear();
            }
        }
        // A function's own tags are added to them.
        common.tags = tag_map(app);
        Shared { common }
    }

    fn globals(&self) -> Option<Common> {
        (self.common != Common::default()).then(|| self.common.clone())
    }

    /// Returns what a function has to say itself.
    pub(super) fn rest(&self, app: &App, function: &Function, code: &Code) -> Common {
        let mut rest = full(app, function, code);
        drop_if(&mut rest.package_type, self.common.package_type.is_some());
        drop_if(&mut rest.handler, self.common.handler.is_some());
        drop_if(&mut rest.code_uri, self.common.code_uri.is_some());
        drop_if(&mut rest.runtime, self.common.runtime.is_some());
        drop_if(&mut rest.memory_size, self.common.memory_size.is_some());
        drop_if(&mut rest.timeout, self.common.timeout.is_some());
        drop_if(
            &mut rest.ephemeral_storage,
            self.common.ephemeral_storage.is_some(),
        );
        drop_if(&mut rest.tracing, self.common.tracing.is_some());
        if !self.common.architectures.is_empty() {
            rest.architectures.clear();
        }
        let shared = |key: &String, value: &mut String| self.common.tags.get(key) != Some(value);
        rest.tags.retain(shared);
        rest
    }
}

/// Tells whether a hatch of a function says something of its own about what functions may share.
fn is_changed(app: &App, function: &Function, code: &Code) -> bool {
    let hatches = function.hatches.iter();
    let mut own = hatches.filter(|it| it.target == Target::Aws).peekable();
    own.peek().is_some() && {
        let shared = json!(full(app, function, code));
        own.any(|it| it.body.entries.keys().any(|key| shared.get(key).is_some()))
    }
}

fn full(app: &App, function: &Function, code: &Code) -> Common {
    let runtime = Aws.limits().runtime(function.runtime.value);
    common(app, function, code, runtime.unwrap_or_default())
}

fn keep_equal<T: PartialEq>(common: &mut Option<T>, other: Option<&T>) {
    drop_if(common, common.as_ref() != other);
}

fn drop_if<T>(value: &mut Option<T>, unneeded: bool) {
    if unneeded {
        *value = None;
    }
}

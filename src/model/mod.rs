//! The program as meant: one stage of it, names resolved, values typed, spans kept. What every back end
//! and the engine read.

mod address;
mod cron;
mod defaults;
mod env;
mod filter;
mod function;
mod hatch;
mod http;
mod resource;
mod route;
mod scenario;
mod setting;
mod shared;
mod stats;
mod target;
mod thing;
mod trigger;
mod units;

use std::collections::BTreeMap;

use indexmap::IndexMap;

pub use address::{host_problem, issuer_problem, origin_problem};
pub use cron::{Cron, CronField};
pub use defaults::{DefaultValue, defaults};
pub use env::{Attribute, EnvPart, EnvValue, EnvVar, Field};
pub use filter::{Comparison, Filter, Literal, Member, Predicate};
pub use function::{
    Arch, Contract, Expect, Function, Grant, Handler, Language, Runtime, Scale, Verb,
};
pub use hatch::{Hatch, RawAllow, RawBody, RawEntry, RawResource, RawValue};
pub use http::{Auth, Cors, Jwt};
pub use resource::{
    Bucket, Bus, External, FieldKind, Place, Queue, Retry, Secret, Stream, Table, TableField,
    TableIndex, TableKey, Topic,
};
pub use route::{Method, Route, RouteSegment};
pub use scenario::{Expectation, HttpCall, Scenario, Sending, Step, StepKind, Stub, matches};
pub use setting::{Origin, Setting};
pub use shared::{Layer, Output, Vpc};
pub use stats::{Hatches, Stats};
pub use target::Target;
pub use thing::Thing;
pub use trigger::{
    BucketChange, BucketTrigger, EventTrigger, EveryTrigger, HttpTrigger, QueueTrigger, RawTrigger,
    ScheduleTrigger, StartFrom, StreamTrigger, TopicTrigger, Trigger, TriggerKind, WebsocketEvent,
    WebsocketTrigger,
};
pub(crate) use units::UNITS;
pub use units::{Rate, Size, Unit, UnitError, duration_text, duration_value, number};

use crate::source::Spanned;

/// A name as the program writes it, and where.
pub type Name = Spanned<String>;

/// One stage of one program. Maps keep the order of declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// The chosen stage, when the program declares stages.
    pub stage: Option<String>,
    /// The targets it is meant for, in the order AWS, Azure, Knative.
    pub targets: Vec<Target>,
    /// Its deploy-time secrets.
    pub secrets: IndexMap<String, Secret>,
    /// Its queues.
    pub queues: IndexMap<String, Queue>,
    /// Its topics.
    pub topics: IndexMap<String, Topic>,
    /// Its streams.
    pub streams: IndexMap<String, Stream>,
    /// Its buckets.
    pub buckets: IndexMap<String, Bucket>,
    /// Its tables.
    pub tables: IndexMap<String, Table>,
    /// Its buses.
    pub buses: IndexMap<String, Bus>,
    /// The code its functions share.
    pub layers: IndexMap<String, Layer>,
    /// The private networks its functions run in.
    pub vpcs: IndexMap<String, Vpc>,
    /// Its functions.
    pub functions: IndexMap<String, Function>,
    /// What it shows when deployed.
    pub outputs: IndexMap<String, Output>,
    /// What it says about itself, in the block of `app`.
    pub about: About,
    /// Resources in a target's own words.
    pub raw: Vec<RawResource>,
    /// The settings of each target's block, by their words.
    pub settings: BTreeMap<Target, IndexMap<String, Spanned<String>>>,
}

/// What the block of `app` says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// `description "…"`
    pub description: Option<Spanned<String>>,
    /// `tags { k = "v" }`: on every resource.
    pub tags: IndexMap<String, Spanned<String>>,
    /// `http { domain "…" }`: the host name its routes answer under.
    pub domain: Option<Domain>,
}

/// A host name of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// The host name.
    pub name: Spanned<String>,
    /// What each target needs to serve it, such as a certificate, by the words of that target's block.
    pub addresses: BTreeMap<Target, BTreeMap<String, Spanned<String>>>,
}

impl App {
    /// Returns `APP` or `APP-STAGE`, the stem of derived names; `_` is kept.
    pub fn stem(&self) -> String {
        match &self.stage {
            Some(stage) => format!("{}-{stage}", self.name.value),
            None => self.name.value.clone(),
        }
    }

    /// Returns the queue triggers on `queue` with the functions they start, in order.
    pub fn consumers<'a>(
        &'a self,
        queue: &'a str,
    ) -> impl Iterator<Item = (&'a Function, &'a QueueTrigger)> {
        let triggers = move |function: &'a Function| {
            let on_queue = move |trigger: &'a Trigger| {
                let it = trigger.kind.queue()?;
                (it.queue.value == queue).then_some((function, it))
            };
            function.triggers.iter().filter_map(on_queue)
        };
        self.functions.values().flat_map(triggers)
    }

    /// Returns each word on who may call or connect, with the function whose trigger it stands on.
    pub fn auths(&self) -> impl Iterator<Item = (&Function, &Setting<Auth>)> {
        self.functions.values().flat_map(|function| {
            let auths = function.triggers.iter().filter_map(|it| it.kind.auth());
            auths.map(move |it| (function, it))
        })
    }

    /// Tells whether a function decides who may call a route or connect. Such a function has no trigger of its own (FN0743),
    /// so that few functions need a search.
    pub fn decides(&self, function: &Function) -> bool {
        let mut deciding = self.auths().filter_map(|(_, it)| it.value.authorizer());
        function.triggers.is_empty() && deciding.any(|it| it.value == function.name.value)
    }

    /// Returns the functions that a message on `topic` starts, in order.
    pub fn subscribers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Function> {
        let subscribed = move |function: &&Function| {
            function
                .triggers
                .iter()
                .filter_map(|it| it.kind.topic())
                .any(|it| it.topic.value == topic)
        };
        self.functions.values().filter(subscribed)
    }
}
